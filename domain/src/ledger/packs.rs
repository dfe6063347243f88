//! A pack in the ledger: the tasks that travel, wait or run together.

use serde::{Deserialize, Serialize};

use super::{Ledger, TaskState};
use crate::id::{ChunkId, ClaimNumber, PackId};
use crate::indexes::Indexes;
use crate::kinds::Kind;
use crate::lane::Lane;
use crate::time::Timestamp;

/// A pack with unsettled tasks, as stored. Its payloads are those of its chunk.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PackRecord {
    /// Where its payloads are.
    pub chunk: ChunkId,
    /// The kind of its tasks.
    pub kind: Kind,
    /// The lane it travels in.
    pub lane: Lane,
    /// Which attempt of its tasks this is; the first is 1.
    pub attempt: u8,
    /// Its tasks that have not ended and are not in a later pack.
    pub unsettled: Indexes,
    /// When it may run.
    pub due: Timestamp,
    /// The last claim of it; 0 before the first.
    pub claim: ClaimNumber,
    /// What it waits for.
    pub phase: Phase,
    /// The settlement that it was born of, unless it was appended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
    /// Claims of its tasks that ended without a word.
    #[serde(default)]
    pub losses: u32,
    /// How often each of its tasks has crashed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub crashes: u8,
    /// Whether it is the job's callback, outside of its counts.
    #[serde(default, skip_serializing_if = "is_default")]
    pub callback: bool,
    /// Messages of it that the platform gave up on.
    #[serde(default)]
    pub strandings: u32,
}

/// What a pack waits for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// For a claim. Entered by append, a retry, a crash, a hand-back and a lost claim; left by a claim or a cancel.
    Waiting {
        /// When its message was sent, or its due time if that is later; none while it is held back.
        #[serde(default)]
        sent: Option<Timestamp>,
        /// When it is to be sent, while it is held back.
        next_send: Timestamp,
    },
    /// For its consumer to settle. Entered by a claim; left when all is settled or handed back, or when the claim
    /// is lost.
    Claimed {
        /// The message that brought it.
        message: String,
        /// Which delivery of that message it was.
        delivery: u32,
        /// The end of the lease.
        until: Timestamp,
        /// In quarantine, whether its consumer has said that the first task that is not settled now runs.
        #[serde(default, skip_serializing_if = "is_default")]
        started: bool,
    },
}

/// Leaves a field out of a row that is as it is in most.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The settlement that something was born of: its number within claim and pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Parent {
    /// The pack that was settled.
    pub pack: PackId,
    /// The claim that settled it.
    pub claim: ClaimNumber,
    /// The settlement's number within the claim, from 0.
    pub slice: u32,
}

impl PackRecord {
    /// Where its tasks are.
    pub fn task_state(&self) -> TaskState {
        match self.phase {
            Phase::Claimed { .. } => TaskState::Running,
            Phase::Waiting { .. } if self.attempt > 1 => TaskState::Retrying,
            Phase::Waiting { .. } => TaskState::Queued,
        }
    }
}

impl Ledger {
    /// Adds a pack and gives it its number.
    pub(super) fn bear(&mut self, pack: PackRecord) -> PackId {
        let id = PackId(self.job.packs);
        self.job.packs += 1;
        self.changes.job = true;
        self.changes.packs.insert(id);
        self.packs.insert(id, pack);
        id
    }

    /// Takes `indexes` out of the pack's unsettled tasks and returns those that were among them; a pack without
    /// unsettled tasks is gone.
    pub(super) fn take_unsettled(&mut self, id: PackId, indexes: &Indexes) -> Indexes {
        let Some(pack) = self.packs.get_mut(&id) else { return Indexes::new() };
        let taken = pack.unsettled.intersection(indexes);
        if taken.is_empty() {
            return taken;
        }
        pack.unsettled.subtract(&taken);
        if pack.unsettled.is_empty() {
            self.packs.remove(&id);
        }
        self.changes.packs.insert(id);
        taken
    }
}
