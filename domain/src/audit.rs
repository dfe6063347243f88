//! The conservation audit: recounts a job from its rows and holds the result against its counters.

use serde::{Deserialize, Serialize};

use crate::indexes::Indexes;
use crate::ledger::{Counts, PackRecord, SettlementRecord, TaskState};

/// `GET /v1/jobs/{job}/audit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// Whether nothing differs.
    pub clean: bool,
    /// What the rows add up to.
    pub counted: Counts,
    /// What the job says of itself.
    pub counters: Counts,
    /// What differs, in words.
    pub differences: Vec<String>,
}

/// Differences listed at most; more of them say nothing new.
const DIFFERENCES: usize = 20;

/// Recounts a job. `stored` are the tasks that have a payload, `packs` those that have not ended, `settlements` all
/// that was ever settled, in order, looked at one by one: together they may be larger than memory. `callback` is the index of the job's callback, which counts nowhere.
pub fn audit<'r>(
    counters: Counts,
    callback: Option<u32>,
    stored: &Indexes,
    packs: impl IntoIterator<Item = &'r PackRecord>,
    settlements: impl IntoIterator<Item = SettlementRecord>,
) -> Audit {
    let mut stored = stored.clone();
    callback.map(|index| stored.remove(index));
    let mut recount = Recount { callback, ..Recount::default() };
    for record in settlements {
        let outputs = record.outputs.iter().map(|(index, _)| *index).collect();
        let dead = record.dead.iter().map(|(index, ..)| *index).collect();
        recount.counted.succeeded += recount.end(&record.done, "succeeded") + recount.end(&outputs, "succeeded");
        recount.counted.dead += recount.end(&dead, "dead");
        recount.counted.canceled += recount.end(&record.canceled, "canceled");
    }
    for pack in packs {
        let tasks = recount.end(&pack.unsettled, "on its way");
        match pack.task_state() {
            TaskState::Running => recount.counted.running += tasks,
            TaskState::Retrying => recount.counted.retrying += tasks,
            _ => recount.counted.queued += tasks,
        }
    }
    recount.counted.accepted = stored.len();
    recount.finish(counters, &stored)
}

#[derive(Default)]
struct Recount {
    callback: Option<u32>,
    counted: Counts,
    /// Every task seen so far, each in its one place.
    seen: Indexes,
    differences: Vec<String>,
}

impl Recount {
    /// Notes that `tasks` are in this place; how many they are.
    fn end(&mut self, tasks: &Indexes, place: &str) -> u32 {
        let mut tasks = tasks.clone();
        self.callback.map(|index| tasks.remove(index));
        let twice = self.seen.intersection(&tasks);
        if !twice.is_empty() {
            self.differ(format!(
                "{} tasks are {place} and elsewhere too, the first is {:?}",
                twice.len(),
                twice.first()
            ));
        }
        self.seen.extend(&tasks);
        tasks.len()
    }

    fn differ(&mut self, difference: String) {
        if self.differences.len() < DIFFERENCES {
            self.differences.push(difference);
        }
    }

    fn finish(mut self, counters: Counts, stored: &Indexes) -> Audit {
        let mut lost = stored.clone();
        lost.subtract(&self.seen);
        if !lost.is_empty() {
            self.differ(format!("{} tasks are nowhere, the first is {:?}", lost.len(), lost.first()));
        }
        let mut unknown = self.seen.clone();
        unknown.subtract(stored);
        if !unknown.is_empty() {
            self.differ(format!("{} tasks were never accepted, the first is {:?}", unknown.len(), unknown.first()));
        }
        let counted = self.counted;
        for (name, found, expected) in [
            ("accepted", counted.accepted, counters.accepted),
            ("queued", counted.queued, counters.queued),
            ("running", counted.running, counters.running),
            ("retrying", counted.retrying, counters.retrying),
            ("succeeded", counted.succeeded, counters.succeeded),
            ("dead", counted.dead, counters.dead),
            ("canceled", counted.canceled, counters.canceled),
        ] {
            if found != expected {
                self.differ(format!("{name}: the rows add up to {found}, the counter says {expected}"));
            }
        }
        Audit { clean: self.differences.is_empty(), counted, counters, differences: self.differences }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counters(succeeded: u32, accepted: u32) -> Counts {
        Counts { accepted, succeeded, ..Counts::default() }
    }

    fn done(tasks: std::ops::Range<u32>) -> SettlementRecord {
        SettlementRecord { done: tasks.collect(), ..SettlementRecord::default() }
    }

    #[test]
    fn rows_that_add_up_are_clean() {
        let audit = audit(counters(5, 5), None, &(0..5).collect(), [], [done(0..2), done(2..5)]);
        assert!(audit.clean && audit.differences.is_empty() && audit.counted == audit.counters);
    }

    #[test]
    fn the_callback_counts_nowhere() {
        let audit = audit(counters(5, 5), Some(5), &(0..6).collect(), [], [done(0..5), done(5..6)]);
        assert!(audit.clean && audit.counted == audit.counters, "{:?}", audit.differences);
    }

    #[test]
    fn every_sort_of_difference_is_found() {
        for (counters, stored, settlements, fault) in [
            (counters(4, 5), 0..5, vec![done(0..4)], "are nowhere"),
            (counters(5, 4), 0..4, vec![done(0..5)], "never accepted"),
            (counters(6, 5), 0..5, vec![done(0..3), done(2..5)], "elsewhere too"),
            (counters(4, 5), 0..5, vec![done(0..5)], "succeeded: the rows add up to 5"),
            (counters(5, 6), 0..5, vec![done(0..5)], "accepted: the rows add up to 5"),
        ] {
            let audit = audit(counters, None, &stored.collect(), [], settlements);
            assert!(
                !audit.clean && audit.differences.iter().any(|text| text.contains(fault)),
                "{:?}",
                audit.differences
            );
        }
    }
}
