//! The machine dies in the middle of a tick.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use domain::time::Timestamp;
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tests::patience::eventually;
use tests::pipeline::{Pipeline, READY, Setup};
use tests::processes::signal;
use tests::schedules::schedule;
use tests::sink::{Reply, Sink};

use super::{Day, minutes};

/// Leases of 20 seconds and more, and messages sent again after 15: in development.
const RECOVERY: Duration = Duration::from_secs(120);
/// Schedules that make their tasks themselves, and tasks of each.
const TEMPLATES: usize = 24;
const TASKS: u32 = 1_000;

fn kill(pipeline: &Pipeline) {
    let starts = pipeline.logs.texts().iter().filter(|line| line.contains(READY)).count();
    pipeline.workerds().iter().for_each(|workerd| signal(workerd.pid, Signal::SIGKILL));
    pipeline.logs.wait_for_line(READY, starts + 1, RECOVERY);
}

#[test]
fn a_tick_that_is_killed_in_its_middle_is_completed_by_one_after_its_lease() {
    let (pipeline, day, sink) = (Setup::new().start(), Day::begin(), Sink::start());
    let client = pipeline.client();
    let schedules = client.schedules();
    let task = json!({ "kind": "simulate", "payload": { "output": "{{index}}" } });
    let range = json!({ "task": task, "range": { "from": 1, "to": TASKS } });
    let template = schedule(&day.cron("0 12"), &json!({ "generator": "template", "input": range, "lane": "bulk" }));
    let mut names: Vec<String> = (0..TEMPLATES).map(|number| format!("template-{number}")).collect();
    names.iter().for_each(|name| drop(schedules.put(name, &template)));
    for name in ["asking-1", "asking-2"] {
        sink.answer(&format!("/{name}"), [Reply::never(), Reply::status(200).body("{}\n")]);
        let input = json!({ "url": sink.url(&format!("/{name}")), "kind": "simulate", "timeout_seconds": 60 });
        schedules.put(name, &schedule(&day.cron("0 12"), &json!({ "generator": "http", "input": input })));
        names.push(name.to_owned());
    }
    let is_fired = |event: &Value| event["message"] == "fired";

    // Once while it makes jobs.
    let first = day.at("12:00");
    thread::scope(|scope| {
        scope.spawn(|| schedules.try_tick(first));
        pipeline.logs.wait_for("the first jobs", 3, RECOVERY, is_fired);
        kill(&pipeline);
    });
    let fired = pipeline.logs.events(is_fired).len();
    assert!(fired < TEMPLATES, "it was not in its middle: {fired}");
    assert!(sink.received("/asking-1").is_empty());

    // What it had taken is its own until its lease is over.
    let ended = |name: &String| schedules.runs(name).len();
    let before: usize = names.iter().map(ended).sum();
    schedules.tick(first.after(minutes(9)));
    assert_eq!(names.iter().map(ended).sum::<usize>(), before);

    // Once more while it waits for URLs.
    thread::scope(|scope| {
        scope.spawn(|| schedules.try_tick(first.after(minutes(10))));
        for name in ["asking-1", "asking-2"] {
            sink.wait_for(&format!("/{name}"), 1, RECOVERY);
        }
        kill(&pipeline);
    });
    assert_eq!(names.iter().filter(|name| ended(name) == 0).count(), 2, "only those that it waited for");
    let last: Timestamp = first.after(minutes(20));
    schedules.tick(last);

    let mut jobs = BTreeMap::new();
    for name in &names {
        let runs = schedules.runs(name);
        assert_eq!((runs.len(), runs[0].text(), runs[0].planned_at), (1, "fired".to_owned(), first), "{name}");
        assert_eq!(schedules.get(name)["pending"], 0);
        jobs.insert(name.clone(), runs[0].job.unwrap());
    }
    for (name, job) in &jobs {
        let counts = client.wait_until_ended(*job, RECOVERY).counts;
        let tasks = if name.starts_with("template") { TASKS } else { 1 };
        assert_eq!((counts.accepted, counts.succeeded), (tasks, tasks), "{name}");
    }
    let listed = eventually("all jobs are listed", RECOVERY, || {
        let listed = client.triage().all("/v1/jobs", "source=cron", 200);
        (listed.len() >= names.len()).then_some(listed)
    });
    assert_eq!(listed.len(), names.len(), "one job per firing");
    for job in &listed {
        assert_eq!(job["job"], json!(jobs[job["name"].as_str().unwrap()]));
    }
}
