//! Cancel: what does not run yet never will.

use super::{Ledger, Phase, SealedBy, SettlementRecord};
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
        if self.job.sealed_at.is_none() {
            self.job.sealed_at = Some(now);
            self.job.sealed_by = Some(SealedBy::Cancel);
        }
        self.changes.job = true;
        Ok(self.cancel_waiting(now))
    }

    /// Cancels one task: if it waits, at once; if it runs, it is recorded when it ends and not tried again.
    /// Canceling again changes nothing. The record, if there is one, is to be stored.
    ///
    /// # Errors
    /// [`CancelRefusal`].
    pub fn cancel_task(&mut self, now: Timestamp, index: u32) -> Result<Option<SettlementRecord>, CancelRefusal> {
        if !self.packs.values().any(|pack| !pack.callback && pack.unsettled.contains(index)) {
            return Err(CancelRefusal::Ended);
        }
        self.job.canceling.insert(index);
        self.changes.job = true;
        let record = self.cancel_waiting(now);
        self.forget_ended(record.as_ref().map(|record| &record.canceled));
        Ok(record)
    }

    /// Cancels those of `tasks`, which are in no pack at the moment, that may not run again, and takes them out.
    pub(super) fn cancel_among(&mut self, tasks: &mut Indexes, record: &mut SettlementRecord) {
        let canceled = self.to_cancel(tasks);
        self.job.canceled += canceled.len();
        record.canceled.extend(&canceled);
        tasks.subtract(&canceled);
    }

    /// What has ended need not be remembered as to be canceled: it stands in a row that every claim writes.
    pub(super) fn forget_ended<'i>(&mut self, ended: impl IntoIterator<Item = &'i Indexes>) {
        ended.into_iter().for_each(|ended| self.job.canceling.subtract(ended));
    }

    /// Those of `tasks` that may not run again.
    pub(super) fn to_cancel(&self, tasks: &Indexes) -> Indexes {
        match self.job.canceled_at {
            Some(_) => self.of_job(tasks),
            None => tasks.intersection(&self.job.canceling),
        }
    }

    /// Cancels those of the tasks that wait that may not run again.
    fn cancel_waiting(&mut self, now: Timestamp) -> Option<SettlementRecord> {
        let waiting = self.packs.iter().filter(|(_, pack)| matches!(pack.phase, Phase::Waiting { .. }));
        let chosen: Vec<(PackId, Indexes)> = waiting.map(|(id, pack)| (*id, self.to_cancel(&pack.unsettled))).collect();
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
