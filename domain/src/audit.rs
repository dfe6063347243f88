//! The conservation audit: recounts a job from its rows and holds the result against its counters.

use serde::{Deserialize, Serialize};

use crate::indexes::Indexes;
use crate::ledger::{Counts, PackRecord, SettlementRecord, TaskState};
use crate::limits::JOB_TASKS;

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
/// that was ever settled, in order. `callback` is the index of the job's callback, which counts nowhere.
pub fn audit<'r>(
    counters: Counts,
    callback: Option<u32>,
    stored: &Indexes,
    packs: impl IntoIterator<Item = &'r PackRecord>,
    settlements: impl IntoIterator<Item = SettlementRecord>,
) -> Audit {
    let mut recount = Recount::new(callback);
    recount.stored(stored);
    settlements.into_iter().for_each(|record| recount.settled(&record));
    packs.into_iter().for_each(|pack| recount.pack(pack));
    recount.finish(counters)
}

/// A recount, row by row: together the rows may have many times the memory there is. What is kept is a byte a task.
#[derive(Debug)]
pub struct Recount {
    callback: Option<u32>,
    counted: Counts,
    /// What is known of each task.
    marks: Vec<u8>,
    differences: Vec<String>,
}

/// Its payload is stored.
const STORED: u8 = 1;
/// It was seen in its one place.
const SEEN: u8 = 2;

impl Recount {
    /// A recount that begins.
    pub fn new(callback: Option<u32>) -> Self {
        Self { callback, counted: Counts::default(), marks: Vec::new(), differences: Vec::new() }
    }

    /// Adds tasks whose payloads are stored.
    pub fn stored(&mut self, tasks: &Indexes) {
        for task in tasks.iter().filter(|task| Some(*task) != self.callback) {
            if let Some(mark) = mark(&mut self.marks, task) {
                *mark |= STORED;
            }
        }
    }

    /// Adds what was settled.
    pub fn settled(&mut self, record: &SettlementRecord) {
        let outputs = record.outputs.iter().map(|(index, _)| *index);
        let dead = record.dead.iter().map(|(index, ..)| *index);
        self.counted.succeeded += self.end(record.done.iter(), "succeeded") + self.end(outputs, "succeeded");
        self.counted.dead += self.end(dead, "dead");
        self.counted.canceled += self.end(record.canceled.iter(), "canceled");
    }

    /// Adds a pack: tasks that have not ended.
    pub fn pack(&mut self, pack: &PackRecord) {
        let tasks = self.end(pack.unsettled.iter(), "on its way");
        match pack.task_state() {
            TaskState::Running => self.counted.running += tasks,
            TaskState::Retrying => self.counted.retrying += tasks,
            _ => self.counted.queued += tasks,
        }
    }

    /// Notes that `tasks` are in this place; how many they are.
    fn end(&mut self, tasks: impl Iterator<Item = u32>, place: &str) -> u32 {
        let (mut all, mut twice, mut first) = (0, 0, None);
        for task in tasks.filter(|task| Some(*task) != self.callback) {
            all += 1;
            match mark(&mut self.marks, task) {
                Some(mark) if *mark & SEEN == 0 => *mark |= SEEN,
                _ => {
                    twice += 1;
                    first = first.or(Some(task));
                }
            }
        }
        if twice > 0 {
            self.differ(format!("{twice} tasks are {place} and elsewhere too, the first is {first:?}"));
        }
        all
    }

    fn differ(&mut self, difference: String) {
        if self.differences.len() < DIFFERENCES {
            self.differences.push(difference);
        }
    }

    /// Holds what was counted against what the job says of itself.
    pub fn finish(mut self, counters: Counts) -> Audit {
        let are = |marks: u8| (0_u32..).zip(&self.marks).filter(move |(_, mark)| **mark == marks).map(|(task, _)| task);
        let (lost, unknown) = (are(STORED).count(), are(SEEN).count());
        let (first_lost, first_unknown) = (are(STORED).next(), are(SEEN).next());
        self.counted.accepted = self.marks.iter().filter(|mark| **mark & STORED != 0).count() as u32;
        if lost > 0 {
            self.differ(format!("{lost} tasks are nowhere, the first is {first_lost:?}"));
        }
        if unknown > 0 {
            self.differ(format!("{unknown} tasks were never accepted, the first is {first_unknown:?}"));
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

/// The mark of a task; `None` beyond what a job may have.
fn mark(marks: &mut Vec<u8>, task: u32) -> Option<&mut u8> {
    if task > JOB_TASKS {
        return None;
    }
    let at = task as usize;
    if marks.len() <= at {
        marks.resize(at + 1, 0);
    }
    marks.get_mut(at)
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
