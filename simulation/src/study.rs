//! Every run that the document is made of.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::plan::{Jobs, Plan};
use crate::summary::Summary;
use crate::workload::WorkloadError;
use crate::world::run;

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The nine that were asked for.
    Scenario,
    /// Rates on both sides of the wall.
    Rates,
    /// One setting changed, at twice what can be done.
    Moves,
    /// `max_batch_size`, at a rate without a backlog.
    Batches,
    /// `max_batch_size` with jobs of one task, at more than can be done.
    Singles,
    /// Downstreams that are faster and slower, at twice what can be done.
    Packs,
    /// The same with one task a message.
    NoPacks,
    /// A queue that does not keep the order.
    Order,
    /// All tasks in one job.
    OneJob,
}

/// A run of the study.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is for.
    pub group: Group,
    /// What is changed, in the words of the document.
    pub label: String,
    /// What it is asked.
    pub plan: Plan,
}

/// A run of the study, and what came of it.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The run.
    pub case: Case,
    /// Its numbers.
    pub summary: Summary,
}

/// The shares of attempts that the downstream fails.
pub const FAILING: [f64; 3] = [0.0, 0.1, 1.0];

/// The rates that were asked for.
pub const RATES: [u64; 3] = [1_000_000, 10_000_000, 100_000_000];

const MILLION: f64 = 1_000_000.0;

/// All runs.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for tasks in RATES {
        for failing in FAILING {
            let one_in = match tasks {
                1_000_000 => 1,
                10_000_000 => 10,
                _ => 50,
            };
            let plan = Plan { one_in, ..Plan::production(tasks, failing) };
            cases.push(Case { group: Group::Scenario, label: String::new(), plan });
        }
    }
    // The longest first: it decides how long all of them take.
    cases.reverse();
    cases.extend(rates());
    cases.extend(FAILING.into_iter().flat_map(moves));
    cases.extend(batches());
    cases.extend(downstreams());
    for minutes in [0, 2, 5] {
        let plan = Plan { disorder: Duration::from_secs(60 * minutes), ..overloaded(0.1) };
        cases.push(Case { group: Group::Order, label: minutes.to_string(), plan });
    }
    for (ms, tasks, seconds) in [(200, 16.0, 600), (20, 180.0, 180)] {
        for failing in [0.0, 0.1] {
            let plan = Plan {
                jobs: Jobs::OneForAll,
                tasks_per_hour: (tasks * MILLION) as u64,
                one_in: 5,
                submitting: Duration::from_secs(seconds),
                downstream: Duration::from_millis(ms),
                ..Plan::production(0, failing)
            };
            cases.push(Case { group: Group::OneJob, label: ms.to_string(), plan });
        }
    }
    cases
}

/// Twenty minutes of more than consumers can do.
fn overloaded(failing: f64) -> Plan {
    let submitting = Duration::from_secs(1_200);
    let tasks = if failing == 1.0 { 7_200_000 } else { 36_000_000 };
    Plan { one_in: 25, submitting, ..Plan::production(tasks, failing) }
}

fn rates() -> Vec<Case> {
    let rates: [(f64, &[f64]); 3] = [
        (0.0, &[1.0, 2.0, 5.0, 10.0, 14.0, 17.0, 19.0, 25.0, 50.0, 100.0]),
        (0.1, &[1.0, 2.0, 5.0, 10.0, 13.0, 15.0, 17.0, 25.0, 50.0, 100.0]),
        (1.0, &[0.5, 1.0, 2.0, 3.0, 3.3, 3.8, 5.0, 10.0]),
    ];
    let mut cases = Vec::new();
    for (failing, millions) in rates {
        for rate in millions {
            let one_in = match *rate {
                ..6.0 => 5,
                ..30.0 => 25,
                _ => 50,
            };
            let submitting = Duration::from_secs(1_200);
            let plan = Plan { one_in, submitting, ..Plan::production((rate * MILLION) as u64, failing) };
            cases.push(Case { group: Group::Rates, label: String::new(), plan });
        }
    }
    cases
}

/// One setting changed at a time.
fn moves(failing: f64) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |label: &str, change: &dyn Fn(&mut Plan)| {
        let mut plan = overloaded(failing);
        change(&mut plan);
        cases.push(Case { group: Group::Moves, label: label.to_owned(), plan });
    };
    add("production", &|_| {});
    add("`kinds.\"http.request\".concurrency` 4 → 6", &|plan| plan.kind_mut().concurrency = 6);
    add("jobs spread over 3 lanes", &|plan| over_lanes(plan, 3));
    add("a lane sharded into 6 queues", &|plan| over_lanes(plan, 6));
    add("`lanes.*.max_batch_size` 2 → 5", &|plan| plan.lane_mut().max_batch_size = 5);
    add("`lanes.*.max_batch_size` 2 → 10", &|plan| plan.lane_mut().max_batch_size = 10);
    add("`claims.slice_ms` 15 s → 60 s", &|plan| plan.settings.claims.slice = Duration::from_secs(60));
    if failing == 1.0 {
        add("`retry.max_attempts` 5 → 3", &|plan| plan.kind_mut().retry.max_attempts = 3);
        add("one attempt (what a 404 gets)", &|plan| one_attempt(plan));
        add("one attempt, `max_batch_size` 10", &|plan| {
            one_attempt(plan);
            plan.lane_mut().max_batch_size = 10;
        });
        add("one attempt, `outbox.resend_ms` 2 min → 15 min", &|plan| {
            one_attempt(plan);
            plan.settings.outbox.resend = Duration::from_secs(900);
        });
    }
    cases
}

fn over_lanes(plan: &mut Plan, lanes: usize) {
    plan.lanes = lanes;
    plan.tasks_per_hour *= lanes as u64;
    plan.one_in = 50;
    // More tasks for as long would take longer than they tell. Where all fails they tell only once all attempts are there.
    if lanes > 3 && plan.failing < 1.0 {
        plan.submitting = Duration::from_secs(600);
    }
}

fn one_attempt(plan: &mut Plan) {
    plan.kind_mut().retry.max_attempts = 1;
    plan.tasks_per_hour = 36_000_000;
}

/// The sizes of batches that are compared.
pub const BATCHES: [usize; 6] = [1, 2, 3, 5, 10, 20];

fn batches() -> Vec<Case> {
    let mut cases = Vec::new();
    for size in BATCHES {
        for failing in [0.0, 0.1] {
            let mut plan = Plan { submitting: Duration::from_secs(900), ..Plan::production(MILLION as u64, failing) };
            plan.lane_mut().max_batch_size = size;
            cases.push(Case { group: Group::Batches, label: size.to_string(), plan });
        }
        let mut plan = Plan {
            job_tasks: 1,
            one_in: 25,
            submitting: Duration::from_secs(240),
            ..Plan::production(15_000_000, 0.0)
        };
        plan.lane_mut().max_batch_size = size;
        cases.push(Case { group: Group::Singles, label: size.to_string(), plan });
    }
    cases
}

/// Milliseconds of the downstreams that are compared.
pub const DOWNSTREAMS: [u64; 4] = [20, 50, 200, 1_000];

fn downstreams() -> Vec<Case> {
    let mut cases = Vec::new();
    for ms in DOWNSTREAMS {
        let downstream = Duration::from_millis(ms);
        let twice = 2 * 18_000_000 * 200 / ms;
        let one_in = if ms < 200 { 50 } else { 10 };
        let submitting = Duration::from_secs(600);
        let plan = Plan { downstream, one_in, submitting, ..Plan::production(twice, 0.0) };
        cases.push(Case { group: Group::Packs, label: ms.to_string(), plan });
        let submitting = Duration::from_secs(240);
        let twice = twice.min(36_000_000);
        // A job's messages come at once: a sample of the queue must be wide enough for them.
        let mut plan = Plan { downstream, one_in: 10, submitting, job_tasks: 500, ..Plan::production(twice, 0.0) };
        plan.kind_mut().pack_tasks = 1;
        // Batches as large as suit it best.
        plan.lane_mut().max_batch_size = 10;
        cases.push(Case { group: Group::NoPacks, label: ms.to_string(), plan });
    }
    cases
}

/// Runs all of `cases`, as many at once as there are cores. `progress` hears of each that has ended: how many have.
///
/// # Errors
/// [`WorkloadError`]: tasks are refused.
pub fn run_all(cases: Vec<Case>, progress: &(dyn Fn(usize) + Sync)) -> Result<Vec<Ran>, WorkloadError> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let summaries: Vec<Mutex<Option<Result<Summary, WorkloadError>>>> =
        cases.iter().map(|_| Mutex::default()).collect();
    std::thread::scope(|scope| {
        for _ in 0..cores.min(cases.len()) {
            scope.spawn(|| {
                while let Some((case, place)) = pick(&cases, &summaries, &next) {
                    let summary = run(&case.plan).map(|finished| Summary::of(&case.plan, &finished));
                    if let Ok(mut place) = place.lock() {
                        *place = Some(summary);
                    }
                    progress(done.fetch_add(1, Ordering::Relaxed) + 1);
                }
            });
        }
    });
    let summaries = summaries.into_iter().filter_map(|place| place.into_inner().ok().flatten());
    cases.into_iter().zip(summaries).map(|(case, summary)| Ok(Ran { case, summary: summary? })).collect()
}

fn pick<'c, P>(cases: &'c [Case], places: &'c [P], next: &AtomicUsize) -> Option<(&'c Case, &'c P)> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    Some((cases.get(number)?, places.get(number)?))
}
