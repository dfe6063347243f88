//! Packing: tasks of one kind and one due time share a message, as many as fit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::indexes::Indexes;
use crate::kinds::Kind;
use crate::limits::{PACK_BYTES, PACK_HEADER_BYTES, REQUEST_PACKED_BYTES, REQUEST_PACKS};
use crate::task::TaskFields;
use crate::time::Timestamp;

/// What tasks must share to share a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackKey {
    /// Which handler runs them.
    pub kind: Kind,
    /// When they may run; `None` is at once.
    pub due: Option<Timestamp>,
}

/// The tasks of one pack as appended to the ledger.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Which handler runs them.
    pub kind: Kind,
    /// When they may run; `None` is at once.
    pub due: Option<Timestamp>,
    /// Which tasks they are.
    pub indexes: Indexes,
    /// A [`crate::task::TaskLine`] each, in order.
    pub lines: String,
}

impl Chunk {
    /// Its entry in an append call.
    pub fn entry(&self) -> ChunkEntry {
        ChunkEntry { kind: self.kind, due: self.due, indexes: self.indexes.clone(), bytes: self.lines.len() }
    }
}

/// A chunk's entry in the list that an append call starts with; its lines follow in the same order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChunkEntry {
    /// Which handler runs the tasks.
    pub kind: Kind,
    /// When they may run; missing is at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// Which tasks they are.
    pub indexes: Indexes,
    /// Bytes of the lines.
    pub bytes: usize,
}

/// The tasks are more than one request may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooMuch {
    /// Tasks share a pack only with tasks of the same kind and due time.
    #[error(
        "the tasks need more than {REQUEST_PACKS} packs: tasks share a pack only with tasks of the same kind and due \
         time. Send them in several requests, or give them fewer different run times"
    )]
    Packs,
    /// Very short tasks grow when they are packed.
    #[error("packed, the tasks have more than {REQUEST_PACKED_BYTES} bytes: send them in several requests")]
    Bytes,
}

/// Packs tasks in order of submission.
pub struct Packer<'a> {
    /// Tasks that one pack of a kind may carry.
    cap: &'a dyn Fn(Kind) -> usize,
    next_index: u32,
    /// Bytes of all lines so far.
    bytes: usize,
    open: BTreeMap<PackKey, usize>,
    chunks: Vec<Chunk>,
    /// Where the last task went: its neighbours mostly follow it there, and need not be looked up or added to its
    /// indexes one by one.
    run: Option<Run>,
}

/// Tasks that went to one pack one after the other.
struct Run {
    key: PackKey,
    /// Their pack's place among the chunks.
    at: usize,
    /// Tasks that the pack has no room for any more.
    cap: usize,
    /// Tasks of the pack.
    tasks: usize,
    /// Index of the first of them.
    first: u32,
}

impl<'a> Packer<'a> {
    /// A packer whose first task gets index 0, with at most `cap(kind)` tasks a pack.
    pub fn new(cap: &'a dyn Fn(Kind) -> usize) -> Self {
        Self { cap, next_index: 0, bytes: 0, open: BTreeMap::new(), chunks: Vec::new(), run: None }
    }

    /// Adds a task, which gets the next index. One larger than a pack travels alone.
    ///
    /// # Errors
    /// [`TooMuch`]; the packer is of no more use then.
    pub fn push(&mut self, key: PackKey, task: &TaskFields<'_>) -> Result<(), TooMuch> {
        let at = self.place(key, task.line_bytes())?;
        let index = self.next_index;
        self.next_index += 1;
        let lines = &mut self.chunks[at].lines;
        let before = lines.len();
        task.write_line(index, lines);
        self.bytes += lines.len() - before;
        if self.bytes > REQUEST_PACKED_BYTES { Err(TooMuch::Bytes) } else { Ok(()) }
    }

    /// How many tasks were added.
    pub fn tasks(&self) -> u32 {
        self.next_index
    }

    /// The packs, ordered by their first task.
    pub fn finish(mut self) -> Vec<Chunk> {
        self.end_run();
        self.chunks
    }

    /// The chunk that the next task goes to, which has `bytes` and is counted there.
    fn place(&mut self, key: PackKey, bytes: usize) -> Result<usize, TooMuch> {
        let fits = |run: &Run, chunks: &[Chunk]| {
            run.tasks < run.cap && chunks[run.at].lines.len() + bytes <= PACK_BYTES - PACK_HEADER_BYTES
        };
        if let Some(run) = self.run.as_mut().filter(|run| run.key == key && fits(run, &self.chunks)) {
            run.tasks += 1;
            return Ok(run.at);
        }
        self.end_run();
        let cap = (self.cap)(key.kind);
        let joined = self.open.get(&key).map(|&at| {
            let tasks = self.chunks[at].indexes.len() as usize;
            Run { key, at, cap, tasks, first: self.next_index }
        });
        let mut run = match joined.filter(|run| fits(run, &self.chunks)) {
            Some(run) => run,
            None => Run { key, at: self.start(key)?, cap, tasks: 0, first: self.next_index },
        };
        run.tasks += 1;
        let at = run.at;
        self.run = Some(run);
        Ok(at)
    }

    fn end_run(&mut self) {
        if let Some(run) = self.run.take() {
            self.chunks[run.at].indexes.insert_range(run.first, self.next_index);
        }
    }

    fn start(&mut self, key: PackKey) -> Result<usize, TooMuch> {
        if self.chunks.len() >= REQUEST_PACKS {
            return Err(TooMuch::Packs);
        }
        // A pack that follows a full one will most likely grow as long; the first of its sort may stay a single task.
        let followed = self.open.get(&key).map_or(0, |at| self.chunks[*at].lines.len());
        let lines = String::with_capacity(followed.min(PACK_BYTES));
        self.chunks.push(Chunk { kind: key.kind, due: key.due, indexes: Indexes::new(), lines });
        let at = self.chunks.len() - 1;
        self.open.insert(key, at);
        Ok(at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::limits::{MESSAGE_BYTES, MESSAGE_METADATA_BYTES, TASK_BYTES};
    use crate::task::TaskLine;

    fn due(second: u64) -> Option<Timestamp> {
        (second > 0).then(|| Timestamp::from_millis(second * 1_000))
    }

    fn tasks() -> impl Strategy<Value = Vec<(bool, u64, usize)>> {
        let size = prop_oneof![8 => 0..300_usize, 1 => 20_000..70_000_usize];
        prop::collection::vec((any::<bool>(), 0..3_u64, size), 0..400)
    }

    proptest! {
        #[test]
        fn nothing_is_lost_order_is_kept_and_limits_are_met(tasks in tasks(), cap in 1..200_usize) {
            let cap_of = |_| cap;
            let mut packer = Packer::new(&cap_of);
            let payloads: Vec<String> = tasks.iter().map(|(_, _, size)| format!("\"{}\"", "x".repeat(*size))).collect();
            for ((simulate, second, _), payload) in tasks.iter().zip(&payloads) {
                let kind = if *simulate { Kind::Simulate } else { Kind::HttpRequest };
                let fields = TaskFields { payload: Some(payload), ..TaskFields::default() };
                packer.push(PackKey { kind, due: due(*second) }, &fields).unwrap();
            }
            prop_assert_eq!(packer.tasks() as usize, tasks.len());
            let chunks = packer.finish();
            let mut seen = vec![false; tasks.len()];
            for chunk in &chunks {
                let lines: Vec<TaskLine<'_>> =
                    chunk.lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
                prop_assert!(lines.iter().map(|line| line.index).eq(chunk.indexes.iter()));
                prop_assert!(lines.len() <= cap);
                let alone_and_large = lines.len() == 1
                    && chunk.lines.len() + PACK_HEADER_BYTES + MESSAGE_METADATA_BYTES <= MESSAGE_BYTES;
                prop_assert!(chunk.lines.len() + PACK_HEADER_BYTES <= PACK_BYTES || alone_and_large);
                for line in lines {
                    let at = line.index as usize;
                    prop_assert!(!std::mem::replace(&mut seen[at], true));
                    prop_assert_eq!(line.payload(), &payloads[at]);
                    prop_assert_eq!(chunk.due, due(tasks[at].1));
                    prop_assert_eq!(chunk.kind == Kind::Simulate, tasks[at].0);
                }
            }
            prop_assert!(seen.into_iter().all(|seen| seen));
            let firsts: Vec<_> = chunks.iter().map(|chunk| chunk.indexes.first()).collect();
            prop_assert!(firsts.is_sorted());
        }
    }

    #[test]
    fn the_largest_task_travels_alone_and_fits_a_message() {
        let payload = format!("\"{}\"", "x".repeat(TASK_BYTES));
        let mut packer = Packer::new(&|_| 100);
        let key = PackKey { kind: Kind::Simulate, due: None };
        packer.push(key, &TaskFields { payload: Some(&payload), ..TaskFields::default() }).unwrap();
        packer.push(key, &TaskFields::default()).unwrap();
        let chunks = packer.finish();
        assert_eq!(chunks.len(), 2);
        assert!(chunks[0].lines.len() + PACK_HEADER_BYTES + MESSAGE_METADATA_BYTES <= MESSAGE_BYTES);
    }

    #[test]
    fn short_tasks_may_not_grow_beyond_the_memory_of_a_worker() {
        let mut packer = Packer::new(&|_| 2_000);
        let key = PackKey { kind: Kind::Simulate, due: None };
        let refused = (0..3_000_000).find_map(|_| packer.push(key, &TaskFields::default()).err());
        assert_eq!(refused, Some(TooMuch::Bytes));
    }

    #[test]
    fn packs_that_are_full_by_count_take_no_more_memory_than_their_lines() {
        let mut packer = Packer::new(&|_| 100);
        let key = PackKey { kind: Kind::Simulate, due: None };
        for _ in 0..10_000 {
            packer.push(key, &TaskFields::default()).unwrap();
        }
        let chunks = packer.finish();
        let held: usize = chunks.iter().map(|chunk| chunk.lines.capacity()).sum();
        let used: usize = chunks.iter().map(|chunk| chunk.lines.len()).sum();
        assert!(held <= 2 * used, "{held} bytes held for {used}");
    }

    #[test]
    fn too_many_packs_are_refused() {
        let mut packer = Packer::new(&|_| 1);
        let key = PackKey { kind: Kind::Simulate, due: None };
        for _ in 0..REQUEST_PACKS {
            packer.push(key, &TaskFields::default()).unwrap();
        }
        assert_eq!(packer.push(key, &TaskFields::default()), Err(TooMuch::Packs));
    }
}
