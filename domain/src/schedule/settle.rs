//! Settling: what firings that have ended change about their schedule.

use crate::id::JobId;
use crate::limits::ERROR_MESSAGE_BYTES;
use crate::time::Timestamp;

/// How a firing ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It made this job.
    Fired(JobId),
    /// It was to make none, for this reason.
    Skipped(String),
    /// It could not make one, for this reason.
    Failed(String),
    /// It has not ended: a later tick tries again.
    Waits,
}

impl Ending {
    /// Failed for this reason, of which at most [`ERROR_MESSAGE_BYTES`] are kept: a refusal may quote what it refuses, and what
    /// ends together is recorded in one row of parameters.
    pub fn failed(reason: &str) -> Self {
        Self::Failed(reason[..reason.floor_char_boundary(ERROR_MESSAGE_BYTES)].to_owned())
    }
}

/// What ended firings change about their schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScheduleChange {
    /// Whether its row of failures was broken.
    pub fired: bool,
    /// Failures since then.
    pub failures: u32,
    /// The newest job, which overlap asks about, and its fire time.
    pub last_job: Option<(JobId, Timestamp)>,
}

impl ScheduleChange {
    /// Adds how one more firing ended, fire times in order. A job of a backfill is not what the next fire time waits for.
    #[must_use]
    pub fn then(self, ending: &Ending, at: Timestamp, backfill: bool) -> Self {
        match ending {
            Ending::Fired(_) if backfill => Self { fired: true, failures: 0, ..self },
            Ending::Fired(job) => Self { fired: true, failures: 0, last_job: Some((*job, at)) },
            Ending::Failed(_) => Self { failures: self.failures + 1, ..self },
            Ending::Skipped(_) | Ending::Waits => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_millis(60_000);

    fn after(endings: &[&Ending]) -> ScheduleChange {
        endings.iter().fold(ScheduleChange::default(), |change, ending| change.then(ending, AT, false))
    }

    #[test]
    fn failures_in_a_row_are_counted_from_the_last_firing_that_worked() {
        let last_job = Some((JobId::keyed("a", "b"), AT));
        let (fired, failed) = (Ending::Fired(JobId::keyed("a", "b")), Ending::Failed("x".to_owned()));
        assert_eq!(after(&[&failed, &failed]), ScheduleChange { fired: false, failures: 2, last_job: None });
        assert_eq!(after(&[&failed, &fired, &failed]), ScheduleChange { fired: true, failures: 1, last_job });
        assert_eq!(after(&[&Ending::Waits, &Ending::Skipped("y".to_owned())]), ScheduleChange::default());
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let Ending::Failed(reason) = Ending::failed(&"é".repeat(100_000)) else { panic!("it failed") };
        assert_eq!(reason, "é".repeat(ERROR_MESSAGE_BYTES / 2));
        assert_eq!(Ending::failed("answered 500"), Ending::Failed("answered 500".to_owned()));
    }

    #[test]
    fn a_backfilled_job_is_not_waited_for() {
        let change = ScheduleChange::default().then(&Ending::Fired(JobId::keyed("a", "b")), AT, true);
        assert_eq!(change, ScheduleChange { fired: true, failures: 0, last_job: None });
    }
}
