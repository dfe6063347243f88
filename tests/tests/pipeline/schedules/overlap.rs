//! A fire time while the job before is not done.

use std::thread;
use std::time::Duration;

use domain::id::JobId;
use serde_json::{Value, json};
use tests::client::Client;
use tests::schedules::schedule;
use tests::sink::{Reply, Sink};

use super::{Day, client};
use crate::SOON;

/// A schedule whose jobs are not done before they are canceled.
fn never_done(day: &Day, overlap: &str) -> Value {
    let input = json!({ "tasks": [{ "kind": "simulate", "delay_seconds": 86_400 }] });
    schedule(&day.cron("* 12"), &json!({ "overlap": overlap, "input": input }))
}

fn end(client: &Client, job: JobId) {
    client.call("POST", &format!("/v1/jobs/{job}/cancel")).send().expect(202);
    client.wait_until_ended(job, SOON);
}

#[test]
fn with_allow_it_fires_all_the_same() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    schedules.put("allow", &never_done(&day, "allow"));
    for tick in ["12:00", "12:01"] {
        schedules.tick(day.at(tick));
    }
    assert_eq!(schedules.outcomes("allow"), ["fired", "fired"]);
    for run in schedules.runs("allow") {
        end(&client, run.job.unwrap());
    }
    schedules.delete("allow");
}

#[test]
fn with_skip_it_is_skipped_until_the_job_is_done() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    schedules.put("skip", &never_done(&day, "skip"));
    schedules.tick(day.at("12:00"));
    let job = schedules.runs("skip")[0].job.unwrap();
    schedules.tick(day.at("12:01"));
    let skipped = format!("skipped: the job before is not done: {job}");
    assert_eq!(schedules.outcomes("skip"), ["fired", &skipped]);
    assert_eq!(schedules.get("skip")["last_job"], json!(job));
    end(&client, job);
    schedules.tick(day.at("12:02"));
    assert_eq!(schedules.outcomes("skip"), ["fired", &skipped, "fired"]);
    // A job by hand is waited for, too.
    end(&client, schedules.runs("skip")[0].job.unwrap());
    let by_hand = schedules.run("skip");
    schedules.tick(day.at("12:03"));
    assert_eq!(schedules.outcomes("skip").last().unwrap(), &format!("skipped: the job before is not done: {by_hand}"));
    schedules.delete("skip");
    end(&client, by_hand);
}

#[test]
fn with_buffer_one_a_single_firing_waits_until_the_job_is_done() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    schedules.put("buffer", &never_done(&day, "buffer_one"));
    schedules.tick(day.at("12:00"));
    let first = schedules.runs("buffer")[0].job.unwrap();
    for tick in ["12:01", "12:02", "12:03"] {
        schedules.tick(day.at(tick));
    }
    let skipped = format!("skipped: the job before is not done: {first}");
    assert_eq!(schedules.outcomes("buffer"), ["fired", &skipped, &skipped], "12:01 has not ended");
    assert_eq!(schedules.get("buffer")["pending"], 1);

    end(&client, first);
    schedules.tick(day.at("12:04"));
    let runs = schedules.runs("buffer");
    let waited = runs.iter().find(|run| run.planned_at == day.at("12:01")).expect("it has ended");
    assert_eq!((waited.text(), waited.fired_at, waited.lateness_ms), ("fired".to_owned(), day.at("12:04"), 180_000));
    let second = waited.job.unwrap();
    assert_eq!(schedules.get("buffer")["pending"], 1, "12:04 waits for the job of 12:01");
    assert!(runs.iter().all(|run| run.planned_at != day.at("12:04")), "{runs:?}");

    end(&client, second);
    schedules.tick(day.at("12:04"));
    let newest = schedules.runs("buffer").remove(0);
    assert_eq!((newest.planned_at, newest.text()), (day.at("12:04"), "fired".to_owned()));
    assert_eq!(schedules.get("buffer")["pending"], 0);
    schedules.delete("buffer");
    end(&client, newest.job.unwrap());
}

#[test]
fn fire_times_of_one_gap_overlap_each_other() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    for (name, overlap) in [("gap-skip", "skip"), ("gap-buffer", "buffer_one")] {
        let mut body = never_done(&day, overlap);
        body["catch_up"] = json!({ "policy": "all" });
        schedules.put(name, &body);
    }
    schedules.tick(day.at("12:02"));
    for name in ["gap-skip", "gap-buffer"] {
        let runs = schedules.runs(name);
        let oldest = runs.last().unwrap();
        assert_eq!((oldest.planned_at, oldest.text()), (day.at("12:00"), "fired".to_owned()));
        let job = oldest.job.unwrap();
        let skipped = format!("skipped: the job before is not done: {job}");
        assert!(runs[..runs.len() - 1].iter().all(|run| run.text() == skipped), "{runs:?}");
        let pending = schedules.get(name)["pending"].as_u64().unwrap();
        assert_eq!((runs.len() as u64 + pending, pending), (3, u64::from(name == "gap-buffer")));
        schedules.delete(name);
        end(&client, job);
    }
}

#[test]
fn a_firing_whose_tasks_are_still_being_made_is_not_overlapped_either() {
    let (client, day, sink) = (client(), Day::begin(), Sink::start());
    let schedules = client.schedules();
    let tasks = || Reply::status(200).body("{\"delay_seconds\":86400}");
    for (name, overlap) in [("making-skip", "skip"), ("making-buffer", "buffer_one"), ("making-allow", "allow")] {
        sink.answer(&format!("/{name}"), [tasks().after(Duration::from_secs(5)), tasks()]);
        let input = json!({ "url": sink.url(&format!("/{name}")), "kind": "simulate" });
        let changes = json!({ "generator": "http", "input": input, "overlap": overlap });
        schedules.put(name, &schedule(&day.cron("* 12"), &changes));
    }
    thread::scope(|scope| {
        let slow = scope.spawn(|| schedules.tick(day.at("12:00")));
        for name in ["making-skip", "making-buffer", "making-allow"] {
            sink.wait_for(&format!("/{name}"), 1, SOON);
        }
        schedules.tick(day.at("12:01"));
        assert!(!slow.is_finished(), "it is not at work any more");
        let skipped = format!("skipped: the firing before is not done: {}", day.at("12:00"));
        assert_eq!(schedules.outcomes("making-skip"), [skipped]);
        assert!(schedules.outcomes("making-buffer").is_empty());
        assert_eq!(schedules.get("making-buffer")["pending"], 2);
        assert_eq!(schedules.outcomes("making-allow"), ["fired"]);
    });
    for (name, jobs) in [("making-skip", 1), ("making-buffer", 1), ("making-allow", 2)] {
        let made: Vec<JobId> = schedules.runs(name).iter().filter_map(|run| run.job).collect();
        assert_eq!(made.len(), jobs, "{name}");
        schedules.delete(name);
        made.into_iter().for_each(|job| end(&client, job));
    }
}

#[test]
fn a_firing_that_waits_does_not_fire_once_its_schedule_is_paused() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    schedules.put("buffer-paused", &never_done(&day, "buffer_one"));
    schedules.tick(day.at("12:00"));
    let first = schedules.runs("buffer-paused")[0].job.unwrap();
    schedules.tick(day.at("12:01"));
    assert_eq!(schedules.get("buffer-paused")["pending"], 1);
    schedules.say("buffer-paused", "pause").expect(200);
    end(&client, first);
    schedules.tick(day.at("12:02"));
    assert_eq!(schedules.outcomes("buffer-paused"), ["fired", "skipped: paused", "skipped: paused"]);
    schedules.delete("buffer-paused");
    // What became of them is kept.
    assert_eq!(schedules.outcomes("buffer-paused").len(), 3);
}
