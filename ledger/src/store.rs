//! The rows of a job. A pack, a letter and a settlement are one row each, whatever number of tasks they hold.

use std::cell::Cell;
use std::collections::BTreeMap;

use domain::id::{ChunkId, LetterPackId, PackId};
use domain::indexes::Indexes;
use domain::kinds::Kind;
use domain::ledger::{Changes, Job, Ledger, PackRecord, SettlementRecord};
use domain::outgoing::{StoredChunk, callback_line, span};
use domain::time::Timestamp;
use domain::views::JobView;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use worker::{Result, SqlStorage, SqlStorageValue, State};

/// The version of the tables that are written.
const VERSION: i32 = 1;

/// Records are JSON, so that a later release reads what an earlier one wrote. Only `chunks` and `settlements` grow
/// with the payloads; they are written once and never changed.
const TABLES: [&str; 6] = [
    "CREATE TABLE IF NOT EXISTS job (id INTEGER PRIMARY KEY CHECK (id = 0), version INTEGER NOT NULL, record TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS parts (key TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS packs (id INTEGER PRIMARY KEY, record TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS letters (id INTEGER PRIMARY KEY, record TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS chunks (id INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, \
     indexes TEXT NOT NULL, base INTEGER NOT NULL, kind TEXT NOT NULL, accepted_at INTEGER NOT NULL, lines TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS settlements (id INTEGER PRIMARY KEY, chunk INTEGER, first INTEGER NOT NULL, last INTEGER NOT NULL, \
     record TEXT NOT NULL)",
];

/// A chunk to be stored.
pub(crate) struct NewChunkRow<'l> {
    pub(crate) id: ChunkId,
    pub(crate) kind: Kind,
    pub(crate) base: u32,
    pub(crate) indexes: Indexes,
    pub(crate) accepted_at: Timestamp,
    pub(crate) lines: &'l str,
}

/// The object's SQLite database.
pub(crate) struct Store {
    sql: SqlStorage,
    /// Rows written so far, as the platform bills them.
    written: Cell<usize>,
}

impl Store {
    pub(crate) fn new(state: &State) -> Self {
        Self { sql: state.storage().sql(), written: Cell::new(0) }
    }

    /// Rows written so far, as the platform bills them.
    pub(crate) fn rows_written(&self) -> usize {
        self.written.get()
    }

    /// Creates what is missing. Called only when a first part is appended: a read creates nothing.
    pub(crate) fn create_tables(&self) -> Result<()> {
        TABLES.iter().try_for_each(|table| self.run(table, []))
    }

    /// Reads the ledger; `None` if this job was never appended to.
    pub(crate) fn load(&self) -> Result<Option<Ledger>> {
        let tables = self.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'job'", vec![])?;
        if tables.is_empty() {
            return Ok(None);
        }
        let jobs = self.rows("SELECT version, record FROM job", vec![])?;
        let Some(row) = jobs.first() else { return Ok(None) };
        if integer(row, 0)? > i64::from(VERSION) {
            return Err("the job was written by a later version: deploy that version of the ledger".into());
        }
        let job: Job = serde_json::from_str(text(row, 1)?)?;
        let mut parts = BTreeMap::new();
        for row in self.rows("SELECT key, record FROM parts", vec![])? {
            parts.insert(text(&row, 0)?.to_owned(), serde_json::from_str(text(&row, 1)?)?);
        }
        let letters = self.records("SELECT id, record FROM letters", vec![])?;
        let letters = letters.into_iter().map(|(id, record)| (LetterPackId(id), record)).collect();
        Ok(Some(Ledger::load(job, parts, self.packs()?, letters)))
    }

    /// The packs that have unsettled tasks.
    pub(crate) fn packs(&self) -> Result<BTreeMap<PackId, PackRecord>> {
        let packs = self.records("SELECT id, record FROM packs", vec![])?;
        Ok(packs.into_iter().map(|(id, record)| (PackId(id), record)).collect())
    }

    /// The tasks whose payloads are stored.
    pub(crate) fn stored_tasks(&self) -> Result<Indexes> {
        let mut tasks = Indexes::new();
        for (_, indexes) in self.records::<Indexes>("SELECT id, indexes FROM chunks", vec![])? {
            tasks.extend(&indexes);
        }
        Ok(tasks)
    }

    /// The tasks of a chunk.
    pub(crate) fn chunk_tasks(&self, id: ChunkId) -> Result<Indexes> {
        let found = self.records::<Indexes>("SELECT id, indexes FROM chunks WHERE id = ?", vec![id.0.into()])?;
        Ok(found.into_iter().next().map(|(_, tasks)| tasks).unwrap_or_default())
    }

    /// Writes what changed.
    pub(crate) fn write(&self, ledger: &Ledger, changes: &Changes) -> Result<()> {
        if changes.job {
            let record = serde_json::to_string(ledger.job())?;
            self.run(
                "INSERT OR REPLACE INTO job (id, version, record) VALUES (0, ?, ?)",
                [VERSION.into(), record.into()],
            )?;
        }
        for key in &changes.parts {
            let record = serde_json::to_string(&ledger.part(key))?;
            self.run("INSERT OR REPLACE INTO parts (key, record) VALUES (?, ?)", [key.as_str().into(), record.into()])?;
        }
        for id in &changes.packs {
            self.put("packs", id.0, ledger.pack(*id))?;
        }
        for id in &changes.letters {
            self.put("letters", id.0, ledger.letters(*id))?;
        }
        Ok(())
    }

    pub(crate) fn add_chunk(&self, chunk: &NewChunkRow<'_>) -> Result<()> {
        let (first, last) = span(&chunk.indexes).ok_or("a chunk without tasks")?;
        self.run(
            "INSERT INTO chunks (id, first, last, indexes, base, kind, accepted_at, lines) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                chunk.id.0.into(),
                first.into(),
                last.into(),
                serde_json::to_string(&chunk.indexes)?.into(),
                chunk.base.into(),
                chunk.kind.name().into(),
                (chunk.accepted_at.as_millis() as f64).into(),
                chunk.lines.into(),
            ],
        )
    }

    /// Stores what the callback sends: its payload is the job as it ended.
    pub(crate) fn add_callback(&self, ledger: &Ledger, id: ChunkId) -> Result<()> {
        let (Some(url), Some(index)) = (&ledger.job().callback, ledger.callback()) else { return Ok(()) };
        let view = JobView::of(ledger);
        let accepted_at = view.completed_at.unwrap_or(view.created_at);
        let lines = callback_line(url, &view)?;
        let indexes = Indexes::from_iter([index]);
        self.add_chunk(&NewChunkRow { id, kind: Kind::HttpRequest, base: 0, indexes, accepted_at, lines: &lines })
    }

    pub(crate) fn add_settlement(&self, record: &SettlementRecord) -> Result<()> {
        let Some((first, last)) = record.span() else { return Ok(()) };
        let chunk = record.chunk.map_or(JsValue::NULL, |chunk| chunk.0.into());
        let json = serde_json::to_string(record)?;
        self.run(
            "INSERT INTO settlements (chunk, first, last, record) VALUES (?, ?, ?, ?)",
            [chunk, first.into(), last.into(), json.into()],
        )
    }

    /// The chunk `id`.
    pub(crate) fn chunk(&self, id: ChunkId) -> Result<StoredChunk> {
        let query = "SELECT kind, base, accepted_at, lines FROM chunks WHERE id = ?";
        let rows = self.rows(query, vec![id.0.into()])?;
        chunk(rows.into_iter().next().ok_or("a chunk is gone")?)
    }

    /// The chunks that hold any of `tasks`. Chunks of several kinds or due times lie across each other, so their
    /// indexes are looked at before their lines are read.
    pub(crate) fn chunks(&self, tasks: &Indexes) -> Result<Vec<StoredChunk>> {
        let Some((first, last)) = span(tasks) else { return Ok(Vec::new()) };
        let query = "SELECT id, indexes FROM chunks WHERE last >= ? AND first <= ? ORDER BY id";
        let mut chunks = Vec::new();
        for (id, indexes) in self.records::<Indexes>(query, vec![first.into(), last.into()])? {
            if !indexes.intersection(tasks).is_empty() {
                chunks.push(self.chunk(ChunkId(id))?);
            }
        }
        Ok(chunks)
    }

    /// The settlements that may touch tasks from `first` to `last`, in the order they were made; only those of `chunk`
    /// where that is known.
    pub(crate) fn settlements(&self, chunk: Option<ChunkId>, first: u32, last: u32) -> Result<Vec<SettlementRecord>> {
        self.each_settlement(chunk, first, last)?.collect()
    }

    /// The same, read row by row: together they may have many times the memory there is.
    pub(crate) fn each_settlement(
        &self,
        chunk: Option<ChunkId>,
        first: u32,
        last: u32,
    ) -> Result<impl Iterator<Item = Result<SettlementRecord>>> {
        let query = "SELECT record FROM settlements WHERE last >= ?1 AND first <= ?2 \
                     AND (?3 IS NULL OR chunk IS NULL OR chunk = ?3) ORDER BY id";
        let chunk = chunk.map_or(JsValue::NULL, |chunk| chunk.0.into());
        let rows = self.sql.exec_raw(query, vec![first.into(), last.into(), chunk])?.raw();
        Ok(rows.map(|row| Ok(serde_json::from_str(text(&row?, 0)?)?)))
    }

    fn put(&self, table: &str, id: u32, record: Option<&impl Serialize>) -> Result<()> {
        match record {
            Some(record) => {
                let json = serde_json::to_string(record)?;
                self.run(
                    &format!("INSERT OR REPLACE INTO {table} (id, record) VALUES (?, ?)"),
                    [id.into(), json.into()],
                )
            }
            None => self.run(&format!("DELETE FROM {table} WHERE id = ?"), [id.into()]),
        }
    }

    fn records<T: DeserializeOwned>(&self, query: &str, bindings: Vec<JsValue>) -> Result<Vec<(u32, T)>> {
        let read = |row: &Vec<SqlStorageValue>| {
            let id = u32::try_from(integer(row, 0)?).map_err(|error| error.to_string())?;
            Ok((id, serde_json::from_str(text(row, 1)?)?))
        };
        self.rows(query, bindings)?.iter().map(read).collect()
    }

    fn run<const N: usize>(&self, query: &str, bindings: [JsValue; N]) -> Result<()> {
        let cursor = self.sql.exec_raw(query, Vec::from(bindings))?;
        self.written.set(self.written.get() + cursor.rows_written());
        Ok(())
    }

    fn rows(&self, query: &str, bindings: Vec<JsValue>) -> Result<Vec<Vec<SqlStorageValue>>> {
        self.sql.exec_raw(query, bindings)?.raw().collect()
    }
}

fn chunk(row: Vec<SqlStorageValue>) -> Result<StoredChunk> {
    let number = |at| integer(&row, at).and_then(|n| u64::try_from(n).map_err(|error| error.to_string().into()));
    let stored = StoredChunk {
        kind: text(&row, 0)?.parse().map_err(|_| "a chunk of an unknown kind")?,
        base: u32::try_from(number(1)?).map_err(|error| error.to_string())?,
        accepted_at: Timestamp::from_millis(number(2)?),
        lines: String::new(),
    };
    match row.into_iter().nth(3) {
        Some(SqlStorageValue::String(lines)) => Ok(StoredChunk { lines, ..stored }),
        _ => Err("a chunk without lines".into()),
    }
}

fn text(row: &[SqlStorageValue], at: usize) -> Result<&str> {
    match row.get(at) {
        Some(SqlStorageValue::String(text)) => Ok(text),
        _ => Err("a row without the text that belongs there".into()),
    }
}

fn integer(row: &[SqlStorageValue], at: usize) -> Result<i64> {
    match row.get(at) {
        Some(SqlStorageValue::Integer(number)) => Ok(*number),
        Some(SqlStorageValue::Float(number)) => Ok(*number as i64),
        _ => Err("a row without the number that belongs there".into()),
    }
}
