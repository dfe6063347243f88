//! Collects verdicts until they are settled.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::ledger::{Report, RetryGroup};
use domain::limits::SETTLEMENT_BYTES;
use domain::outcome::TaskError;
use domain::verdict::Verdict;

/// Verdicts that are not settled yet.
#[derive(Default)]
pub(crate) struct Slice {
    report: Report,
    retries: BTreeMap<Duration, Vec<(u32, u16)>>,
    errors: BTreeMap<TaskError, u16>,
    tasks: u32,
    bytes: usize,
}

impl Slice {
    /// Adds what became of one task.
    pub(crate) fn add(&mut self, index: u32, verdict: Verdict) {
        self.tasks += 1;
        match verdict {
            Verdict::Done(output) => match output.into_json() {
                None => self.report.done.insert(index),
                Some(json) => {
                    self.bytes += json.get().len() + 16;
                    self.report.outputs.push((index, json));
                }
            },
            Verdict::RetryIn { wait, error } => {
                let error = self.error(error);
                self.retries.entry(wait).or_default().push((index, error));
            }
            Verdict::Crashed { error } => {
                let error = self.error(error);
                self.report.crashed.push((index, error));
            }
            Verdict::Dead { reason, error } => {
                let error = self.error(error);
                self.report.dead.push((index, reason, error));
            }
        }
    }

    /// Whether nothing was added.
    pub(crate) fn is_empty(&self) -> bool {
        self.tasks == 0
    }

    /// Whether it must be settled now, to stay within one row.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes >= SETTLEMENT_BYTES / 2
    }

    /// The report, with tasks that wait equally long together.
    pub(crate) fn into_report(mut self) -> Report {
        self.report.retries = self.retries.into_iter().map(|(wait, tasks)| RetryGroup { wait, tasks }).collect();
        let mut errors: Vec<(TaskError, u16)> = self.errors.into_iter().collect();
        errors.sort_by_key(|(_, place)| *place);
        self.report.errors = errors.into_iter().map(|(error, _)| error).collect();
        self.report
    }

    /// The place of `error` in the report: tasks that fail alike share it.
    fn error(&mut self, error: TaskError) -> u16 {
        let next = u16::try_from(self.errors.len()).unwrap_or(u16::MAX);
        let bytes = error.class.len() + error.message.len() + 32;
        *self.errors.entry(error).or_insert_with(|| {
            self.bytes += bytes;
            next
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::outcome::Output;
    use domain::verdict::Reason;

    use super::*;

    #[test]
    fn tasks_that_fail_alike_share_their_error_and_their_wait() {
        let mut slice = Slice::default();
        let busy = || TaskError::new("http.503", "busy");
        for index in [4, 2] {
            slice.add(index, Verdict::RetryIn { wait: Duration::from_secs(2), error: busy() });
        }
        slice.add(3, Verdict::Dead { reason: Reason::Permanent, error: TaskError::new("a", "first in order") });
        slice.add(5, Verdict::Dead { reason: Reason::Exhausted, error: busy() });
        slice.add(1, Verdict::Done(Output::NULL));
        let report = slice.into_report();
        assert_eq!(report.errors, [busy(), TaskError::new("a", "first in order")]);
        assert_eq!(report.retries.len(), 1);
        assert_eq!(report.retries[0].tasks, [(4, 0), (2, 0)]);
        assert_eq!(report.dead, [(3, Reason::Permanent, 1), (5, Reason::Exhausted, 0)]);
        assert!(report.done.iter().eq([1]) && report.errors_resolve());
    }
}
