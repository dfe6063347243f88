//! Results: what became of a run of tasks, put together from what was settled and what is still on its way.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::indexes::Indexes;
use crate::ledger::{Ledger, SettlementRecord, TaskState};
use crate::limits::HISTORY_ERRORS;
use crate::outcome::TaskError;
use crate::time::Timestamp;
use crate::verdict::Reason;
use crate::views::FailedAttempt;

/// What is known of one task.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// Where it is.
    pub state: TaskState,
    /// Runs started so far.
    pub attempts: u8,
    /// What it came to, if that is not null.
    pub output: Option<&'a RawValue>,
    /// What went wrong last.
    pub error: Option<&'a TaskError>,
    /// Why it is dead, if it is.
    pub reason: Option<Reason>,
}

/// What became of the tasks from `from` up to, not including, `to`, in order. `settlements` are all that touch
/// these tasks, in the order they were made.
pub fn progress<'a>(ledger: &Ledger, settlements: &'a [SettlementRecord], from: u32, to: u32) -> Vec<Progress<'a>> {
    let fresh = Progress { state: TaskState::Queued, attempts: 0, output: None, error: None, reason: None };
    let mut tasks = vec![fresh; to.saturating_sub(from) as usize];
    let place = |index: u32| (from..to).contains(&index).then(|| (index - from) as usize);
    for record in settlements {
        let error = |at: u16| record.errors.get(usize::from(at));
        for at in record.done.within(from, to).filter_map(place) {
            tasks[at] = Progress { state: TaskState::Succeeded, attempts: record.attempt, ..fresh };
        }
        for (index, output) in &record.outputs {
            let Some(at) = place(*index) else { continue };
            let output = Some(&**output);
            tasks[at] = Progress { state: TaskState::Succeeded, attempts: record.attempt, output, ..fresh };
        }
        for (index, fault) in record.retried.iter().chain(&record.crashed) {
            let Some(at) = place(*index) else { continue };
            tasks[at] = Progress { attempts: record.attempt, error: error(*fault), ..fresh };
        }
        for (index, reason, fault) in &record.dead {
            let Some(at) = place(*index) else { continue };
            let reason = Some(*reason);
            let error = error(*fault);
            tasks[at] = Progress { state: TaskState::Dead, attempts: record.attempt, error, reason, output: None };
        }
        for at in record.canceled.within(from, to).filter_map(place) {
            tasks[at].state = TaskState::Canceled;
        }
    }
    for (index, state, attempts) in ledger.underway(from, to) {
        if let Some(at) = place(index) {
            tasks[at] = Progress { state, attempts, ..tasks[at] };
        }
    }
    tasks
}

/// What went wrong with some tasks.
#[derive(Clone, Debug, Default)]
pub struct Outcomes {
    /// Their failed attempts, the last [`HISTORY_ERRORS`] each, oldest first.
    pub failures: BTreeMap<u32, Vec<FailedAttempt>>,
    /// How they died, if they did.
    pub deaths: BTreeMap<u32, Death>,
}

/// How a task died.
#[derive(Clone, Debug)]
pub struct Death {
    /// Why it will not be tried again.
    pub reason: Reason,
    /// When that was settled.
    pub at: Timestamp,
    /// What went wrong last.
    pub error: TaskError,
}

/// What went wrong with `tasks`, by `settlements` in the order they were made.
pub fn outcomes(settlements: &[SettlementRecord], tasks: &Indexes) -> Outcomes {
    let mut outcomes = Outcomes::default();
    for record in settlements {
        let survived = record.retried.iter().chain(&record.crashed).map(|(index, error)| (*index, None, *error));
        let dead = record.dead.iter().map(|(index, reason, error)| (*index, Some(*reason), *error));
        for (index, reason, error) in survived.chain(dead) {
            let Some(error) = record.errors.get(usize::from(error)).filter(|_| tasks.contains(index)) else { continue };
            let failures = outcomes.failures.entry(index).or_default();
            if failures.len() >= HISTORY_ERRORS {
                failures.remove(0);
            }
            failures.push(FailedAttempt { attempt: record.attempt, at: record.at, error: error.clone() });
            if let Some(reason) = reason {
                outcomes.deaths.insert(index, Death { reason, at: record.at, error: error.clone() });
            }
        }
    }
    outcomes
}
