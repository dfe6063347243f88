//! The index of jobs: a row for each job that listings and the second net read. The ledger keeps it up to date by its
//! outbox: what the index was not told yet, or could not be told, it is told by the alarm.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{JobState, Ledger, Timing};
use crate::time::Timestamp;

/// What the index knows of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Index {
    /// What it was last told; `None` before the first time.
    pub told: Option<IndexedState>,
    /// Counts what it is told, so that what comes late never overwrites what is newer.
    pub version: u32,
    /// Not told again before this.
    pub next_send: Timestamp,
    /// Times that it was told in vain.
    pub tries: u32,
}

/// What the index is told again when it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct IndexedState {
    /// Where the job is.
    pub state: JobState,
    /// Whether it was asked to be canceled.
    pub cancel_requested: bool,
    /// Whether nothing of it is under way any more.
    pub settled: bool,
    /// Whether it is deleted.
    pub expired: bool,
}

/// How long a change may take to be followed by the next: most jobs are told of once.
const FOLLOWED: Duration = Duration::from_secs(1);

impl Ledger {
    /// What the index should know.
    pub fn indexed_state(&self) -> IndexedState {
        IndexedState {
            state: self.job.state(),
            cancel_requested: self.job.canceled_at.is_some(),
            settled: self.is_settled(),
            expired: self.job.expired_at.is_some(),
        }
    }

    /// The index was told `state`, in the version `version`.
    pub fn indexed(&mut self, version: u32, state: IndexedState) {
        if self.job.index.version == version {
            self.job.index.told = Some(state);
            self.job.index.tries = 0;
            self.job.index.next_send = Timestamp::default();
            self.changes.job = true;
        }
    }

    /// When the index is to be told; `None` if it knows, or need not: a task submitted alone is in no listing, and once
    /// it has ended there is nothing to look after until it expires. (If the platform drops the alarm that is to delete it
    /// then, nobody else does: a kilobyte is left, for two rows of D1 saved for each.) One that the index may have
    /// heard of, though it never said so, is told of again.
    pub(super) fn index_due(&self) -> Option<Timestamp> {
        let (job, state) = (&self.job, self.indexed_state());
        let changed = match job.index.told {
            Some(told) if told == state => return None,
            None if job.unlisted && job.index.version == 0 && state.settled && !state.expired => return None,
            Some(_) => [job.canceled_at, job.completed_at, job.expired_at].into_iter().flatten().max(),
            // What follows soon is told with it.
            None => None,
        };
        Some(changed.unwrap_or(job.created_at).after(FOLLOWED).max(job.index.next_send))
    }

    /// Whether the index is to be told now. The next try is set at once, so that this one may fail.
    pub(super) fn tell_index(&mut self, now: Timestamp, timing: &Timing) -> bool {
        if self.index_due().is_none_or(|due| due > now) {
            return false;
        }
        let index = &mut self.job.index;
        let factor = 1_u32.checked_shl(index.tries).unwrap_or(u32::MAX);
        index.next_send = now.after(timing.resend.saturating_mul(factor).min(timing.resend_max));
        index.tries += 1;
        index.version += 1;
        self.changes.job = true;
        true
    }
}
