//! Cancel: what does not run yet never will.

use super::{Ledger, PackRecord, Phase, SettlementRecord};
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
        Ok(self.cancel_packs(now, |pack| matches!(pack.phase, Phase::Waiting { .. })))
    }

    /// Cancels one task: if it waits, at once; if it runs, it is recorded when it ends and not tried again.
    /// Canceling again changes nothing. The record, if there is one, is to be stored.
    ///
    /// # Errors
    /// [`CancelRefusal`].
    pub fn cancel_task(&mut self, now: Timestamp, index: u32) -> Result<Option<SettlementRecord>, CancelRefusal> {
        if !self.packs.values().any(|pack| pack.unsettled.contains(index)) {
            return Err(CancelRefusal::Ended);
        }
        self.job.canceling.insert(index);
        self.changes.job = true;
        Ok(self.cancel_packs(now, |pack| matches!(pack.phase, Phase::Waiting { .. })))
    }

    /// Those of `tasks` that may not run again.
    pub(super) fn to_cancel(&self, tasks: &Indexes) -> Indexes {
        match self.job.canceled_at {
            Some(_) => tasks.clone(),
            None => tasks.intersection(&self.job.canceling),
        }
    }

    /// A lost claim is not made up for as far as its tasks are canceled.
    pub(super) fn cancel_lost(&mut self, now: Timestamp) -> Option<SettlementRecord> {
        if self.job.canceled_at.is_none() && self.job.canceling.is_empty() {
            return None;
        }
        self.cancel_packs(now, |pack| matches!(pack.phase, Phase::Claimed { until, .. } if until <= now))
    }

    /// Cancels those tasks of the packs that `which` chooses that may not run again.
    fn cancel_packs(&mut self, now: Timestamp, which: impl Fn(&PackRecord) -> bool) -> Option<SettlementRecord> {
        let chosen = self.packs.iter().filter(|(_, pack)| which(pack));
        let chosen: Vec<(PackId, Indexes)> = chosen.map(|(id, pack)| (*id, self.to_cancel(&pack.unsettled))).collect();
        let mut record = SettlementRecord { at: now, ..SettlementRecord::default() };
        for (id, unsettled) in chosen {
            record.canceled.extend(&self.take_unsettled(id, &unsettled));
        }
        if !record.canceled.is_empty() {
            self.job.canceled += record.canceled.len();
            self.changes.job = true;
        }
        self.complete(now);
        (!record.canceled.is_empty()).then_some(record)
    }
}
