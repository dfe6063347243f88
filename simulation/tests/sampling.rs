//! A sample says what the whole says.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

use std::time::Duration;

use simulation::plan::Plan;
use simulation::summary::Summary;
use simulation::world::run;

/// How far a sample may be off, as a share.
const TOLERANCE: f64 = 0.05;
/// The same for requests of ledgers: a batch claims the packs of one job at once, and a sample has fewer jobs.
const REQUESTS: f64 = 0.15;

fn summary(plan: &Plan) -> Summary {
    Summary::of(plan, &run(plan).unwrap())
}

fn compare(whole: Plan, one_in: u64) {
    let sample = Plan { one_in, ..whole.clone() };
    let (whole, sample) = (summary(&whole), summary(&sample));
    assert_eq!(whole.accepted, sample.accepted);
    let ended = |summary: &Summary| summary.ended.as_secs_f64();
    for (what, one, other, tolerance) in [
        ("ended in an hour", whole.pace, sample.pace, TOLERANCE),
        ("minutes until all had ended", ended(&whole), ended(&sample), TOLERANCE),
        ("attempts", whole.attempts, sample.attempts, TOLERANCE),
        ("messages", whole.deliveries, sample.deliveries, TOLERANCE),
        ("requests of ledgers", whole.ledger_requests, sample.ledger_requests, REQUESTS),
    ] {
        let off = (one / other - 1.0).abs();
        assert!(off <= tolerance, "{what}: {one} without sampling, {other} with one in {}", sample.one_in);
    }
    let reached = |summary: &Summary| summary.walls().first().map(|used| used.limit);
    assert_eq!(reached(&whole), reached(&sample));
}

fn plan(tasks_per_hour: u64, failing: f64, minutes: u64) -> Plan {
    Plan { submitting: Duration::from_secs(60 * minutes), ..Plan::production(tasks_per_hour, failing) }
}

#[test]
fn one_job_in_ten_says_what_all_say_where_consumers_keep_up() {
    compare(plan(6_000_000, 0.1, 20), 10);
}

#[test]
fn one_job_in_ten_says_what_all_say_where_they_do_not() {
    compare(plan(36_000_000, 0.1, 4), 10);
}

#[test]
fn one_job_in_fifty_says_what_one_in_five_say_where_they_do_not() {
    compare(Plan { one_in: 5, ..plan(36_000_000, 0.0, 10) }, 50);
}

#[test]
fn one_job_in_fifty_says_what_one_in_five_say_where_all_fails() {
    compare(Plan { one_in: 5, ..plan(36_000_000, 1.0, 5) }, 50);
}
