//! What a chaotic run consists of.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::ledger::Counts;
use rand::RngExt;
use rand::rngs::SmallRng;
use serde_json::{Value, json};

use crate::sink::{Reply, Sink};

/// A chaotic run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Draws the moments of the kills.
    pub seed: u64,
    /// Tasks of the job.
    pub tasks: u32,
    /// How often the runtime is killed.
    pub kills: usize,
}

/// How long a slow task takes: long enough for many to be under way when the axe falls.
const SLOW: Duration = Duration::from_millis(300);

/// Tasks left at the last kill, at most: few enough to be claimed within seconds once they are found.
const LEFT: f64 = 2_000.0;

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    /// A request that is answered late.
    Slow,
    /// A request that is answered at once.
    Fast,
    /// A request that is refused at first.
    Busy,
    /// A request that is refused for good.
    Refused,
    /// No request.
    Quiet,
    /// No request, and the first attempt fails.
    Stumbling,
    /// No request, and dead at once.
    Hopeless,
}

impl Sort {
    fn of(index: u32) -> Self {
        match (index % 3, index % 20) {
            (0, _) => Self::Slow,
            (1, 1) => Self::Busy,
            (1, 4) => Self::Refused,
            (1, _) => Self::Fast,
            (_, 2) => Self::Stumbling,
            (_, 5) => Self::Hopeless,
            _ => Self::Quiet,
        }
    }

    fn dies(self) -> bool {
        matches!(self, Self::Refused | Self::Hopeless)
    }
}

impl Plan {
    /// Its tasks; `sink` is told how to answer them.
    pub(super) fn tasks(&self, sink: &Sink) -> Vec<Value> {
        (0..self.tasks).map(|index| self.task(index, sink)).collect()
    }

    fn task(&self, index: u32, sink: &Sink) -> Value {
        let path = Self::path(index);
        let payload = match Sort::of(index) {
            Sort::Quiet => json!({}),
            Sort::Stumbling => json!({ "fail_times": 1 }),
            Sort::Hopeless => json!({ "fail": "permanent" }),
            sort => {
                match sort {
                    Sort::Slow => sink.answer(&path, [Reply::status(200).after(SLOW)]),
                    Sort::Busy => sink.answer(&path, [Reply::status(503), Reply::status(200)]),
                    Sort::Refused => sink.answer(&path, [Reply::status(400)]),
                    _ => {}
                }
                let request = json!({ "url": sink.url(&path) });
                return json!({ "kind": "http.request", "payload": request, "timeout_seconds": 5 });
            }
        };
        json!({ "kind": "simulate", "payload": payload, "timeout_seconds": 5 })
    }

    /// Where a task's request goes.
    pub(super) fn path(index: u32) -> String {
        format!("/{index}")
    }

    /// The shares of the tasks at which the runtime is killed; the last one when little is left, so that what was lost in
    /// it is soon claimed again.
    pub(super) fn moments(&self, rng: &mut SmallRng) -> Vec<f64> {
        let last = 1.0 - (LEFT / f64::from(self.tasks)).min(0.1);
        let mut moments: Vec<f64> = (1..self.kills).map(|_| rng.random_range(0.0..last)).collect();
        moments.sort_by(f64::total_cmp);
        moments.push(last);
        moments
    }

    /// Whether a task's request is made twice even if nothing goes wrong.
    pub(super) fn needs_two(&self, index: u32) -> bool {
        Sort::of(index) == Sort::Busy
    }

    /// The tasks that die.
    pub(super) fn dead(&self) -> BTreeSet<u32> {
        (0..self.tasks).filter(|index| Sort::of(*index).dies()).collect()
    }

    /// Every task ended as it should.
    pub(super) fn check_results(&self, counts: &Counts, results: &[Value]) {
        let dead = self.dead().len() as u32;
        let expected = Counts { accepted: self.tasks, succeeded: self.tasks - dead, dead, ..Counts::default() };
        assert_eq!(*counts, expected);
        assert_eq!(results.len(), self.tasks as usize);
        for (index, result) in (0..).zip(results) {
            let status = if Sort::of(index).dies() { "dead" } else { "succeeded" };
            assert_eq!((&result["index"], &result["status"]), (&json!(index), &json!(status)), "{result}");
            let most = if matches!(Sort::of(index), Sort::Busy | Sort::Stumbling) { 2 } else { 1 };
            assert!(result["attempts"].as_u64().unwrap() <= most, "a kill charges nobody: {result}");
        }
    }
}
