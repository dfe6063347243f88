//! A schedule fires at its fire times.

use domain::ledger::Source;
use domain::schedule::Outcome;
use domain::time::Timestamp;
use serde_json::{Value, json};
use tests::patience::eventually;
use tests::schedules::{Run, path, schedule};

use super::{Day, client, minutes};
use crate::SOON;

#[test]
fn a_schedule_that_is_saved_answers_what_it_is_and_when_it_fires_next() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    let cron = day.cron("0 12");
    let answer = schedules.try_put("saved", &schedule(&cron, &json!({}))).expect(201);
    let saved = answer.json();
    assert_eq!(answer.header("etag"), schedules.etag("saved"));
    assert!(answer.header("etag").starts_with('"'), "{}", answer.header("etag"));
    let (created_at, next) = (saved["created_at"].clone(), saved["next"].clone());
    assert_eq!(
        saved,
        json!({
            "name": "saved", "source": "api", "cron": cron, "timezone": "UTC", "generator": "tasks",
            "input": { "tasks": [{ "kind": "simulate" }] }, "lane": "default", "overlap": "allow",
            "catch_up": { "policy": "latest", "window_seconds": 3_600, "max": 100 }, "jitter_seconds": 0,
            "pause_after_failures": null, "paused": false, "failures": 0, "pending": 0, "last_job": null,
            "created_at": created_at, "updated_at": created_at, "next": next,
        })
    );
    assert!(Timestamp::parse_rfc3339(created_at.as_str().unwrap()).is_some());
    let years: Vec<&str> = next.as_array().unwrap().iter().map(|at| &at.as_str().unwrap()[..4]).collect();
    assert_eq!((years.len(), &next[0]), (5, &json!(day.at("12:00").to_string())));
    assert!(years.is_sorted_by(|one, other| one < other), "{next}");
    assert_eq!(schedules.get("saved"), saved);

    let all = json!({
        "timezone": "Europe/Berlin", "lane": "bulk", "overlap": "buffer_one", "jitter_seconds": 7, "pause_after_failures": 3,
        "catch_up": { "policy": "all", "window_seconds": 60, "max": 5 }, "paused": true,
        "input": { "tasks": [{ "kind": "simulate", "payload": { "output": 1.50 } }] },
    });
    let changed = schedules.try_put("saved", &schedule("@daily", &all)).expect(200).json();
    for (field, value) in all.as_object().unwrap() {
        assert_eq!(changed[field], *value, "{field}");
    }
    assert_eq!((&changed["cron"], &changed["paused_by"]), (&json!("@daily"), &json!("hand")));
    assert_eq!(changed["created_at"], created_at);
    assert_eq!(changed["next"].as_array().unwrap().len(), 5, "it is shown when it would fire also while it is paused");
    schedules.delete("saved");
    assert_eq!(client.get(&path("saved")).status, 404);
}

#[test]
fn a_tick_at_a_fire_time_makes_one_job_and_a_tick_before_it_none() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    let tasks =
        json!({ "tasks": [{ "kind": "simulate", "ref": "a" }, { "kind": "simulate", "payload": { "output": 7 } }] });
    schedules.put("on-time", &schedule(&day.cron("0 12"), &json!({ "input": tasks, "lane": "high" })));
    schedules.tick(day.at("11:59"));
    assert_eq!(schedules.runs("on-time"), []);

    // As late as a tick is that comes in the minute.
    let tick = Timestamp::from_millis(day.at("12:00").as_millis() + 417);
    schedules.tick(tick);
    let runs = schedules.runs("on-time");
    let job = runs[0].job.expect("it made a job");
    let planned_at = day.at("12:00");
    let fired = Outcome::Fired;
    assert_eq!(
        runs,
        [Run { planned_at, fired_at: tick, lateness_ms: 417, outcome: fired, reason: None, job: Some(job) }]
    );
    let view = client.wait_until_ended(job, SOON);
    assert_eq!((view.counts.accepted, view.counts.succeeded), (2, 2));
    assert_eq!((view.source, view.name.as_deref(), view.lane.name()), (Source::Cron, Some("on-time"), "high"));
    let results = client.results(job, "");
    assert_eq!((&results[0]["ref"], &results[1]["output"]), (&json!("a"), &json!(7)));

    let shown = schedules.get("on-time");
    assert_eq!((&shown["last_job"], &shown["pending"]), (&json!(job), &json!(0)));
    let listed = |source: &str| {
        let jobs = client.get(&format!("/v1/jobs?source={source}&limit=200")).expect(200).json()["jobs"].clone();
        jobs.as_array().unwrap().iter().find(|listed| listed["job"] == json!(job)).cloned()
    };
    let found: Value = eventually("the job is listed", SOON, || listed("cron"));
    assert_eq!((&found["source"], &found["name"]), (&json!("cron"), &json!("on-time")));
    assert_eq!(listed("api"), None);
}

#[test]
fn a_schedule_fires_at_each_of_its_fire_times() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    schedules.put("often", &schedule(&day.cron("*/2 12"), &json!({})));
    for minute in 0..6 {
        schedules.tick(day.at("12:00").after(minutes(minute)));
    }
    let runs = schedules.runs("often");
    let planned: Vec<Timestamp> = runs.iter().map(|run| run.planned_at).collect();
    assert_eq!(planned, [day.at("12:04"), day.at("12:02"), day.at("12:00")], "newest first");
    assert!(runs.iter().all(|run| run.outcome == Outcome::Fired && run.lateness_ms == 0), "{runs:?}");
    let mut jobs: Vec<_> = runs.iter().map(|run| run.job).collect();
    assert_eq!(schedules.get("often")["last_job"], json!(jobs[0]));
    jobs.dedup();
    assert_eq!(jobs.len(), 3, "a job each");
}

#[test]
fn a_tick_from_the_past_changes_nothing() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    schedules.put("past", &schedule(&day.cron("* 12"), &json!({ "overlap": "buffer_one" })));
    schedules.tick(day.at("12:00"));
    schedules.tick(day.at("12:03"));
    let (runs, shown) = (schedules.runs("past"), schedules.get("past"));
    for tick in [day.at("12:02"), day.at("12:00"), Timestamp::from_millis(0)] {
        schedules.tick(tick);
        assert_eq!((schedules.runs("past"), schedules.get("past")), (runs.clone(), shown.clone()));
    }
    schedules.tick(day.at("12:04"));
    assert_eq!(schedules.runs("past")[0].planned_at, day.at("12:04"), "and the next one fires");
    schedules.delete("past");
}
