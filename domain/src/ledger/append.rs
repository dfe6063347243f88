//! Append: tasks enter the ledger, part by part; a sealed job gets no more.

use serde::{Deserialize, Serialize};

use super::packs::is_default;
use super::{Job, Ledger, PackRecord, Phase, SealedBy, Source, Timing};
use crate::id::{ChunkId, ClaimNumber, PackId};
use crate::indexes::Indexes;
use crate::kinds::Kind;
use crate::limits::{JOB_BYTES, JOB_PACKS, JOB_PARTS, JOB_TASKS};
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
    /// Who brings it: a job takes parts of who created it only.
    pub owner: Source,
    /// The index that its first task must have, where its owner goes by it.
    pub at: Option<u32>,
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
    /// Bytes of their lines.
    pub bytes: usize,
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
    /// The job is somebody else's.
    #[error("the job was made by a {} and takes no other tasks", owner(*.0))]
    Foreign(Source),
    /// The job has other tasks than its owner knows.
    #[error("the job has {accepted} tasks, and its owner knows of {expected}")]
    OtherPlace {
        /// What the ledger counts.
        accepted: u32,
        /// What the owner counts.
        expected: u32,
    },
    /// The job holds as much as its ledger can.
    #[error(transparent)]
    Full(#[from] JobFull),
}

/// What a job cannot have more of. The rest of its tasks goes to another job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JobFull {
    /// Tasks.
    #[error("the job would have more than {JOB_TASKS} tasks: seal it and send the rest as another job")]
    Tasks,
    /// Packs.
    #[error(
        "the job would have more than {JOB_PACKS} packs: seal it and send the rest as another job. Tasks share a pack only \
         with tasks of the same kind and due time"
    )]
    Packs,
    /// Parts.
    #[error("the job would have more than {JOB_PARTS} parts: seal it and send the rest as another job")]
    Parts,
    /// Bytes.
    #[error("packed, the job's tasks would have more than {JOB_BYTES} bytes: seal it and send the rest as another job")]
    Bytes,
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
    /// The job is somebody else's.
    #[error("the job was made by a {} and is sealed by it", owner(*.0))]
    Foreign(Source),
}

fn owner(source: Source) -> &'static str {
    match source {
        Source::Api => "request",
        Source::Cron => "schedule",
        Source::Replay => "replay",
    }
}

impl Ledger {
    /// Appends a part, with a pack for each of its chunks. The same part again appends nothing, whatever became
    /// of the job since.
    ///
    /// # Errors
    /// [`AppendRefusal`].
    pub fn append(&mut self, now: Timestamp, part: NewPart, timing: &Timing) -> Result<Appended, AppendRefusal> {
        if part.owner != self.job.source {
            return Err(AppendRefusal::Foreign(self.job.source));
        }
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
        // Told first: who splits what is too much over several jobs seals a full one, and may not hear that it did.
        self.has_room(&part)?;
        if self.job.sealed_at.is_some() {
            return Err(AppendRefusal::Sealed);
        }
        if let Some(expected) = part.at.filter(|at| *at != self.job.accepted) {
            return Err(AppendRefusal::OtherPlace { accepted: self.job.accepted, expected });
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
        for (chunk, unsettled) in part.chunks.iter().zip(shifted.ok_or(JobFull::Tasks)?) {
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
        self.job.accepted += appended.tasks;
        self.job.stored += part.chunks.iter().map(|chunk| chunk.bytes as u64).sum::<u64>();
        self.changes.job = true;
        self.changes.parts.insert(part.key.clone());
        self.parts.insert(part.key, appended.clone());
        if part.seal {
            self.job.sealed_at = Some(now);
            self.complete(now);
        }
        Ok(Appended::New(appended))
    }

    /// Whether the job may have the tasks of `part` too.
    fn has_room(&self, part: &NewPart) -> Result<(), JobFull> {
        let tasks: u64 = part.chunks.iter().map(|chunk| u64::from(chunk.indexes.len())).sum();
        let bytes: u64 = part.chunks.iter().map(|chunk| chunk.bytes as u64).sum();
        if u64::from(self.job.accepted) + tasks > JOB_TASKS.into() {
            return Err(JobFull::Tasks);
        }
        if u64::from(self.job.chunks) + part.chunks.len() as u64 > JOB_PACKS.into() {
            return Err(JobFull::Packs);
        }
        if self.parts.len() >= JOB_PARTS {
            return Err(JobFull::Parts);
        }
        if self.job.stored + bytes > JOB_BYTES {
            return Err(JobFull::Bytes);
        }
        Ok(())
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
    pub fn seal(&mut self, now: Timestamp, claimed: u32, owner: Source) -> Result<&Job, SealRefusal> {
        if owner != self.job.source {
            return Err(SealRefusal::Foreign(self.job.source));
        }
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
