//! The rows of a job. A pack, a letter and a settlement are one row each, whatever number of tasks they hold.
//!
//! All are in one table: creating one is billed as two rows, and most jobs have few others. A row's id is its sort and its
//! number among its sort.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;

use domain::id::{ChunkId, LetterPackId, PackId};
use domain::indexes::Indexes;
use domain::kinds::Kind;
use domain::ledger::{Changes, Job, Ledger, PackRecord, SettlementRecord};
use domain::outgoing::{ChunkHead, StoredChunk, callback_line, span};
use domain::views::JobView;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use worker::{Result, SqlStorage, SqlStorageValue, State};

/// The version of the table that is written. An earlier one is brought up to it when it is read (`upgrade.rs`); of a later
/// one nothing is touched.
pub(crate) const VERSION: i32 = 2;

/// Records are JSON, so that a later release reads what an earlier one wrote. `version` is in the job's own row, which is
/// the first; `lines` are a chunk's. Only chunks and settlements grow with the payloads; they are written once and
/// never changed, and have the `first` and the `last` of their tasks.
pub(crate) const TABLE: &str = "CREATE TABLE job (id INTEGER PRIMARY KEY, version INTEGER, first INTEGER, last INTEGER, \
     chunk INTEGER, record TEXT NOT NULL, lines TEXT)";

/// The sorts of rows, in the order of their ids.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Job,
    Part,
    Pack,
    Letters,
    Chunk,
    Settlement,
}

/// Ids of one sort; a part, a pack and so on have 32 bits.
const IDS: u64 = 1 << 40;

impl Sort {
    const fn first(self) -> u64 {
        self as u64 * IDS
    }

    /// The id of its row `number`. JavaScript's numbers hold any of them.
    fn id(self, number: u32) -> JsValue {
        ((self.first() + u64::from(number)) as f64).into()
    }

    /// Where its ids begin and where they end.
    fn ids(self) -> [JsValue; 2] {
        [(self.first() as f64).into(), ((self.first() + IDS) as f64).into()]
    }
}

/// A chunk to be stored.
pub(crate) struct NewChunkRow<'l> {
    pub(crate) id: ChunkId,
    pub(crate) head: ChunkHead,
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

    /// Creates the table. Called only when a first part is appended: a read creates nothing.
    pub(crate) fn create_table(&self) -> Result<()> {
        self.run(TABLE, [])
    }

    /// The version of the table; `None` if this job was never appended to.
    pub(crate) fn version(&self) -> Result<Option<i64>> {
        let tables = self.rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'job'", vec![])?;
        if tables.is_empty() {
            return Ok(None);
        }
        let jobs = self.rows("SELECT version FROM job WHERE id = 0", vec![])?;
        jobs.first().map(|row| integer(row, 0)).transpose()
    }

    /// Reads the ledger.
    pub(crate) fn load(&self) -> Result<Ledger> {
        let mut job: Option<Job> = None;
        let (mut parts, mut packs, mut letters) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let [first_chunk, _] = Sort::Chunk.ids();
        // Row by row: all of them together are several times the ledger.
        for row in self.sql.exec_raw("SELECT id, record FROM job WHERE id < ? ORDER BY id", vec![first_chunk])?.raw() {
            let row = row?;
            let (id, json) = (u64::try_from(integer(&row, 0)?).map_err(|error| error.to_string())?, text(&row, 1)?);
            let number = (id % IDS) as u32;
            if id >= Sort::Letters.first() {
                letters.insert(LetterPackId(number), serde_json::from_str(json)?);
            } else if id >= Sort::Pack.first() {
                packs.insert(PackId(number), serde_json::from_str(json)?);
            } else if id >= Sort::Part.first() {
                let (key, part) = serde_json::from_str(json)?;
                parts.insert(key, part);
            } else {
                job = Some(serde_json::from_str(json)?);
            }
        }
        Ok(Ledger::load(job.ok_or("the job's own row is gone")?, parts, packs, letters))
    }

    /// The packs that have unsettled tasks, row by row.
    pub(crate) fn each_pack(&self) -> Result<impl Iterator<Item = Result<PackRecord>>> {
        self.each(Sort::Pack)
    }

    /// The tasks whose payloads are stored, row by row.
    pub(crate) fn each_stored(&self) -> Result<impl Iterator<Item = Result<Indexes>>> {
        Ok(self.each(Sort::Chunk)?.map(|head: Result<ChunkHead>| Ok(head?.indexes)))
    }

    fn each<T: DeserializeOwned>(&self, sort: Sort) -> Result<impl Iterator<Item = Result<T>>> {
        let rows = self.sql.exec_raw("SELECT id, record FROM job WHERE id >= ? AND id < ?", sort.ids().to_vec())?.raw();
        Ok(rows.map(|row| Ok(record(&row?)?.1)))
    }

    /// The tasks of a chunk.
    pub(crate) fn chunk_tasks(&self, id: ChunkId) -> Result<Indexes> {
        let query = "SELECT id, record FROM job WHERE id >= ? AND id < ? AND id = ?";
        let found = self.heads(query, vec![Sort::Chunk.id(id.0)])?;
        Ok(found.into_iter().next().map(|(_, head)| head.indexes).unwrap_or_default())
    }

    /// Writes what changed.
    pub(crate) fn write(&self, ledger: &Ledger, changes: &Changes) -> Result<()> {
        if changes.job {
            let record = serde_json::to_string(ledger.job())?;
            let query = "INSERT OR REPLACE INTO job (id, version, record) VALUES (?, ?, ?)";
            self.run(query, [Sort::Job.id(0), VERSION.into(), record.into()])?;
        }
        for key in &changes.parts {
            if let Some(part) = ledger.part(key) {
                self.put(Sort::Part, part.number, Some(&(key, part)))?;
            }
        }
        for id in &changes.packs {
            self.put(Sort::Pack, id.0, ledger.pack(*id))?;
        }
        for id in &changes.letters {
            self.put(Sort::Letters, id.0, ledger.letters(*id))?;
        }
        Ok(())
    }

    pub(crate) fn add_chunk(&self, chunk: &NewChunkRow<'_>) -> Result<()> {
        let (first, last) = span(&chunk.head.indexes).ok_or("a chunk without tasks")?;
        let head = serde_json::to_string(&chunk.head)?;
        self.run(
            "INSERT INTO job (id, first, last, record, lines) VALUES (?, ?, ?, ?, ?)",
            [Sort::Chunk.id(chunk.id.0), first.into(), last.into(), head.into(), chunk.lines.into()],
        )
    }

    /// Stores what the callback sends: its payload is the job as it ended.
    pub(crate) fn add_callback(&self, ledger: &Ledger, id: ChunkId) -> Result<()> {
        let (Some(url), Some(index)) = (&ledger.job().callback, ledger.callback()) else { return Ok(()) };
        let view = JobView::of(ledger);
        let accepted_at = view.completed_at.unwrap_or(view.created_at);
        let lines = callback_line(url, &view)?;
        let head = ChunkHead { kind: Kind::HttpRequest, base: 0, accepted_at, indexes: Indexes::from_iter([index]) };
        self.add_chunk(&NewChunkRow { id, head, lines: &lines })
    }

    pub(crate) fn add_settlement(&self, record: &SettlementRecord) -> Result<()> {
        let Some((first, last)) = record.span() else { return Ok(()) };
        let chunk = record.chunk.map_or(JsValue::NULL, |chunk| chunk.0.into());
        let json = serde_json::to_string(record)?;
        let [begin, end] = Sort::Settlement.ids();
        self.run(
            "INSERT INTO job (id, first, last, chunk, record) \
             SELECT coalesce(max(id) + 1, ?1), ?3, ?4, ?5, ?6 FROM job WHERE id >= ?1 AND id < ?2",
            [begin, end, first.into(), last.into(), chunk, json.into()],
        )
    }

    /// The chunk `id`.
    pub(crate) fn chunk(&self, id: ChunkId) -> Result<StoredChunk> {
        let rows = self.rows("SELECT record, lines FROM job WHERE id = ?", vec![Sort::Chunk.id(id.0)])?;
        chunk(rows.into_iter().next().ok_or("a chunk is gone")?)
    }

    /// Which of the chunks `among` hold any of `tasks`. Chunks of several kinds or due times lie across each other, so their
    /// indexes are looked at, one after the other, and not their lines.
    pub(crate) fn chunks_with(&self, among: Range<u32>, tasks: &Indexes) -> Result<Vec<ChunkId>> {
        let Some((first, last)) = span(tasks) else { return Ok(Vec::new()) };
        let query = "SELECT id, record FROM job WHERE id >= ? AND id < ? AND last >= ? AND first <= ? ORDER BY id";
        let bindings = vec![Sort::Chunk.id(among.start), Sort::Chunk.id(among.end), first.into(), last.into()];
        let mut chunks = Vec::new();
        for row in self.sql.exec_raw(query, bindings)?.raw() {
            let (id, head): (u32, ChunkHead) = record(&row?)?;
            if !head.indexes.intersection(tasks).is_empty() {
                chunks.push(ChunkId(id));
            }
        }
        Ok(chunks)
    }

    /// The settlements that may touch tasks from `first` to `last`, in the order they were made; only those of `chunk`
    /// where that is known. Read row by row: together they may have many times the memory there is.
    pub(crate) fn each_settlement(
        &self,
        chunk: Option<ChunkId>,
        first: u32,
        last: u32,
    ) -> Result<impl Iterator<Item = Result<SettlementRecord>>> {
        let query = "SELECT record FROM job WHERE id >= ?1 AND id < ?2 AND last >= ?3 AND first <= ?4 \
                     AND (?5 IS NULL OR chunk IS NULL OR chunk = ?5) ORDER BY id";
        let chunk = chunk.map_or(JsValue::NULL, |chunk| chunk.0.into());
        let [begin, end] = Sort::Settlement.ids();
        let rows = self.sql.exec_raw(query, vec![begin, end, first.into(), last.into(), chunk])?.raw();
        Ok(rows.map(|row| Ok(serde_json::from_str(text(&row?, 0)?)?)))
    }

    /// Settlements from row `from` on, at most `most`, with their row and their size. Rows are numbered one after the other.
    pub(crate) fn settlements_from(
        &self,
        from: u32,
        most: u32,
    ) -> Result<impl Iterator<Item = Result<(u32, SettlementRecord, usize)>>> {
        let bindings = vec![Sort::Settlement.id(from), Sort::Settlement.id(from.saturating_add(most))];
        let rows =
            self.sql.exec_raw("SELECT id, record FROM job WHERE id >= ? AND id < ? ORDER BY id", bindings)?.raw();
        Ok(rows.map(|row| {
            let row = row?;
            let (number, settled) = record(&row)?;
            Ok((number, settled, text(&row, 1)?.len()))
        }))
    }

    fn put(&self, sort: Sort, number: u32, record: Option<&impl Serialize>) -> Result<()> {
        let id = sort.id(number);
        match record {
            Some(record) => {
                let json = serde_json::to_string(record)?;
                self.run("INSERT OR REPLACE INTO job (id, record) VALUES (?, ?)", [id, json.into()])
            }
            None => self.run("DELETE FROM job WHERE id = ?", [id]),
        }
    }

    fn heads(&self, query: &str, bindings: Vec<JsValue>) -> Result<Vec<(u32, ChunkHead)>> {
        self.records(Sort::Chunk, query, bindings)
    }

    /// Records of one sort with their numbers. The first bindings of `query` are where its ids begin and end.
    fn records<T: DeserializeOwned>(&self, sort: Sort, query: &str, bindings: Vec<JsValue>) -> Result<Vec<(u32, T)>> {
        let bindings: Vec<JsValue> = sort.ids().into_iter().chain(bindings).collect();
        self.sql.exec_raw(query, bindings)?.raw().map(|row| record(&row?)).collect()
    }

    pub(crate) fn run<const N: usize>(&self, query: &str, bindings: [JsValue; N]) -> Result<()> {
        let cursor = self.sql.exec_raw(query, Vec::from(bindings))?;
        self.written.set(self.written.get() + cursor.rows_written());
        Ok(())
    }

    fn rows(&self, query: &str, bindings: Vec<JsValue>) -> Result<Vec<Vec<SqlStorageValue>>> {
        self.sql.exec_raw(query, bindings)?.raw().collect()
    }
}

/// A row's number among its sort, and its record.
fn record<T: DeserializeOwned>(row: &[SqlStorageValue]) -> Result<(u32, T)> {
    let id = u64::try_from(integer(row, 0)?).map_err(|error| error.to_string())?;
    Ok(((id % IDS) as u32, serde_json::from_str(text(row, 1)?)?))
}

fn chunk(row: Vec<SqlStorageValue>) -> Result<StoredChunk> {
    let ChunkHead { kind, base, accepted_at, .. } = serde_json::from_str(text(&row, 0)?)?;
    match row.into_iter().nth(1) {
        Some(SqlStorageValue::String(lines)) => Ok(StoredChunk { kind, base, accepted_at, lines }),
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
