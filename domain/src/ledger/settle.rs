//! Settle: reports become what the ledger knows, and what is to be sent because of it.

use serde::{Deserialize, Serialize};

use super::append::waiting;
use super::{Ledger, PackRecord, Parent, Phase, Report, Rest, RetryGroup, Send, SettlementRecord, Timing};
use crate::id::{ChunkId, ClaimNumber, PackId};
use crate::indexes::Indexes;
use crate::lane::Lane;
use crate::limits::{JOB_LIVE_PACKS, JOB_STORED_BYTES};
use crate::time::Timestamp;

/// One slice of a claim's reports.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settle {
    /// The pack that was claimed.
    pub pack: PackId,
    /// The claim that reports.
    pub claim: ClaimNumber,
    /// The attempt that its tasks were at.
    pub attempt: u8,
    /// The settlement's number within the claim, from 0. The same number again is a repeat.
    pub slice: u32,
    /// What became of the tasks.
    pub report: Report,
    /// What becomes of those not named so far.
    pub rest: Rest,
}

/// The answer to a settlement.
#[derive(Clone, Debug)]
pub struct Settled {
    /// What counted, to be stored; `None` if nothing did.
    pub record: Option<SettlementRecord>,
    /// Exactly what to send.
    pub sends: Vec<Send>,
}

/// Why a settlement is refused. Nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettleRefusal {
    /// No such pack was ever born.
    #[error("there is no such pack")]
    UnknownPack,
    /// No such claim was ever given.
    #[error("there is no such claim")]
    UnknownClaim,
    /// It names tasks that the job does not have.
    #[error("it names tasks that the job does not have")]
    UnknownTask,
    /// It names tasks that were never in the pack.
    #[error("it names tasks that were never in the pack")]
    ForeignTask,
    /// Its errors and what refers to them do not fit together.
    #[error("it refers to errors that it does not list")]
    UnknownError,
}

/// What was settled before, as far as a settlement needs to know: asked only about late reports.
pub trait Past {
    /// Those of `tasks` that are dead letters and have not been reported to have succeeded late.
    fn dead(&self, tasks: &Indexes) -> Indexes;

    /// The tasks of a chunk: asked when something is reported that is not, or not any more, in its pack.
    fn of_chunk(&self, chunk: ChunkId) -> Indexes;
}

impl Ledger {
    /// Settles tasks. The current claim may report anything about the pack's unsettled tasks. Whoever reports
    /// `Done` for a task that has not ended is believed, so a superseded claim may overrule a retry; nothing else of
    /// it counts. A repeat changes nothing and gets the same answer, less what has arrived since. Of a pack that is gone
    /// no more is known than that: whoever reports `Done` for a task of the job is believed there.
    ///
    /// # Errors
    /// [`SettleRefusal`].
    pub fn settle(
        &mut self,
        now: Timestamp,
        mut settle: Settle,
        past: &dyn Past,
        timing: &Timing,
    ) -> Result<Settled, SettleRefusal> {
        self.check(&settle, past)?;
        if self.job.stored >= JOB_STORED_BYTES {
            settle.report.strip();
        }
        let bytes = settle.report.bytes() as u64;
        let parent = Parent { pack: settle.pack, claim: settle.claim, slice: settle.slice };
        let current = self.packs.get(&settle.pack).filter(|pack| pack.claim == settle.claim).cloned();
        let chunk = current.as_ref().map(|pack| pack.chunk);
        let mut record = SettlementRecord { chunk, attempt: settle.attempt, at: now, ..SettlementRecord::default() };

        let mut succeeded = Indexes::new();
        let reported = settle.report.succeeded();
        if current.is_some() {
            succeeded = self.take_unsettled(settle.pack, &reported);
        }
        let mut elsewhere = reported;
        elsewhere.subtract(&succeeded);
        succeeded.extend(&self.overrule(&elsewhere));
        elsewhere.subtract(&succeeded);
        if !elsewhere.is_empty() {
            record.late = past.dead(&elsewhere);
            self.bear_letters(now, record.late.clone(), true, chunk, Some(parent));
        }
        if let Some(pack) = &current {
            self.retry(now, pack, &settle, parent, timing, &mut record);
            self.charge_crashed(now, pack, &settle, parent, timing, &mut record);
            self.bury(now, &settle, parent, &mut record);
            self.hand_back(now, &settle, timing, &mut record);
        }
        self.job.succeeded += self.of_job(&succeeded).len();
        let dead = record.dead.iter().map(|(index, ..)| *index).collect();
        self.forget_ended([&succeeded, &dead, &record.canceled]);
        record.outputs = settle.report.outputs;
        if !elsewhere.is_empty() {
            record.outputs.retain(|(index, _)| succeeded.contains(*index));
        }
        record.done = succeeded;
        record.done.subtract(&record.outputs.iter().map(|(index, _)| *index).collect());

        let counted = record.span().is_some();
        if counted {
            self.changes.job = true;
            self.job.stored += bytes;
            record.errors = settle.report.errors;
            self.complete(now);
        }
        Ok(Settled { record: counted.then_some(record), sends: self.children(parent, settle.rest) })
    }

    fn check(&self, settle: &Settle, past: &dyn Past) -> Result<(), SettleRefusal> {
        if settle.pack.0 >= self.job.packs {
            return Err(SettleRefusal::UnknownPack);
        }
        if self.packs.get(&settle.pack).is_some_and(|pack| settle.claim > pack.claim) || settle.claim.0 == 0 {
            return Err(SettleRefusal::UnknownClaim);
        }
        let last = self.callback().or(self.job.accepted.checked_sub(1));
        if settle.report.named().last() > last {
            return Err(SettleRefusal::UnknownTask);
        }
        if let Some(pack) = self.packs.get(&settle.pack) {
            let mut elsewhere = settle.report.named();
            elsewhere.subtract(&pack.unsettled);
            if !elsewhere.is_empty() {
                elsewhere.subtract(&past.of_chunk(pack.chunk));
            }
            if !elsewhere.is_empty() {
                return Err(SettleRefusal::ForeignTask);
            }
        }
        if !settle.report.errors_resolve() {
            return Err(SettleRefusal::UnknownError);
        }
        Ok(())
    }

    /// Takes `tasks` out of whichever packs hold them: they succeeded after all.
    fn overrule(&mut self, tasks: &Indexes) -> Indexes {
        let mut taken = Indexes::new();
        if tasks.is_empty() {
            return taken;
        }
        let ids: Vec<PackId> = self.packs.keys().copied().collect();
        for id in ids {
            taken.extend(&self.take_unsettled(id, tasks));
        }
        taken
    }

    /// Failed tasks move on to a pack of the next attempt, one for each wait.
    fn retry(
        &mut self,
        now: Timestamp,
        pack: &PackRecord,
        settle: &Settle,
        parent: Parent,
        timing: &Timing,
        record: &mut SettlementRecord,
    ) {
        // One pack for each wait would be more than the ledger can hold.
        let together = (self.packs.len() >= JOB_LIVE_PACKS).then(|| RetryGroup::together(&settle.report.retries));
        for group in together.as_ref().map_or(&*settle.report.retries, std::slice::from_ref) {
            let named = group.tasks.iter().map(|(index, _)| *index).collect();
            let mut failed = self.take_unsettled(settle.pack, &named);
            if failed.is_empty() {
                continue;
            }
            record.retried.extend(group.tasks.iter().filter(|(index, _)| failed.contains(*index)));
            self.cancel_among(&mut failed, record);
            if failed.is_empty() {
                continue;
            }
            let due = now.after(group.wait);
            self.bear(PackRecord {
                attempt: pack.attempt.saturating_add(1),
                unsettled: failed,
                due,
                claim: ClaimNumber(0),
                phase: waiting(now, due, timing),
                parent: Some(parent),
                // Who reports that a task failed is alive: that is no suspect.
                lane: self.job.lane,
                losses: 0,
                strandings: 0,
                ..pack.clone()
            });
        }
    }

    /// Tasks whose handler panicked are charged a crash.
    fn charge_crashed(
        &mut self,
        now: Timestamp,
        pack: &PackRecord,
        settle: &Settle,
        parent: Parent,
        timing: &Timing,
        record: &mut SettlementRecord,
    ) {
        let named = settle.report.crashed.iter().map(|(index, _)| *index).collect();
        let taken = self.take_unsettled(settle.pack, &named);
        let crashed: Vec<(u32, u16)> =
            settle.report.crashed.iter().filter(|(index, _)| taken.contains(*index)).copied().collect();
        if !crashed.is_empty() {
            self.crash(now, pack, crashed, Some(parent), timing, record);
        }
    }

    /// Tasks that will not be tried again become dead letters.
    fn bury(&mut self, now: Timestamp, settle: &Settle, parent: Parent, record: &mut SettlementRecord) {
        let named = settle.report.dead.iter().map(|(index, ..)| *index).collect();
        let dead = self.take_unsettled(settle.pack, &named);
        record.dead.extend(settle.report.dead.iter().filter(|(index, ..)| dead.contains(*index)));
        self.job.dead += self.of_job(&dead).len();
        self.bear_letters(now, dead, false, record.chunk, Some(parent));
    }

    /// What the consumer did not get to waits again, uncharged; in a canceled job it is canceled. One that goes on in
    /// quarantine starts the next task now.
    fn hand_back(&mut self, now: Timestamp, settle: &Settle, timing: &Timing, record: &mut SettlementRecord) {
        let Some(pack) = self.packs.get_mut(&settle.pack) else { return };
        if settle.rest == Rest::Running {
            if let (Lane::Quarantine, Phase::Claimed { started: started @ false, .. }) = (pack.lane, &mut pack.phase) {
                *started = true;
                self.changes.packs.insert(settle.pack);
            }
            return;
        }
        if !matches!(pack.phase, Phase::Claimed { .. }) {
            return;
        }
        let unsettled = pack.unsettled.clone();
        let canceled = self.to_cancel(&unsettled);
        let canceled = self.take_unsettled(settle.pack, &canceled);
        self.job.canceled += canceled.len();
        record.canceled.extend(&canceled);
        let Some(pack) = self.packs.get_mut(&settle.pack) else { return };
        // A claim that got nowhere is not repeated at once: whatever stood in its way has time to pass.
        let nowhere = settle.slice == 0 && settle.report.named().is_empty();
        pack.due = if nowhere { now.after(timing.margin) } else { now };
        pack.phase = waiting(now, pack.due, timing);
        self.changes.packs.insert(settle.pack);
    }

    /// What this settlement gave birth to, or handed back, and nobody has claimed or confirmed yet.
    fn children(&self, parent: Parent, rest: Rest) -> Vec<Send> {
        let under_way = |pack: &PackRecord| matches!(pack.phase, Phase::Waiting { sent: Some(_), .. });
        let born = self.packs.iter().filter(|(_, pack)| pack.parent == Some(parent) && under_way(pack));
        let letters = self.letters.iter().filter(|(_, letters)| letters.parent == Some(parent));
        let mut sends: Vec<Send> = born.map(|(id, _)| Send::Pack(*id)).collect();
        sends.extend(letters.map(|(id, _)| Send::Letters(*id)));
        let handed_back =
            self.packs.get(&parent.pack).is_some_and(|pack| pack.claim == parent.claim && under_way(pack));
        if rest == Rest::HandedBack && handed_back {
            sends.push(Send::Pack(parent.pack));
        }
        sends
    }
}
