//! Nothing is lost in a run, and a seed makes it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

use std::time::Duration;

use domain::limits::HELD_AFTER;
use proptest::prelude::*;
use simulation::limits::QUEUE_MESSAGES_PER_SECOND;
use simulation::plan::{Jobs, Plan};
use simulation::summary::Summary;
use simulation::uses::Limit;
use simulation::world::run;

/// Runs `plan` and checks that every task has ended, by the ledgers' own counts.
fn summary(plan: &Plan) -> Summary {
    let finished = run(plan).unwrap();
    let jobs = if plan.jobs == Jobs::OneForAll { 1 } else { plan.requests() as usize };
    assert_eq!(finished.jobs.len(), jobs, "every job ends");
    for job in &finished.jobs {
        let counts = job.counts;
        assert_eq!(counts.accepted, counts.succeeded + counts.dead, "{counts:?}");
    }
    let summary = Summary::of(plan, &finished);
    assert_eq!(summary.accepted, plan.requests() * u64::from(plan.job_tasks) * plan.one_in);
    summary
}

fn minutes(tasks_per_hour: u64, failing: f64, minutes: u64) -> Plan {
    Plan { submitting: Duration::from_secs(60 * minutes), ..Plan::production(tasks_per_hour, failing) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_settings_every_task_ends(
        seed in any::<u64>(),
        failing in prop_oneof![Just(0.0), Just(1.0), 0.0..1.0],
        (batch, pack, concurrency, attempts) in (1..30_usize, 1..150_usize, 1..8_usize, 1..7_u8),
        (lanes, job_tasks, one_in) in (1..4_usize, 1..700_u32, prop::sample::select(vec![1_u64, 10, 50])),
        (downstream, disorder, jobs) in (1..5_000_u64, 0..300_u64, prop::sample::select(vec![Jobs::OneEach, Jobs::OneForAll])),
    ) {
        let mut plan = minutes(u64::from(job_tasks) * one_in * 300, failing, 2);
        (plan.seed, plan.lanes, plan.job_tasks, plan.one_in, plan.jobs) = (seed, lanes, job_tasks, one_in, jobs);
        plan.downstream = Duration::from_millis(downstream);
        plan.disorder = Duration::from_secs(disorder);
        plan.lane_mut().max_batch_size = batch;
        let kind = plan.kind_mut();
        (kind.pack_tasks, kind.concurrency, kind.retry.max_attempts) = (pack, concurrency, attempts);
        let summary = summary(&plan);
        prop_assert!(failing < 1.0 || summary.succeeded == 0);
        prop_assert!(failing > 0.0 || summary.dead == 0);
        prop_assert!(summary.attempts >= 1.0 && summary.attempts <= f64::from(attempts));
    }
}

#[test]
fn a_seed_makes_a_run_and_another_one_makes_another() {
    let plan = minutes(1_000_000, 0.1, 2);
    let told = |plan: &Plan| format!("{:?}", summary(plan));
    assert_eq!(told(&plan), told(&plan));
    assert_ne!(told(&plan), told(&Plan { seed: 2, ..plan.clone() }));
}

#[test]
fn without_failures_a_pack_is_one_message_and_a_task_one_attempt() {
    let summary = summary(&minutes(1_000_000, 0.0, 5));
    assert!(summary.attempts == 1.0 && summary.deliveries == 1.0 && summary.idle == 0.0, "{summary:?}");
    assert!(summary.walls().is_empty());
}

#[test]
fn consumers_do_what_their_slots_allow_and_not_more() {
    let summary = summary(&Plan { one_in: 25, ..minutes(36_000_000, 0.0, 8) });
    let slots = 250.0 * 4.0 * 3_600.0 / 0.2;
    assert!((0.97..1.01).contains(&(summary.pace / slots)), "{}", summary.pace);
    assert_eq!(summary.walls().first().map(|used| used.limit), Some(Limit::Invocations));
}

#[test]
fn what_a_queue_refuses_the_outbox_sends_again() {
    let mut plan = Plan { one_in: 50, job_tasks: 1_000, ..minutes(36_000_000, 0.0, 1) };
    plan.kind_mut().pack_tasks = 1;
    let summary = summary(&plan);
    assert!(summary.refused > 0, "the queue takes {} of them a second", QUEUE_MESSAGES_PER_SECOND);
    assert_eq!(summary.succeeded, summary.accepted);
}

#[test]
fn letters_that_d1_cannot_take_in_time_wait_and_are_put_once() {
    let mut plan = Plan { one_in: 500, ..minutes(180_000_000, 1.0, 8) };
    plan.kind_mut().retry.max_attempts = 1;
    let summary = summary(&plan);
    assert!(summary.walls().iter().any(|used| used.limit == Limit::DatabaseTime), "{:?}", summary.walls());
    assert!(summary.dead == summary.accepted && summary.puts == 1.0, "{} puts a letter", summary.puts);
}

#[test]
fn a_retry_that_waits_longer_than_a_queue_should_hold_it_is_held_by_the_ledger() {
    let mut plan = minutes(500_000, 1.0, 2);
    let wait = HELD_AFTER * 2;
    let retry = &mut plan.kind_mut().retry;
    (retry.initial_interval, retry.max_attempts, retry.randomization_factor) = (wait, 2, 0.0);
    let summary = summary(&plan);
    assert!(summary.ended > wait && summary.ended < wait * 2, "{:?}", summary.ended);
    assert_eq!(summary.attempts, 2.0);
}
