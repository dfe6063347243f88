//! Schedules that fail, and are paused for it.

use serde_json::{Value, json};
use tests::schedules::schedule;
use tests::sink::{Reply, Sink};

use super::{Day, client};

const FAILED: &str = "failed: the generator failed: answered 404";

/// A schedule that fires each minute from 12:00 on, and asks `url`.
fn asking(day: &Day, url: &str, limit: &Value) -> Value {
    let input = json!({ "url": url, "kind": "simulate" });
    let changes = json!({ "generator": "http", "input": input, "pause_after_failures": limit });
    schedule(&day.cron("* 12"), &changes)
}

#[test]
fn a_schedule_that_fails_too_often_in_a_row_is_paused_until_it_is_resumed() {
    let (client, day, sink) = (client(), Day::begin(), Sink::start());
    let schedules = client.schedules();
    // 404 is final: it is not asked again within the tick.
    sink.answer("/", [Reply::status(404)]);
    schedules.put("failing", &asking(&day, &sink.url("/"), &json!(2)));
    schedules.tick(day.at("12:00"));
    let shown = schedules.get("failing");
    assert_eq!((&shown["failures"], &shown["paused"]), (&json!(1), &json!(false)));
    let etag = schedules.etag("failing");
    schedules.tick(day.at("12:01"));
    let shown = schedules.get("failing");
    assert_eq!(
        (&shown["failures"], &shown["paused"], &shown["paused_by"]),
        (&json!(2), &json!(true), &json!("failures"))
    );
    assert_ne!(schedules.etag("failing"), etag, "whoever changes it now knows that it was paused");
    schedules.tick(day.at("12:02"));
    assert_eq!(schedules.outcomes("failing"), [FAILED, FAILED, "skipped: paused"]);
    assert_eq!(sink.received("/").len(), 2);

    let resumed = schedules.say("failing", "resume").expect(200).json();
    assert_eq!((&resumed["failures"], &resumed["paused"]), (&json!(0), &json!(false)));
    schedules.tick(day.at("12:03"));
    assert_eq!(
        (&schedules.get("failing")["failures"], &schedules.get("failing")["paused"]),
        (&json!(1), &json!(false))
    );
    schedules.delete("failing");
}

#[test]
fn a_firing_that_works_breaks_the_row_of_failures() {
    let (client, day, sink) = (client(), Day::begin(), Sink::start());
    let schedules = client.schedules();
    let (bad, good) = (Reply::status(404), Reply::status(200).body("{}"));
    sink.answer("/", [bad.clone(), good, bad.clone(), Reply::status(204), bad]);
    schedules.put("mostly", &asking(&day, &sink.url("/"), &json!(2)));
    let failures = ["12:00", "12:01", "12:02", "12:03"].map(|tick| {
        schedules.tick(day.at(tick));
        schedules.get("mostly")["failures"].as_u64().unwrap()
    });
    assert_eq!(failures, [1, 0, 1, 1], "a firing without tasks is neither");
    assert_eq!(schedules.outcomes("mostly"), [FAILED, "fired", FAILED, "skipped: the generator made no tasks"]);
    schedules.tick(day.at("12:04"));
    assert_eq!(schedules.get("mostly")["paused_by"], "failures");
    schedules.delete("mostly");
}

#[test]
fn a_schedule_without_a_limit_fails_as_often_as_it_likes() {
    let (client, day, sink) = (client(), Day::begin(), Sink::start());
    let schedules = client.schedules();
    sink.answer("/", [Reply::status(404)]);
    let mut body = asking(&day, &sink.url("/"), &Value::Null);
    body["catch_up"] = json!({ "policy": "all" });
    schedules.put("unlimited", &body);
    schedules.tick(day.at("12:04"));
    assert_eq!(schedules.outcomes("unlimited"), vec![FAILED; 5]);
    assert_eq!(
        (&schedules.get("unlimited")["failures"], &schedules.get("unlimited")["paused"]),
        (&json!(5), &json!(false))
    );
    schedules.delete("unlimited");
}
