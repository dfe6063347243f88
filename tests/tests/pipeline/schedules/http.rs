//! The generator `http`: what it asks, and what it makes of good answers.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tests::patience::eventually;
use tests::schedules::schedule;
use tests::sink::{Reply, Sink};

use super::{Day, client};
use crate::SOON;

/// A schedule that asks `url` at 12:00.
pub(super) fn asking(day: &Day, url: &str, changes: &Value) -> Value {
    let mut input = json!({ "url": url, "kind": "simulate" });
    for (field, value) in changes.as_object().unwrap() {
        input[field] = value.clone();
    }
    schedule(&day.cron("0 12"), &json!({ "generator": "http", "input": input }))
}

fn good() -> Reply {
    Reply::status(200).body("{}\n")
}

#[test]
fn a_url_is_asked_for_tasks_and_told_who_asks() {
    let (client, day, sink) = (client(), Day::begin(), Sink::start());
    let schedules = client.schedules();
    let lines = concat!(
        "{\"ref\":\"mine\"}\n\r\n",
        "{\"kind\":\"http.request\",\"payload\":{\"url\":\"URL\",\"body\":\"hello\"}}\n",
        "{\"payload\":{\"output\":3}}",
    );
    let at = day.at("12:00");
    sink.answer("/tasks/asks", [Reply::status(200).body(lines.replace("URL", &sink.url("/called")))]);
    let url = sink.url("/tasks/{{schedule}}?day={{date}}&at={{fire_time}}");
    schedules.put("asks", &asking(&day, &url, &json!({ "headers": { "authorization": "Bearer secret" } })));
    schedules.tick(day.at("12:01"));
    let job = schedules.runs("asks")[0].job.expect("it made a job");
    assert_eq!(client.wait_until_ended(job, SOON).counts.succeeded, 3);
    let results = client.results(job, "");
    let kinds: Vec<&str> = results.iter().map(|result| result["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["simulate", "http.request", "simulate"]);
    assert_eq!((&results[0]["ref"], &results[2]["output"]), (&json!("mine"), &json!(3)));
    assert_eq!(sink.received("/called")[0].body, "hello");

    let asked = sink.received("/tasks/asks");
    assert_eq!((asked.len(), &*asked[0].method, &*asked[0].body), (1, "GET", ""));
    assert_eq!(asked[0].header("authorization"), "Bearer secret");
    assert_eq!(asked[0].header("monotask-schedule"), "asks");
    assert_eq!(asked[0].header("monotask-fire-time"), at.to_string());
    assert!(asked[0].header("user-agent").starts_with("monotask/"));
}

#[test]
fn an_answer_without_tasks_is_nothing_to_do() {
    let (client, day, sink) = (client(), Day::begin(), Sink::start());
    let schedules = client.schedules();
    for (name, reply) in [
        ("no-content", Reply::status(204)),
        ("empty", Reply::status(200)),
        ("blank", Reply::status(200).body("\n \r\n\n")),
    ] {
        sink.answer(&format!("/{name}"), [reply]);
        schedules.put(name, &asking(&day, &sink.url(&format!("/{name}")), &json!({})));
    }
    schedules.tick(day.at("12:00"));
    for name in ["no-content", "empty", "blank"] {
        assert_eq!(schedules.outcomes(name), ["skipped: the generator made no tasks"], "{name}");
        assert_eq!(sink.received(&format!("/{name}")).len(), 1, "{name} is asked once");
        assert_eq!(schedules.get(name)["failures"], 0);
    }
}

#[test]
fn a_url_that_fails_twice_is_asked_again_within_the_tick() {
    let (client, day, sink) = (client(), Day::begin(), Sink::start());
    let schedules = client.schedules();
    sink.answer("/", [Reply::status(503), Reply::status(429), good()]);
    schedules.put("third", &asking(&day, &sink.url("/"), &json!({})));
    schedules.tick(day.at("12:00"));
    assert_eq!((schedules.outcomes("third"), sink.received("/").len()), (vec!["fired".to_owned()], 3));
    assert_eq!(schedules.get("third")["failures"], 0);
}

#[test]
fn while_a_url_hangs_the_other_schedules_of_the_tick_fire() {
    let (client, day, sink) = (client(), Day::begin(), Sink::start());
    let schedules = client.schedules();
    for path in ["/hang-1", "/hang-2"] {
        sink.answer(path, [Reply::never(), good()]);
        schedules.put(&path[1..], &asking(&day, &sink.url(path), &json!({ "timeout_seconds": 10 })));
    }
    // By name it comes behind those that hang.
    schedules.put("later", &schedule(&day.cron("0 12"), &json!({})));
    sink.answer("/ready", [good()]);
    schedules.put("ready", &asking(&day, &sink.url("/ready"), &json!({})));
    thread::scope(|scope| {
        let tick = scope.spawn(|| schedules.tick(day.at("12:00")));
        for name in ["later", "ready"] {
            eventually("it fires meanwhile", Duration::from_secs(9), || {
                (schedules.outcomes(name) == ["fired"]).then_some(())
            });
        }
        assert!(!tick.is_finished(), "the tick waits for those that hang");
        for name in ["hang-1", "hang-2"] {
            assert!(schedules.runs(name).is_empty());
            assert_eq!(schedules.get(name)["pending"], 1);
        }
    });
    for name in ["hang-1", "hang-2"] {
        assert_eq!(schedules.outcomes(name), ["fired"], "the second time it answered");
    }
}
