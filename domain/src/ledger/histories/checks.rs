//! What must hold after every step, kept from what was stored and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::{TestCaseError, prop_assert, prop_assert_eq};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::indexes::Indexes;
use crate::lane::Lane;
use crate::ledger::tests::TIMING;
use crate::ledger::*;
use crate::time::Timestamp;
use crate::verdict::Reason;

type Checked = Result<(), TestCaseError>;

/// The store, written only as [`Changes`] say, and what follows from the settlements in it.
#[derive(Default)]
pub(super) struct Truth {
    job: String,
    parts: BTreeMap<String, String>,
    packs: BTreeMap<PackId, String>,
    letters: BTreeMap<LetterPackId, String>,
    settlements: Vec<String>,
    archived: Indexes,
    archived_late: Indexes,
}

impl Truth {
    pub(super) fn store(&mut self, ledger: &mut Ledger, records: Vec<SettlementRecord>) {
        let changes = ledger.take_changes();
        if changes.job {
            self.job = json(&ledger.job);
        }
        write(&mut self.parts, &ledger.parts, changes.parts);
        write(&mut self.packs, &ledger.packs, changes.packs);
        write(&mut self.letters, &ledger.letters, changes.letters);
        self.settlements.extend(records.iter().map(json));
    }

    pub(super) fn load(&self) -> Ledger {
        Ledger::load(parse(&self.job), read(&self.parts), read(&self.packs), read(&self.letters))
    }

    pub(super) fn records(&self) -> Vec<SettlementRecord> {
        self.settlements.iter().map(|text| parse(text)).collect()
    }

    pub(super) fn archive(&mut self, letters: &LetterRecord) {
        let archive = if letters.late_success { &mut self.archived_late } else { &mut self.archived };
        archive.extend(&letters.unconfirmed);
    }

    /// Everything that holds between two calls.
    pub(super) fn check(&self, ledger: &Ledger, now: Timestamp) -> Checked {
        prop_assert_eq!(&self.load(), ledger, "changes name every record that differs from the stored one");

        let counts = ledger.counts();
        let underway = counts.queued + counts.running + counts.retrying;
        prop_assert_eq!(counts.accepted, underway + counts.succeeded + counts.dead + counts.canceled);
        let ended = self.ended()?;
        let callback = ledger.callback();
        let own = |set: &Indexes| set.iter().filter(|index| Some(*index) != callback).count() as u32;
        let tasks = [&ended.succeeded, &ended.dead, &ended.canceled].map(own);
        prop_assert_eq!(tasks, [counts.succeeded, counts.dead, counts.canceled], "what is stored adds up");

        let mut seen = ended.all();
        for pack in ledger.packs.values() {
            prop_assert!(!pack.unsettled.is_empty(), "a pack without tasks");
            prop_assert!(seen.intersection(&pack.unsettled).is_empty(), "a task in two places");
            seen.extend(&pack.unsettled);
            let claimed = matches!(pack.phase, Phase::Claimed { .. });
            let canceled = ledger.job.canceled_at.is_some() && !pack.callback;
            prop_assert!(claimed || !canceled, "a task waits in a canceled job");
            prop_assert!(pack.crashes < CRASHES, "a task that crashed too often waits");
        }
        let all = counts.accepted + u32::from(callback.is_some());
        prop_assert_eq!(seen, (0..all).collect::<Indexes>(), "no task is lost, nor the callback");

        let complete = ledger.job.sealed_at.is_some() && ledger.packs.values().all(|pack| pack.callback);
        prop_assert_eq!(ledger.job.completed_at.is_some(), complete);
        let mut letters = Indexes::new();
        letters.extend(&self.archived);
        ledger.letters.values().filter(|record| !record.late_success).for_each(|r| letters.extend(&r.unconfirmed));
        prop_assert_eq!(letters, ended.dead, "a letter for each dead task and no other");
        prop_assert!(ledger.next_wake(&TIMING).is_some(), "whatever is under way at {}, there is an alarm", now);
        Ok(())
    }

    /// Who has ended how, by the settlements alone: no task ends twice, no attempt of it is charged twice.
    fn ended(&self) -> Result<Ended, TestCaseError> {
        let mut ended = Ended::default();
        let mut charged = BTreeSet::new();
        let mut crashes = BTreeMap::new();
        for record in self.records() {
            let dead: Indexes = record.dead.iter().map(|(index, ..)| *index).collect();
            let mut succeeded: Indexes = record.outputs.iter().map(|(index, _)| *index).collect();
            prop_assert!(succeeded.intersection(&record.done).is_empty());
            succeeded.extend(&record.done);
            for (which, set) in
                [(&succeeded, &mut ended.succeeded), (&dead, &mut ended.dead), (&record.canceled, &mut ended.canceled)]
            {
                let before = set.len();
                set.extend(which);
                prop_assert_eq!(set.len(), before + which.len(), "a task ended twice");
            }
            let sum = ended.succeeded.len() + ended.dead.len() + ended.canceled.len();
            prop_assert_eq!(ended.all().len(), sum, "a task ended in two ways");
            let crashed = |index: &u32| record.dead.iter().any(|dead| dead.0 == *index && dead.1 == Reason::Crashed);
            let dead = dead.iter().filter(|index| !crashed(index));
            for index in record.retried.iter().map(|(index, _)| *index).chain(dead) {
                prop_assert!(charged.insert((index, record.attempt)), "an attempt of {} charged twice", index);
            }
            for (index, _) in &record.crashed {
                let crashes = crashes.entry(*index).or_insert(0);
                *crashes += 1;
                prop_assert!(*crashes < CRASHES, "{} crashed once too often", index);
            }
            for (index, reason, _) in &record.dead {
                let crashes = crashes.get(index).copied().unwrap_or_default();
                prop_assert!(*reason != Reason::Crashed || crashes == CRASHES - 1, "dead of {} crashes", crashes);
            }
            prop_assert_eq!(record.late.intersection(&ended.dead), record.late.clone(), "late, and not dead");
            prop_assert!(record.late.intersection(&ended.late).is_empty(), "late twice");
            ended.late.extend(&record.late);
        }
        Ok(ended)
    }

    /// A claim hands out what has not ended, to nobody while another has it.
    pub(super) fn check_claim(
        &self,
        ledger: &Ledger,
        now: Timestamp,
        id: PackId,
        before: Option<PackRecord>,
        asking: &Delivery,
        answer: &ClaimAnswer,
    ) -> Checked {
        let after = ledger.pack(id);
        let (claim, indexes) = match answer {
            ClaimAnswer::Run { claim, indexes, .. } => (*claim, indexes),
            ClaimAnswer::Idle(idle) => {
                let expected = match idle {
                    Idle::Settled => after.is_none(),
                    Idle::Canceled => after.is_none() && ledger.job.canceled_at.is_some(),
                    Idle::NotDue => after.is_some_and(|pack| pack.due > now),
                    Idle::Moved => after.is_some_and(|pack| pack.lane == Lane::Quarantine),
                    Idle::Leased | Idle::Overtaken => before.is_some_and(|pack| pack.claim.0 > 0),
                    Idle::Unknown => false,
                };
                prop_assert!(expected, "{:?}", idle);
                return Ok(());
            }
        };
        let Some(before) = before else { return Err(TestCaseError::fail("a pack that is gone was claimed")) };
        prop_assert_eq!(Some(indexes), after.map(|pack| &pack.unsettled));
        prop_assert_eq!(&indexes.intersection(&before.unsettled), indexes);
        prop_assert!(indexes.intersection(&self.ended()?.all()).is_empty(), "an ended task runs again");
        if let Phase::Claimed { message: holder, delivery, until, .. } = &before.phase {
            let same = *holder == asking.message && *delivery == asking.attempts && *until > now;
            let later = *holder == asking.message && asking.attempts > *delivery;
            prop_assert!(same || later || *until <= now, "two at once");
            prop_assert_eq!(same, claim == before.claim);
            let canceled = ledger.job.canceled_at.is_some() && !before.callback;
            prop_assert!(same || !canceled, "a canceled job runs on");
        }
        Ok(())
    }

    /// A Done always counts, once too late for the letter to say so, and a superseded claim reports nothing else.
    pub(super) fn check_settled(&self, before: &Ledger, after: &Ledger, settle: &Settle, settled: &Settled) -> Checked {
        let ended = self.ended()?;
        let mut expected = settle.report.succeeded();
        expected.subtract(&ended.all());
        let mut late = settle.report.succeeded().intersection(&ended.dead);
        late.subtract(&ended.late);
        let mut counted = Indexes::new();
        let mut counted_late = Indexes::new();
        if let Some(record) = &settled.record {
            counted.extend(&record.done);
            counted.extend(&record.outputs.iter().map(|(index, _)| *index).collect());
            counted_late.extend(&record.late);
            let current = before.pack(settle.pack).is_some_and(|pack| pack.claim == settle.claim);
            let other =
                record.retried.len() + record.crashed.len() + record.dead.len() + record.canceled.len() as usize;
            prop_assert!(current || other == 0, "a superseded claim counted for more than Done");
        }
        prop_assert_eq!(counted, expected, "a Done for a task that has not ended counts");
        prop_assert_eq!(counted_late, late, "a Done for a dead letter is noted once");
        for send in &settled.sends {
            let waits = match send {
                Send::Pack(id) => after.pack(*id).is_some_and(|pack| matches!(pack.phase, Phase::Waiting { .. })),
                Send::Letters(id) => after.letters(*id).is_some(),
            };
            prop_assert!(waits, "{:?} is listed and does not wait to be sent", send);
        }
        Ok(())
    }

    /// In the end every letter is in the archive.
    pub(super) fn check_archive(&self, ledger: &Ledger) -> Checked {
        prop_assert!(ledger.letters.is_empty());
        let ended = self.ended()?;
        prop_assert_eq!(&self.archived, &ended.dead);
        prop_assert_eq!(&self.archived_late, &ended.late);
        Ok(())
    }
}

#[derive(Default)]
struct Ended {
    succeeded: Indexes,
    dead: Indexes,
    canceled: Indexes,
    late: Indexes,
}

impl Ended {
    fn all(&self) -> Indexes {
        let mut all = self.succeeded.clone();
        all.extend(&self.dead);
        all.extend(&self.canceled);
        all
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

fn parse<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

fn write<K: Ord + Clone, V: Serialize>(store: &mut BTreeMap<K, String>, held: &BTreeMap<K, V>, changed: BTreeSet<K>) {
    for key in changed {
        match held.get(&key) {
            Some(value) => store.insert(key, json(value)),
            None => store.remove(&key),
        };
    }
}

fn read<K: Ord + Clone, V: DeserializeOwned>(store: &BTreeMap<K, String>) -> BTreeMap<K, V> {
    store.iter().map(|(key, text)| (key.clone(), parse(text))).collect()
}
