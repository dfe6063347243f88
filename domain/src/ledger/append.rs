//! Append: tasks enter the ledger, part by part; a sealed job gets no more.

use serde::{Deserialize, Serialize};

use super::packs::is_default;
use super::{Job, Ledger, PackRecord, Phase, SealedBy, Timing};
use crate::id::{ChunkId, ClaimNumber, PackId};
use crate::indexes::Indexes;
use crate::kinds::Kind;
use crate::time::Timestamp;

/// One request's tasks, to be appended whole.
#[derive(Clone, Debug)]
pub struct NewPart {
    /// Names the part: the same key again is a repeat.
    pub key: String,
    /// Hash of what the request said.
    pub content: String,
    /// Its tasks, as packed; their indexes count from 0.
    pub chunks: Vec<NewChunk>,
    /// Whether it is the job's last.
    pub seal: bool,
}

/// The tasks of one pack.
#[derive(Clone, Debug)]
pub struct NewChunk {
    /// Their kind.
    pub kind: Kind,
    /// When they may run; `None` is at once.
    pub due: Option<Timestamp>,
    /// Which tasks of the part they are.
    pub indexes: Indexes,
}

/// A part as remembered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Part {
    /// Hash of what the request said.
    pub content: String,
    /// The index of its first task.
    pub base: u32,
    /// How many tasks it has.
    pub tasks: u32,
    /// Its first pack; the others follow in order.
    pub first_pack: PackId,
    /// Its first chunk; the others follow in order.
    pub first_chunk: ChunkId,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// Whether its packs were sent again because it came again.
    #[serde(default, skip_serializing_if = "is_default")]
    pub resent: bool,
    /// How many parts were there before it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub number: u32,
}

/// The answer to an append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// The part is new and its tasks are accepted.
    New(Part),
    /// The part was there already; nothing changed.
    Repeat(Part),
}

/// Why a part is refused. Nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendRefusal {
    /// The key is known with other content.
    #[error("the same idempotency key was used with other content")]
    OtherContent,
    /// The job is sealed.
    #[error("the job is sealed and takes no more tasks")]
    Sealed,
    /// The job is canceled.
    #[error("the job is canceled and takes no more tasks")]
    Canceled,
    /// Indexes are 32 bits wide, and the last one is the callback's.
    #[error("the job would have more than {} tasks", u32::MAX - 1)]
    TooManyTasks,
}

/// Why a job is not sealed. Nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealRefusal {
    /// The caller counts differently.
    #[error("{accepted} tasks are accepted, not {claimed}")]
    OtherCount {
        /// What the ledger counts.
        accepted: u32,
        /// What the caller counts.
        claimed: u32,
    },
    /// The job is canceled.
    #[error("the job is canceled")]
    Canceled,
}

impl Ledger {
    /// Appends a part, with a pack for each of its chunks. The same part again appends nothing, whatever became
    /// of the job since.
    ///
    /// # Errors
    /// [`AppendRefusal`].
    pub fn append(&mut self, now: Timestamp, part: NewPart, timing: &Timing) -> Result<Appended, AppendRefusal> {
        if let Some(known) = self.parts.get(&part.key) {
            if known.content != part.content {
                return Err(AppendRefusal::OtherContent);
            }
            let known = known.clone();
            self.send_repeated(now, &part.key);
            return Ok(Appended::Repeat(known));
        }
        if self.job.canceled_at.is_some() {
            return Err(AppendRefusal::Canceled);
        }
        if self.job.sealed_at.is_some() {
            return Err(AppendRefusal::Sealed);
        }
        let appended = Part {
            content: part.content,
            base: self.job.accepted,
            tasks: part.chunks.iter().map(|chunk| chunk.indexes.len()).sum(),
            first_pack: PackId(self.job.packs),
            first_chunk: ChunkId(self.job.chunks),
            accepted_at: now,
            resent: false,
            number: self.parts.len() as u32,
        };
        let shifted: Option<Vec<Indexes>> =
            part.chunks.iter().map(|chunk| chunk.indexes.shifted(appended.base)).collect();
        let (Some(shifted), Some(accepted)) =
            (shifted, self.job.accepted.checked_add(appended.tasks).filter(|total| *total < u32::MAX))
        else {
            return Err(AppendRefusal::TooManyTasks);
        };
        for (chunk, unsettled) in part.chunks.iter().zip(shifted) {
            let due = chunk.due.unwrap_or(now);
            let pack = PackRecord {
                chunk: ChunkId(self.job.chunks),
                kind: chunk.kind,
                lane: self.job.lane,
                attempt: 1,
                unsettled,
                due,
                claim: ClaimNumber(0),
                phase: waiting(now, due, timing),
                parent: None,
                losses: 0,
                crashes: 0,
                callback: false,
                strandings: 0,
            };
            self.job.chunks += 1;
            self.bear(pack);
        }
        self.job.accepted = accepted;
        self.changes.job = true;
        self.changes.parts.insert(part.key.clone());
        self.parts.insert(part.key, appended.clone());
        if part.seal {
            self.job.sealed_at = Some(now);
            self.complete(now);
        }
        Ok(Appended::New(appended))
    }

    /// A part comes again: its first try may have ended before it had sent its packs. Unless a message of the job has
    /// arrived, when the outbox knows better what is lost, the alarm sends them; once only, since a repeat may be one of
    /// many.
    fn send_repeated(&mut self, now: Timestamp, key: &str) {
        let Some(part) = self.parts.get_mut(key) else { return };
        if part.resent || self.job.flow.last_arrival != Timestamp::default() {
            return;
        }
        part.resent = true;
        self.changes.parts.insert(key.to_owned());
        let tasks = part.base..part.base + part.tasks;
        for (id, pack) in &mut self.packs {
            let sent = matches!(pack.phase, Phase::Waiting { sent: Some(_), .. });
            if sent && pack.unsettled.first().is_some_and(|first| tasks.contains(&first)) {
                pack.phase = Phase::Waiting { sent: None, next_send: pack.due.max(now) };
                self.changes.packs.insert(*id);
            }
        }
    }

    /// Seals the job: no more parts. Sealing again changes nothing.
    ///
    /// # Errors
    /// [`SealRefusal`].
    pub fn seal(&mut self, now: Timestamp, claimed: u32) -> Result<&Job, SealRefusal> {
        if claimed != self.job.accepted {
            return Err(SealRefusal::OtherCount { accepted: self.job.accepted, claimed });
        }
        if self.job.sealed_by == Some(SealedBy::Cancel) {
            return Err(SealRefusal::Canceled);
        }
        if self.job.sealed_at.is_none() {
            self.job.sealed_at = Some(now);
            self.changes.job = true;
            self.complete(now);
        }
        Ok(&self.job)
    }
}

/// How a pack begins to wait: under way at once, unless it is due so late that it is held back until then.
pub(super) fn waiting(now: Timestamp, due: Timestamp, timing: &Timing) -> Phase {
    let held = due.since(now) > timing.held_after;
    Phase::Waiting { sent: (!held).then_some(due.max(now)), next_send: due }
}
