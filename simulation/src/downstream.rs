//! What tasks call: how long it takes, whether it works, and what the real policy makes of its answer.

use std::time::Duration;

use domain::indexes::Indexes;
use domain::kinds::http_response;
use domain::ledger::{Report, RetryGroup, SettlementRecord};
use domain::outcome::{Outcome, TaskError};
use domain::retry::RetryPolicy;
use domain::time::Timestamp;
use domain::verdict::{Attempt, Verdict};
use rand::rngs::StdRng;
use rand::{Rng, RngExt};

use crate::assumptions::ANSWERS;
use crate::moment::Moment;
use crate::plan::Plan;

/// The downstream.
#[derive(Debug)]
pub struct Downstream {
    latency: Duration,
    failing: f64,
}

/// How one request to it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 2xx.
    Works,
    /// 503.
    Fails,
}

impl Downstream {
    /// That of `plan`.
    pub fn of(plan: &Plan) -> Self {
        Self { latency: plan.downstream, failing: plan.failing }
    }

    /// One request: how long it takes, and its answer.
    pub fn request(&self, rng: &mut StdRng) -> (Duration, Answer) {
        let took = self.latency.mul_f64(rng.random_range(0.5..1.5));
        (took, if rng.random_bool(self.failing) { Answer::Fails } else { Answer::Works })
    }
}

/// Judges answers by the real code.
#[derive(Debug)]
pub struct Judge {
    policy: RetryPolicy,
    /// What the handler makes of each answer. It is the same each time.
    outcomes: [Outcome; 2],
}

impl Judge {
    /// By the policy of `plan`.
    pub fn of(plan: &Plan) -> Self {
        // Nothing in these answers depends on the time.
        let outcome = |(status, body): (u16, &str)| {
            http_response::judge(status, None, body.as_bytes(), Moment::default().timestamp())
        };
        Self { policy: plan.kind().retry.clone(), outcomes: ANSWERS.map(outcome) }
    }

    /// Attempts of a task.
    pub fn attempts(&self) -> u8 {
        self.policy.max_attempts
    }

    /// The wait of a pack's attempt.
    pub fn draw(&self, attempt: u8, rng: &mut impl Rng) -> Duration {
        self.policy.draw(attempt, rng)
    }

    /// What becomes of a task that `number` runs of have ended.
    pub fn verdict(&self, answer: Answer, number: u8, drawn: Duration, elapsed: Duration) -> Verdict {
        let outcome = self.outcomes[usize::from(answer == Answer::Fails)].clone();
        Attempt { number, max_attempts: None, elapsed, drawn }.judge(outcome, &self.policy)
    }
}

/// Verdicts that are not settled yet, put together as consumers do. All tasks of a claim wait equally long.
#[derive(Debug, Default)]
pub struct Slice {
    report: Report,
}

impl Slice {
    /// Adds what became of one task.
    pub fn add(&mut self, index: u32, verdict: Verdict) {
        match verdict {
            Verdict::Done(output) => match output.into_json() {
                Some(json) => self.report.outputs.push((index, json)),
                None => self.report.done.insert(index),
            },
            Verdict::RetryIn { wait, error } => {
                let place = self.place(error);
                match self.report.retries.iter_mut().find(|group| group.wait == wait) {
                    Some(group) => group.tasks.push((index, place)),
                    None => self.report.retries.push(RetryGroup { wait, tasks: vec![(index, place)] }),
                }
            }
            Verdict::Dead { reason, error } => {
                let place = self.place(error);
                self.report.dead.push((index, reason, place));
            }
            Verdict::Crashed { error } => {
                let place = self.place(error);
                self.report.crashed.push((index, place));
            }
        }
    }

    /// The report.
    pub fn into_report(self) -> Report {
        self.report
    }

    fn place(&mut self, error: TaskError) -> u16 {
        let known = self.report.errors.iter().position(|other| *other == error);
        let place = known.unwrap_or_else(|| {
            self.report.errors.push(error);
            self.report.errors.len() - 1
        });
        place as u16
    }
}

/// What the ledger keeps of an attempt of `tasks` that failed.
pub fn record_of(judge: &Judge, attempt: u8, tasks: &Indexes, now: Timestamp) -> SettlementRecord {
    let mut slice = Slice::default();
    for index in tasks.iter() {
        slice.add(index, judge.verdict(Answer::Fails, attempt, Duration::from_secs(1), Duration::ZERO));
    }
    let report = slice.into_report();
    SettlementRecord {
        attempt,
        at: now,
        retried: report.retries.into_iter().flat_map(|group| group.tasks).collect(),
        dead: report.dead,
        errors: report.errors,
        ..SettlementRecord::default()
    }
}
