//! The ledger of one job: which task is where. A pure state machine; the ledger Worker stores and performs what it
//! decides.
//!
//! Every call takes the time and answers with what to send; what it changed is collected in [`Changes`], to be
//! written in one transaction. If that write fails the machine is thrown away and loaded from the rows again.
//!
//! A task that has not ended is in the unsettled set of exactly one pack. That is the whole state: what is in no
//! pack has ended.

mod append;
mod callback;
mod cancel;
mod changes;
mod claim;
mod expiry;
mod flow;
mod index;
mod job;
mod letters;
mod outbox;
mod packs;
mod poison;
mod report;
mod settle;
mod together;

#[cfg(test)]
mod histories;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::id::{LetterPackId, PackId};
use crate::limits::MAX_LEASE;

pub use append::{AppendRefusal, Appended, JobFull, NewChunk, NewPart, Part, SealRefusal};
pub use cancel::CancelRefusal;
pub use changes::Changes;
pub use claim::{ClaimAnswer, Claimed, Delivery, Idle};
pub use flow::Flow;
pub use index::{Index, IndexedState};
pub use job::{Counts, Job, JobState, SealedBy, Source, TaskState};
pub use letters::{LetterFlow, LetterRecord};
pub use outbox::{Send, Woken};
pub use packs::{PackRecord, Parent, Phase};
pub use poison::{CRASHED, CRASHES};
pub use report::{Report, Rest, RetryGroup, SettlementRecord};
pub use settle::{Past, Settle, SettleRefusal, Settled};
pub use together::SettledTogether;

/// The state of one job.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ledger {
    job: Job,
    parts: BTreeMap<String, Part>,
    packs: BTreeMap<PackId, PackRecord>,
    letters: BTreeMap<LetterPackId, LetterRecord>,
    changes: Changes,
}

/// The waits that the ledger works with; from `config`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How long a claim holds its pack, unless one of its tasks may take longer.
    pub lease: Duration,
    /// What a lease must leave after the last task's timeout, to settle in; and as much before it, to start in.
    pub margin: Duration,
    /// How much earlier than letters that were confirmed others may have been sent and still be under way; how long
    /// nothing must have been confirmed before a probe is sent; and after which the index of jobs is told again.
    pub resend: Duration,
    /// The longest wait for a probe, and to tell the index; both double up to here.
    pub resend_max: Duration,
    /// How much earlier than one that arrived a message may have been sent and still be under way.
    pub grace: Duration,
    /// How long nothing must have arrived before a probe is sent.
    pub quiet: Duration,
    /// The longest such wait; it doubles up to here.
    pub quiet_max: Duration,
    /// How long a task that crashed waits at first; it doubles with each crash.
    pub crash_wait: Duration,
    /// How long an open job may go untouched before it is sealed.
    pub open: Duration,
    /// How long a job is kept after it ended.
    pub keep: Duration,
    /// What is due later than this from now waits in the ledger instead of in the queue.
    pub held_after: Duration,
}

impl Timing {
    /// The lease of a pack whose slowest task may take `timeout`: never longer than
    /// [`MAX_LEASE`].
    pub fn lease_for(&self, timeout: Duration) -> Duration {
        self.lease.max(timeout.saturating_add(self.margin * 2)).min(MAX_LEASE)
    }
}

impl Ledger {
    /// The ledger of a job that begins.
    pub fn begin(job: Job) -> Self {
        let mut ledger = Self::load(job, BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        ledger.changes.job = true;
        ledger
    }

    /// The ledger as stored.
    pub fn load(
        job: Job,
        parts: BTreeMap<String, Part>,
        packs: BTreeMap<PackId, PackRecord>,
        letters: BTreeMap<LetterPackId, LetterRecord>,
    ) -> Self {
        Self { job, parts, packs, letters, changes: Changes::default() }
    }

    /// The job.
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// A part that was appended, by its key.
    pub fn part(&self, key: &str) -> Option<&Part> {
        self.parts.get(key)
    }

    /// A pack that has unsettled tasks.
    pub fn pack(&self, id: PackId) -> Option<&PackRecord> {
        self.packs.get(&id)
    }

    /// A pack of letters that is not wholly confirmed.
    pub fn letters(&self, id: LetterPackId) -> Option<&LetterRecord> {
        self.letters.get(&id)
    }

    /// What changed since the last call, to be written in one transaction.
    pub fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }
}
