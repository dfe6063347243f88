//! Expiry: an open job that nobody touches any more is sealed; a job that ended long ago is deleted.

use super::{Ledger, SealedBy, Timing};
use crate::time::Timestamp;

impl Ledger {
    /// Whether all of the job may be deleted now: it has expired, and the index of jobs knows.
    pub fn is_spent(&self) -> bool {
        self.job.expired_at.is_some() && self.index_due().is_none()
    }

    /// When the job is to be sealed, or deleted; `None` while something of it is under way.
    pub(super) fn expiry_due(&self, timing: &Timing) -> Option<Timestamp> {
        if self.job.sealed_at.is_none() {
            return Some(self.touched_at().after(timing.open));
        }
        if self.is_spent() {
            return self.job.expired_at;
        }
        let kept = self.is_settled() && self.job.expired_at.is_none();
        self.job.completed_at.filter(|_| kept).map(|at| at.after(timing.keep))
    }

    /// Seals the job, or has it deleted, if it is time.
    pub(super) fn expire(&mut self, now: Timestamp, timing: &Timing) {
        if self.is_spent() || self.expiry_due(timing).is_none_or(|due| due > now) {
            return;
        }
        if self.job.sealed_at.is_none() {
            self.job.sealed_at = Some(now);
            self.job.sealed_by = Some(SealedBy::Expiry);
            self.complete(now);
        } else {
            self.job.expired_at = Some(now);
        }
        self.changes.job = true;
    }

    /// Whether it has ended and nothing of it is under way any more, letters and callback included.
    pub(super) fn is_settled(&self) -> bool {
        self.job.completed_at.is_some() && self.packs.is_empty() && self.letters.is_empty()
    }

    fn touched_at(&self) -> Timestamp {
        self.parts.values().map(|part| part.accepted_at).max().unwrap_or(self.job.created_at).max(self.job.created_at)
    }
}
