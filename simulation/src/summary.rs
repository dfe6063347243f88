//! A run in numbers, scaled to the whole.

use std::time::Duration;

use crate::moment::Moment;
use crate::plan::Plan;
use crate::uses::{self, Limit, Use, window};
use crate::world::Finished;

/// A run in numbers.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Tasks submitted in an hour.
    pub tasks_per_hour: f64,
    /// One job in so many was simulated.
    pub one_in: u64,
    /// Tasks, by the ledgers' own counts.
    pub accepted: u64,
    /// Of these, ended well.
    pub succeeded: u64,
    /// Of these, dead letters.
    pub dead: u64,
    /// Tasks that end in an hour while tasks are submitted and, where that is more than can be done, at the end of it.
    pub pace: f64,
    /// From the first submission to the end of the last task.
    pub ended: Duration,
    /// From the last submission to the end of the last task.
    pub drained: Duration,
    /// From the first submission to the last letter in the archive, and the last word to the index.
    pub done: Duration,
    /// How long half of the jobs took at most.
    pub job_median: Duration,
    /// Attempts of a task.
    pub attempts: f64,
    /// Messages that arrived for each pack that was appended.
    pub deliveries: f64,
    /// The share of these that had nothing to do.
    pub idle: f64,
    /// Sends that a queue refused until the sender gave up: the outbox made them again.
    pub refused: u64,
    /// The share of tasks that was handed back, per attempt.
    pub handed_back: f64,
    /// Puts to KV for each dead letter.
    pub puts: f64,
    /// Requests of all ledgers for each pack that was appended.
    pub ledger_requests: f64,
    /// How much of each limit was used.
    pub uses: Vec<Use>,
    /// Tasks that have not ended, minute by minute.
    pub open: Vec<u64>,
    /// Packs of a job as appended.
    pub packs: usize,
    /// Bytes of a task's line, on average.
    pub line_bytes: f64,
}

impl Summary {
    /// That of a run of `plan`.
    pub fn of(plan: &Plan, finished: &Finished) -> Self {
        let scale = plan.one_in;
        let gauges = &finished.gauges;
        let counted = |count: fn(&domain::ledger::Counts) -> u32| -> u64 {
            finished.jobs.iter().map(|job| u64::from(count(&job.counts))).sum::<u64>() * scale
        };
        let accepted = counted(|counts| counts.accepted);
        let all = gauges.total(|minute| minute.attempts) * scale;
        let attempts = all as f64 / accepted.max(1) as f64;
        let minutes = window(plan, gauges);
        let recent = minutes.iter().map(|minute| minute.attempts).sum::<u64>() * scale;
        let hours = minutes.len() as f64 / 60.0;
        let mut took: Vec<Duration> = finished.jobs.iter().map(|job| job.took).collect();
        took.sort_unstable();
        let packs = (finished.packs * plan.requests() as usize).max(1) as f64;
        let ended = finished.ended.since(Moment::default());
        Self {
            tasks_per_hour: plan.tasks_per_hour as f64,
            one_in: scale,
            accepted,
            succeeded: counted(|counts| counts.succeeded),
            dead: counted(|counts| counts.dead),
            pace: recent as f64 / hours / attempts,
            ended,
            done: finished.done.since(Moment::default()),
            drained: ended.saturating_sub(plan.submitting),
            job_median: took.get(took.len() / 2).copied().unwrap_or_default(),
            attempts,
            deliveries: gauges.deliveries as f64 / packs,
            idle: gauges.idle as f64 / gauges.deliveries.max(1) as f64,
            refused: gauges.refused * scale,
            handed_back: gauges.handed_back as f64 * scale as f64 / all.max(1) as f64,
            puts: gauges.total(|minute| minute.puts) as f64 / gauges.total(|minute| minute.dead).max(1) as f64,
            ledger_requests: gauges.total(|minute| minute.ledgers) as f64 / packs,
            uses: uses::of(plan, finished),
            open: gauges.minutes.iter().map(|minute| minute.open * scale).collect(),
            packs: finished.packs,
            line_bytes: finished.line_bytes,
        }
    }

    /// How much of `limit` was used.
    pub fn used(&self, limit: Limit) -> Option<&Use> {
        self.uses.iter().find(|used| used.limit == limit)
    }

    /// The limits that were reached, in that order.
    pub fn walls(&self) -> Vec<&Use> {
        let reached = self.uses.iter().filter(|used| used.limit.is_wall() && used.reached.is_some());
        let mut walls: Vec<&Use> = reached.collect();
        walls.sort_by_key(|used| used.reached);
        walls
    }

    /// The limit that would be reached first if more tasks came, and at how many an hour: as the use of what grows with
    /// their rate says.
    pub fn next_wall(&self) -> Option<(Limit, f64)> {
        let walls = self.uses.iter().filter_map(|used| Some((used.limit, self.tasks_per_hour / used.steady?)));
        walls.filter(|(_, rate)| rate.is_finite()).min_by(|one, other| one.1.total_cmp(&other.1))
    }
}
