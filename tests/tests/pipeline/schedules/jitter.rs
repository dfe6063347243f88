//! Firings that are put off a little.

use std::time::Duration;

use domain::ledger::JobState;
use domain::schedule::{Hold, hold};
use domain::time::Timestamp;
use serde_json::json;
use tests::schedules::schedule;

use super::{Day, client, minutes};
use crate::SOON;

/// A name whose firing at `at` is put off so that `wanted` likes it.
fn named(at: Timestamp, jitter: u32, wanted: impl Fn(Hold) -> bool) -> (String, Hold) {
    let mut names = (0..100_000).map(|number| format!("jitter-{jitter}-{number}"));
    let held = |name: &String| hold(&name.parse().unwrap(), at, jitter);
    let name = names.find(|name| wanted(held(name))).unwrap();
    let hold = held(&name);
    (name, hold)
}

#[test]
fn seconds_of_jitter_put_off_the_tasks_of_a_firing_and_not_the_firing() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    let at = day.at("12:00");
    let (name, hold) = named(at, 59, |hold| (4..8).contains(&hold.tasks.as_secs()));
    assert_eq!(hold.tick, Duration::ZERO);
    schedules.put(&name, &schedule(&day.cron("0 12"), &json!({ "jitter_seconds": 59 })));
    schedules.tick(at);
    let run = schedules.runs(&name).remove(0);
    assert_eq!((run.text(), run.planned_at, run.fired_at), ("fired".to_owned(), at, at));
    let job = run.job.unwrap();
    assert_eq!((client.job(job).state, client.job(job).counts.queued), (JobState::Running, 1));
    let view = client.wait_until_ended(job, SOON);
    let took = view.completed_at.unwrap().since(view.created_at);
    // The messages of the local queue wait whole seconds.
    assert!(took + Duration::from_secs(1) >= hold.tasks, "its task began after {took:?}, not {:?}", hold.tasks);
    assert_eq!(view.counts.succeeded, 1);
}

#[test]
fn minutes_of_jitter_leave_a_firing_to_a_later_tick() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    let at = day.at("12:00");
    let liked = |hold: Hold| (minutes(10)..minutes(40)).contains(&hold.tick) && hold.tasks < Duration::from_secs(2);
    let (name, hold) = named(at, 3_600, liked);
    let body = json!({ "jitter_seconds": 3_600, "catch_up": { "policy": "none" } });
    schedules.put(&name, &schedule(&day.cron("0 12"), &body));
    for tick in [at, at.after(minutes(5)), at.after(hold.tick - minutes(1))] {
        schedules.tick(tick);
        assert_eq!((schedules.runs(&name), &schedules.get(&name)["pending"]), (vec![], &json!(1)));
    }
    let due = at.after(hold.tick);
    schedules.tick(due);
    let run = schedules.runs(&name).remove(0);
    assert_eq!((run.text(), run.planned_at, run.fired_at), ("fired".to_owned(), at, due));
    assert_eq!(u128::from(run.lateness_ms), hold.tick.as_millis());
    assert_eq!(schedules.get(&name)["pending"], 0);
    assert_eq!(client.wait_until_ended(run.job.unwrap(), SOON).counts.succeeded, 1);
}
