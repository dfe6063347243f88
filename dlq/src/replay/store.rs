//! The rows of a replay: a few records by name, each JSON. Its items are a thousand to a row.

use domain::indexes::Indexes;
use domain::replay::{Progress, Replay, Request, Verdicts};
use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::{Result, SqlStorage, SqlStorageValue, State};

/// Items of one row.
const ITEMS: u32 = 1_000;

/// The object's SQLite database.
pub(crate) struct Store {
    sql: SqlStorage,
}

impl Store {
    pub(crate) fn new(state: &State) -> Self {
        Self { sql: state.storage().sql() }
    }

    /// Reads the replay; `None` if it never began. Reading creates nothing.
    pub(crate) fn load(&self) -> Result<Option<Replay>> {
        let tables = self.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'records'", vec![])?;
        if tables.is_empty() {
            return Ok(None);
        }
        let Some(request) = self.get::<Request>("request")? else { return Ok(None) };
        let progress: Progress = self.get("progress")?.unwrap_or_default();
        let mut verdicts = Verdicts::default();
        for (name, set) in sets(&mut verdicts) {
            *set = self.get(name)?.unwrap_or_default();
        }
        Ok(Some(Replay { request, progress, verdicts }))
    }

    /// Creates a replay with its items.
    pub(crate) fn create(&self, replay: &Replay, items: &[String]) -> Result<()> {
        self.run(
            "CREATE TABLE IF NOT EXISTS records (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
            vec![],
        )?;
        self.put("request", &replay.request)?;
        self.put("progress", &replay.progress)?;
        for (at, items) in items.chunks(ITEMS as usize).enumerate() {
            self.put(&format!("items/{at}"), &items)?;
        }
        Ok(())
    }

    /// Writes what has changed since `before`.
    pub(crate) fn update(&self, before: &Replay, now: &Replay) -> Result<()> {
        if before.progress != now.progress {
            self.put("progress", &now.progress)?;
        }
        let (mut before, mut now) = (before.verdicts.clone(), now.verdicts.clone());
        for ((name, now), (_, before)) in sets(&mut now).into_iter().zip(sets(&mut before)) {
            if now != before {
                self.put(name, now)?;
            }
        }
        Ok(())
    }

    /// The tasks of `items`, in order.
    pub(crate) fn items(&self, items: &Indexes) -> Result<Vec<String>> {
        let mut tasks = Vec::with_capacity(items.len() as usize);
        let mut row: (u32, Vec<String>) = (u32::MAX, Vec::new());
        for item in items.iter() {
            if row.0 != item / ITEMS {
                row = (item / ITEMS, self.get(&format!("items/{}", item / ITEMS))?.unwrap_or_default());
            }
            let task = row.1.get((item % ITEMS) as usize).ok_or("an item that was never stored")?;
            tasks.push(task.clone());
        }
        Ok(tasks)
    }

    /// Keeps why an item was refused.
    pub(crate) fn put_refusal(&self, item: u32, detail: &str) -> Result<()> {
        self.put(&format!("refused/{item}"), &detail)
    }

    /// Why an item was refused.
    pub(crate) fn refusal(&self, item: u32) -> Result<Option<String>> {
        self.get(&format!("refused/{item}"))
    }

    fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let rows = self.rows("SELECT value FROM records WHERE name = ?", vec![name.into()])?;
        match rows.first().and_then(|row| row.first()) {
            Some(SqlStorageValue::String(text)) => Ok(Some(serde_json::from_str(text)?)),
            _ => Ok(None),
        }
    }

    fn put(&self, name: &str, value: &impl Serialize) -> Result<()> {
        let put =
            "INSERT INTO records (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.run(put, vec![name.into(), serde_json::to_string(value)?.into()])
    }

    fn run(&self, sql: &str, values: Vec<SqlStorageValue>) -> Result<()> {
        self.sql.exec(sql, values).map(drop)
    }

    fn rows(&self, sql: &str, values: Vec<SqlStorageValue>) -> Result<Vec<Vec<SqlStorageValue>>> {
        self.sql.exec(sql, values)?.raw().collect()
    }
}

fn sets(verdicts: &mut Verdicts) -> [(&'static str, &mut Indexes); 6] {
    [
        ("sent", &mut verdicts.sent),
        ("succeeded", &mut verdicts.succeeded),
        ("died_again", &mut verdicts.died_again),
        ("canceled", &mut verdicts.canceled),
        ("refused", &mut verdicts.refused),
        ("skipped", &mut verdicts.skipped),
    ]
}
