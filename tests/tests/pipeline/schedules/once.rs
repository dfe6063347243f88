//! One job per firing, whoever ticks and however often.

use std::collections::BTreeSet;
use std::thread;

use domain::schedule::Outcome;
use serde_json::json;
use tests::client::Client;
use tests::patience::eventually;
use tests::schedules::schedule;

use super::{Day, client};
use crate::SOON;

/// The jobs named `name` in the list, once there are `count`.
fn listed(client: &Client, name: &str, count: usize) -> BTreeSet<String> {
    eventually("its jobs are listed", SOON, || {
        let jobs = client.triage().all("/v1/jobs", "source=cron", 200);
        let jobs = jobs.iter().filter(|job| job["name"] == name).map(|job| job["job"].as_str().unwrap().to_owned());
        Some(jobs.collect::<BTreeSet<_>>()).filter(|jobs| jobs.len() >= count)
    })
}

#[test]
fn the_same_tick_twice_and_a_late_one_make_one_job() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    schedules.put("twice", &schedule(&day.cron("0 12"), &json!({ "catch_up": { "policy": "all" } })));
    for tick in ["12:00", "12:00", "12:01", "12:30", "12:00"] {
        schedules.tick(day.at(tick));
    }
    let runs = schedules.runs("twice");
    assert_eq!((runs.len(), runs[0].outcome), (1, Outcome::Fired));
    assert_eq!(runs[0].fired_at, day.at("12:00"), "by the first tick");
    assert_eq!(listed(&client, "twice", 1).len(), 1);
}

#[test]
fn ticks_at_once_make_one_job_of_each_firing() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    let all = json!({ "catch_up": { "policy": "all" } });
    for name in ["at-once-1", "at-once-2", "at-once-3"] {
        schedules.put(name, &schedule(&day.cron("0-9 12"), &all));
    }
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| schedules.tick(day.at("12:09")));
        }
    });
    for name in ["at-once-1", "at-once-2", "at-once-3"] {
        let runs = schedules.runs(name);
        assert!(runs.iter().all(|run| run.outcome == Outcome::Fired), "{runs:?}");
        let jobs: BTreeSet<String> = runs.iter().map(|run| run.job.unwrap().to_string()).collect();
        assert_eq!((runs.len(), jobs.len()), (10, 10));
        assert_eq!(listed(&client, name, 10), jobs, "and no job besides");
        for run in &runs {
            assert_eq!(client.wait_until_ended(run.job.unwrap(), SOON).counts.accepted, 1);
        }
    }
}

#[test]
fn a_schedule_that_is_deleted_and_made_again_does_not_fire_the_same_fire_time_again() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    let body = schedule(&day.cron("0,30 12"), &json!({}));
    schedules.put("again", &body);
    schedules.tick(day.at("12:00"));
    let before = schedules.runs("again");
    assert_eq!(before[0].outcome, Outcome::Fired);
    schedules.delete("again");
    schedules.tick(day.at("12:00"));

    schedules.try_put("again", &body).expect(201);
    schedules.tick(day.at("12:00"));
    assert_eq!(schedules.runs("again"), before, "its runs were kept");
    schedules.tick(day.at("12:30"));
    let runs = schedules.runs("again");
    assert_eq!((runs.len(), runs[0].planned_at, &runs[1..]), (2, day.at("12:30"), &before[..]));
    assert_eq!(listed(&client, "again", 2).len(), 2);
}

#[test]
fn what_waits_to_fire_goes_with_a_schedule_that_is_deleted() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    let slow = json!({ "tasks": [{ "kind": "simulate", "delay_seconds": 3_600 }] });
    schedules.put("gone", &schedule(&day.cron("* 12"), &json!({ "overlap": "buffer_one", "input": slow })));
    schedules.tick(day.at("12:00"));
    schedules.tick(day.at("12:01"));
    assert_eq!(schedules.get("gone")["pending"], 1);
    let job = schedules.runs("gone")[0].job.unwrap();
    schedules.delete("gone");
    client.call("POST", &format!("/v1/jobs/{job}/cancel")).send().expect(202);
    client.wait_until_ended(job, SOON);
    schedules.tick(day.at("12:02"));
    schedules.put("gone", &schedule("@yearly", &json!({ "paused": true })));
    assert_eq!(schedules.outcomes("gone"), ["fired"]);
    assert_eq!(schedules.get("gone")["pending"], 0);
    schedules.delete("gone");
}
