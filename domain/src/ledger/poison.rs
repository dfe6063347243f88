//! Poison: claims that end without a word.
//!
//! A lost claim charges nobody: a killed machine looks the same as a task that kills its isolate. What is lost again and
//! again is halved until it is small enough to run alone, one task settled before the next starts. Only there is it
//! known which task was running when a claim was lost: the consumer says that it starts, before it does.

use super::append::waiting;
use super::{Ledger, PackRecord, Phase, SettlementRecord, Timing};
use crate::id::{ClaimNumber, PackId};
use crate::indexes::Indexes;
use crate::lane::Lane;
use crate::ledger::Parent;
use crate::outcome::TaskError;
use crate::time::Timestamp;
use crate::verdict::Reason;

/// From this loss on, a pack is halved.
const LOSSES: u32 = 2;
/// What is no larger than this runs in quarantine instead.
const QUARANTINE_TASKS: u32 = 4;
/// A claim in quarantine that is lost before its consumer said that it starts charges nobody: whoever could not reach the
/// ledger looks the same. From this loss on it is no accident any more.
const UNSTARTED: u32 = 20;
/// A task that crashed this often is dead.
pub const CRASHES: u8 = 3;
/// The class of the error of a crash.
pub const CRASHED: &str = "crashed";

impl Ledger {
    /// The claim of a pack ended without a word: the pack waits again, halved or in quarantine if that is not the first
    /// time. The record, if there is one, is to be stored.
    pub(super) fn lose(&mut self, now: Timestamp, id: PackId, timing: &Timing) -> Option<SettlementRecord> {
        let pack = self.packs.get_mut(&id)?;
        let started = matches!(pack.phase, Phase::Claimed { started: true, .. });
        pack.losses += 1;
        pack.phase = Phase::Waiting { sent: None, next_send: now };
        self.changes.packs.insert(id);
        let lost = pack.clone();
        let mut record = record(now, &lost);

        let canceled = self.to_cancel(&lost.unsettled);
        record.canceled = self.take_unsettled(id, &canceled);
        self.job.canceled += record.canceled.len();
        if lost.lane == Lane::Quarantine && (started || lost.losses >= UNSTARTED) {
            self.charge_first(now, id, timing, &mut record);
        } else if lost.lane != Lane::Quarantine && lost.losses >= LOSSES {
            self.halve(id);
        }
        let counted = record.span().is_some();
        if counted {
            let dead = record.dead.iter().map(|(index, ..)| *index).collect();
            self.forget_ended([&record.canceled, &dead]);
            self.changes.job = true;
            self.complete(now);
        }
        counted.then_some(record)
    }

    /// Tasks of a pack took their isolate down, or their handler panicked: each is charged a crash, and tried again after
    /// a while or given up.
    pub(super) fn crash(
        &mut self,
        now: Timestamp,
        pack: &PackRecord,
        crashed: Vec<(u32, u16)>,
        parent: Option<Parent>,
        timing: &Timing,
        record: &mut SettlementRecord,
    ) {
        let tasks: Indexes = crashed.iter().map(|(index, _)| *index).collect();
        let crashes = pack.crashes + 1;
        if crashes >= CRASHES {
            self.job.dead += self.of_job(&tasks).len();
            record.dead.extend(crashed.into_iter().map(|(index, error)| (index, Reason::Crashed, error)));
            return self.bear_letters(now, tasks, false, Some(pack.chunk), parent);
        }
        record.crashed.extend(crashed);
        let mut again = tasks;
        self.cancel_among(&mut again, record);
        if again.is_empty() {
            return;
        }
        let due = now.after(timing.crash_wait * 2_u32.pow(u32::from(crashes) - 1));
        // Born of a settlement it travels with its answer; otherwise the alarm sends it.
        let phase = match parent {
            Some(_) => waiting(now, due, timing),
            None => Phase::Waiting { sent: None, next_send: due },
        };
        self.bear(PackRecord {
            unsettled: again,
            crashes,
            due,
            claim: ClaimNumber(0),
            phase,
            parent,
            strandings: 0,
            ..pack.clone()
        });
    }

    /// What ran alone when the claim was lost is the first task that is not settled.
    fn charge_first(&mut self, now: Timestamp, id: PackId, timing: &Timing, record: &mut SettlementRecord) {
        let Some(pack) = self.packs.get(&id).cloned() else { return };
        let first = pack.unsettled.clone().take_first(1);
        let suspects = self.take_unsettled(id, &first);
        record.errors = vec![TaskError::new(CRASHED, "its consumer ended without a word while it ran alone")];
        let suspects = suspects.iter().map(|index| (index, 0)).collect();
        self.crash(now, &pack, suspects, None, timing, record);
    }

    /// Halves a pack, or what fits goes to quarantine.
    fn halve(&mut self, id: PackId) {
        let Some(pack) = self.packs.get_mut(&id) else { return };
        if pack.unsettled.len() > QUARANTINE_TASKS {
            let first = pack.unsettled.clone().take_first(pack.unsettled.len().div_ceil(2));
            let mut second = PackRecord { claim: ClaimNumber(0), parent: None, strandings: 0, ..pack.clone() };
            second.unsettled.subtract(&first);
            pack.unsettled = first;
            confine(pack);
            confine(&mut second);
            self.bear(second);
        } else {
            confine(pack);
        }
    }
}

/// A pack that is small enough travels by quarantine.
fn confine(pack: &mut PackRecord) {
    if pack.unsettled.len() <= QUARANTINE_TASKS {
        pack.lane = Lane::Quarantine;
    }
}

fn record(now: Timestamp, pack: &PackRecord) -> SettlementRecord {
    SettlementRecord { chunk: Some(pack.chunk), attempt: pack.attempt, at: now, ..SettlementRecord::default() }
}
