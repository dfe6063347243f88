//! What went wrong with some tasks.

use std::collections::BTreeMap;

use crate::indexes::Indexes;
use crate::ledger::SettlementRecord;
use crate::limits::HISTORY_ERRORS;
use crate::outcome::TaskError;
use crate::time::Timestamp;
use crate::verdict::Reason;
use crate::views::FailedAttempt;

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

impl Outcomes {
    /// Adds what `record` says of `tasks`. Records come in the order they were made.
    pub fn add(&mut self, record: &SettlementRecord, tasks: &Indexes) {
        let survived = record.retried.iter().chain(&record.crashed).map(|(index, error)| (*index, None, *error));
        let dead = record.dead.iter().map(|(index, reason, error)| (*index, Some(*reason), *error));
        for (index, reason, error) in survived.chain(dead) {
            let Some(error) = record.errors.get(usize::from(error)).filter(|_| tasks.contains(index)) else { continue };
            let failures = self.failures.entry(index).or_default();
            if failures.len() >= HISTORY_ERRORS {
                failures.remove(0);
            }
            failures.push(FailedAttempt { attempt: record.attempt, at: record.at, error: error.clone() });
            if let Some(reason) = reason {
                self.deaths.insert(index, Death { reason, at: record.at, error: error.clone() });
            }
        }
    }
}
