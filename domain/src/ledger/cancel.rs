//! Cancel: what does not run yet never will.

use super::{Ledger, PackRecord, Phase, SealedBy, SettlementRecord};
use crate::id::PackId;
use crate::indexes::Indexes;
use crate::limits::ROW_RANGES;
use crate::time::Timestamp;

/// Why a cancel is refused. Nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CancelRefusal {
    /// Everything ended before.
    #[error("it has ended already")]
    Ended,
    /// Too many that run are to be canceled one by one.
    #[error("{ROW_RANGES} tasks of this job that run are to be canceled already: try again once they have ended")]
    TooMany,
}

impl Ledger {
    /// Cancels the job: tasks that wait are canceled, those that run are recorded when they end and not tried again.
    /// Canceling again changes nothing. The records are to be stored.
    ///
    /// # Errors
    /// [`CancelRefusal`].
    pub fn cancel(&mut self, now: Timestamp) -> Result<Vec<SettlementRecord>, CancelRefusal> {
        if self.job.canceled_at.is_some() {
            return Ok(Vec::new());
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
    /// Canceling again changes nothing. The records are to be stored.
    ///
    /// # Errors
    /// [`CancelRefusal`].
    pub fn cancel_task(&mut self, now: Timestamp, index: u32) -> Result<Vec<SettlementRecord>, CancelRefusal> {
        let holds = |(_, pack): &(&PackId, &PackRecord)| !pack.callback && pack.unsettled.contains(index);
        let (id, pack) = self.packs.iter().find(holds).ok_or(CancelRefusal::Ended)?;
        let id = *id;
        if matches!(pack.phase, Phase::Waiting { .. }) {
            let canceled = self.take_unsettled(id, &Indexes::from_iter([index]));
            self.job.canceled += canceled.len();
            self.forget_ended([&canceled]);
            self.changes.job = true;
            self.complete(now);
            return Ok(vec![SettlementRecord { at: now, canceled, ..SettlementRecord::default() }]);
        }
        if self.job.canceling.ranges() >= ROW_RANGES && !self.job.canceling.contains(index) {
            return Err(CancelRefusal::TooMany);
        }
        self.job.canceling.insert(index);
        self.changes.job = true;
        Ok(Vec::new())
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

    /// Cancels the tasks that wait: a record for every [`ROW_RANGES`] ranges of them, however they are scattered.
    fn cancel_waiting(&mut self, now: Timestamp) -> Vec<SettlementRecord> {
        let waiting =
            self.packs.iter().filter(|(_, pack)| matches!(pack.phase, Phase::Waiting { .. }) && !pack.callback);
        let waiting: Vec<PackId> = waiting.map(|(id, _)| *id).collect();
        let (mut records, mut canceled) = (Vec::new(), Indexes::new());
        let mut record = |canceled| {
            records.push(SettlementRecord { at: now, canceled, ..SettlementRecord::default() });
        };
        for id in waiting {
            let Some(pack) = self.packs.remove(&id) else { continue };
            self.changes.packs.insert(id);
            self.job.canceled += pack.unsettled.len();
            canceled.extend(&pack.unsettled);
            while canceled.ranges() > ROW_RANGES {
                record(canceled.take_ranges(ROW_RANGES));
            }
        }
        if !canceled.is_empty() {
            record(canceled);
        }
        self.job.canceling = Indexes::new();
        self.complete(now);
        records
    }
}
