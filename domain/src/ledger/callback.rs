//! The callback: once the job has ended, one more task tells its caller. It travels, is tried again and dies like any
//! other, but it is none of the job's: its index is the one after the last, and it is in no count.

use super::{Ledger, PackRecord, Phase};
use crate::id::{ChunkId, ClaimNumber};
use crate::indexes::Indexes;
use crate::kinds::Kind;
use crate::time::Timestamp;

impl Ledger {
    /// The index of the callback, once it is born.
    pub fn callback(&self) -> Option<u32> {
        (self.job.completed_at.is_some() && self.job.callback.is_some()).then_some(self.job.accepted)
    }

    /// Those of `tasks` that are the job's own.
    pub(super) fn of_job(&self, tasks: &Indexes) -> Indexes {
        let mut own = tasks.clone();
        if let Some(callback) = self.callback() {
            own.remove(callback);
        }
        own
    }

    /// The alarm sends it: whatever completed the job is not to be held up. Its chunk is to be stored.
    pub(super) fn bear_callback(&mut self, now: Timestamp) {
        let Some(index) = self.callback() else { return };
        let chunk = ChunkId(self.job.chunks);
        self.job.chunks += 1;
        self.changes.callback = Some(chunk);
        self.bear(PackRecord {
            chunk,
            kind: Kind::HttpRequest,
            lane: self.job.lane,
            attempt: 1,
            unsettled: Indexes::from_iter([index]),
            due: now,
            claim: ClaimNumber(0),
            phase: Phase::Waiting { sent: None, next_send: now },
            parent: None,
            losses: 0,
            crashes: 0,
            callback: true,
            strandings: 0,
        });
    }
}
