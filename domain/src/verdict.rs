//! What the policy makes of an outcome.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::outcome::{Outcome, Output, TaskError};
use crate::retry::{RetryPolicy, honour};

/// What becomes of a task after one attempt.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It succeeded.
    Done(Output),
    /// It runs again after this wait.
    RetryIn {
        /// The wait from now on.
        wait: Duration,
        /// What went wrong this time.
        error: TaskError,
    },
    /// Its handler panicked: the ledger counts how often, and has the last word.
    Crashed {
        /// What is known of it.
        error: TaskError,
    },
    /// It will not be tried again.
    Dead {
        /// Why not.
        reason: Reason,
        /// What went wrong this time.
        error: TaskError,
    },
}

/// Why a task became a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// Its attempts, or its time, are used up.
    Exhausted,
    /// Its handler said that it never will work.
    Permanent,
    /// It took its isolate down once too often.
    Crashed,
    /// Nobody could decode the message it came in.
    Malformed,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Exhausted, Self::Permanent, Self::Crashed, Self::Malformed];

    /// The reason's name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exhausted => "exhausted",
            Self::Permanent => "permanent",
            Self::Crashed => "crashed",
            Self::Malformed => "malformed",
        }
    }
}

/// One run of one task, as the judge sees it.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// Which run this was; the first is 1.
    pub number: u8,
    /// How many the task may have, if it says.
    pub max_attempts: Option<u8>,
    /// Time since the task was accepted.
    pub elapsed: Duration,
    /// The wait drawn for this pack and attempt ([`RetryPolicy::draw`]).
    pub drawn: Duration,
}

impl Attempt {
    /// Turns what the handler reported into what becomes of the task.
    pub fn judge(self, outcome: Outcome, policy: &RetryPolicy) -> Verdict {
        match outcome {
            Outcome::Succeeded(output) => Verdict::Done(output),
            Outcome::Failed { error } => Verdict::Dead { reason: Reason::Permanent, error },
            Outcome::Retry { error, after } => {
                let wait = honour(self.drawn, after);
                let attempts_left = self.number < self.max_attempts.unwrap_or(policy.max_attempts);
                let time_left = policy.max_elapsed.is_none_or(|max| self.elapsed + wait <= max);
                if attempts_left && time_left {
                    Verdict::RetryIn { wait, error }
                } else {
                    Verdict::Dead { reason: Reason::Exhausted, error }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(max_elapsed: Option<Duration>) -> RetryPolicy {
        RetryPolicy {
            initial_interval: Duration::from_secs(1),
            multiplier: 2.0,
            randomization_factor: 0.0,
            max_interval: Duration::from_secs(30),
            max_attempts: 3,
            max_elapsed,
        }
    }

    fn attempt(number: u8) -> Attempt {
        Attempt { number, max_attempts: None, elapsed: Duration::from_secs(10), drawn: Duration::from_secs(2) }
    }

    fn retry() -> Outcome {
        Outcome::Retry { error: TaskError::new("http.503", "busy"), after: None }
    }

    #[test]
    fn a_retry_waits_as_drawn_until_the_attempts_are_used_up() {
        let policy = policy(None);
        assert!(matches!(attempt(2).judge(retry(), &policy), Verdict::RetryIn { wait, .. } if wait.as_secs() == 2));
        assert!(matches!(
            attempt(3).judge(retry(), &policy),
            Verdict::Dead { reason: Reason::Exhausted, error } if error.class == "http.503"
        ));
    }

    #[test]
    fn the_task_may_ask_for_more_attempts_than_its_kind() {
        let patient = Attempt { max_attempts: Some(4), ..attempt(3) };
        assert!(matches!(patient.judge(retry(), &policy(None)), Verdict::RetryIn { .. }));
    }

    #[test]
    fn a_retry_that_would_come_too_late_is_not_made() {
        let limit = policy(Some(Duration::from_secs(12)));
        assert!(matches!(attempt(1).judge(retry(), &limit), Verdict::RetryIn { .. }));
        let limit = policy(Some(Duration::from_secs(11)));
        assert!(matches!(attempt(1).judge(retry(), &limit), Verdict::Dead { reason: Reason::Exhausted, .. }));
    }

    #[test]
    fn a_permanent_failure_is_dead_at_once() {
        let outcome = Outcome::Failed { error: TaskError::new("http.404", "gone") };
        assert!(matches!(attempt(1).judge(outcome, &policy(None)), Verdict::Dead { reason: Reason::Permanent, .. }));
    }
}
