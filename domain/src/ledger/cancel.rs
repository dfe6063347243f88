//! Cancel: what does not run yet never will.

use super::{Ledger, Phase, SettlementRecord};
use crate::id::PackId;
use crate::indexes::Indexes;
use crate::time::Timestamp;

/// Why a cancel is refused. Nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CancelRefusal {
    /// Everything ended before.
    #[error("it has ended already")]
    Ended,
}

impl Ledger {
    /// Cancels the job: tasks that wait are canceled, those that run are recorded when they end and not tried again.
    /// Canceling again changes nothing. The record, if there is one, is to be stored.
    ///
    /// # Errors
    /// [`CancelRefusal`].
    pub fn cancel(&mut self, now: Timestamp) -> Result<Option<SettlementRecord>, CancelRefusal> {
        if self.job.canceled_at.is_some() {
            return Ok(None);
        }
        if self.job.completed_at.is_some() {
            return Err(CancelRefusal::Ended);
        }
        self.job.canceled_at = Some(now);
        self.job.sealed_at.get_or_insert(now);
        self.changes.job = true;
        let waiting: Vec<(PackId, Indexes)> = self
            .packs
            .iter()
            .filter(|(_, pack)| matches!(pack.phase, Phase::Waiting { .. }))
            .map(|(id, pack)| (*id, pack.unsettled.clone()))
            .collect();
        let mut record = SettlementRecord { at: now, ..SettlementRecord::default() };
        for (id, unsettled) in waiting {
            record.canceled.extend(&self.take_unsettled(id, &unsettled));
        }
        self.job.canceled += record.canceled.len();
        self.complete(now);
        Ok((!record.canceled.is_empty()).then_some(record))
    }
}
