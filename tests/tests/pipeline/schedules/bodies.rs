//! Everything that may be wrong with a schedule that is to be saved.

use serde_json::{Value, json};
use tests::schedules::{path, schedule};

use super::client;
use crate::refusals::problem;

/// Saves `body` as `name`, which must be refused because of exactly `errors`: fields, each with an index or none.
#[track_caller]
fn refused(name: &str, body: &Value, errors: &[(Option<u64>, &str)]) {
    let client = client();
    let found = problem(&body.to_string(), &client.schedules().try_put(name, body), 422);
    let found: Vec<_> = found.iter().map(|error| (error["index"].as_u64(), error["field"].as_str().unwrap())).collect();
    assert_eq!(found, errors, "{body}");
    assert_eq!(client.get(&path(name)).status, 404, "{body} left something behind");
}

fn with(field: &str, value: Value) -> Value {
    schedule("0 12 * * *", &json!({ field: value }))
}

#[test]
fn a_cron_or_a_time_zone_that_is_none_is_refused() {
    let none = |cron: &str| with("cron", json!(cron));
    for cron in [
        "",
        "0 12 * *",
        "0 0 12 * * *",
        "0 0 12 * * * 2027",
        "@every 5m",
        "@reboot",
        "@noon",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "a * * * *",
        "*/0 * * * *",
        "5-1 * * * *",
        "0 0 30 2 *",
        "0 0 31 4,6 *",
        &"1,".repeat(200),
    ] {
        refused("bad-cron", &none(cron), &[(None, "cron")]);
    }
    for zone in ["", "Mars/Olympus", "CEST", "+01:00", "Europe/Berlin ", "Europe"] {
        refused("bad-zone", &with("timezone", json!(zone)), &[(None, "timezone")]);
    }
    let mut both = none("0 0 30 2 *");
    both["timezone"] = json!("nowhere");
    both["lane"] = json!("fast");
    refused("bad-both", &both, &[(None, "timezone"), (None, "lane")]);
    both["cron"] = json!("nonsense");
    refused("bad-both", &both, &[(None, "cron"), (None, "timezone"), (None, "lane")]);
}

#[test]
fn a_setting_that_is_none_is_refused() {
    for (field, value, named) in [
        ("surprise", json!(1), "surprise"),
        ("cron", json!(7), "cron"),
        ("cron", json!(null), "cron"),
        ("generator", json!("sql"), "generator"),
        ("lane", json!("quarantine"), "lane"),
        ("lane", json!("fast"), "lane"),
        ("overlap", json!("cancel"), "overlap"),
        ("overlap", json!(true), "overlap"),
        ("catch_up", json!("latest"), "catch_up"),
        ("catch_up", json!(["latest", 60, 5]), "catch_up"),
        ("catch_up", json!({}), "catch_up"),
        ("catch_up", json!({ "max": 5 }), "catch_up"),
        ("catch_up", json!({ "policy": "newest" }), "catch_up.policy"),
        ("catch_up", json!({ "policy": "all", "maximum": 5 }), "catch_up.maximum"),
        ("catch_up", json!({ "policy": "all", "max": 0 }), "catch_up.max"),
        ("catch_up", json!({ "policy": "all", "max": 1_001 }), "catch_up.max"),
        ("catch_up", json!({ "policy": "all", "window_seconds": 2_592_001 }), "catch_up.window_seconds"),
        ("catch_up", json!({ "policy": "all", "window_seconds": -1 }), "catch_up.window_seconds"),
        ("jitter_seconds", json!(86_401), "jitter_seconds"),
        ("jitter_seconds", json!(1.5), "jitter_seconds"),
        ("pause_after_failures", json!(0), "pause_after_failures"),
        ("pause_after_failures", json!(1_001), "pause_after_failures"),
        ("paused", json!("no"), "paused"),
    ] {
        refused("bad-setting", &with(field, value), &[(None, named)]);
    }
    // What is missing is missing in what it should be in.
    for missing in ["cron", "generator", "input"] {
        let mut body = schedule("0 12 * * *", &json!({}));
        body.as_object_mut().unwrap().remove(missing);
        refused("bad-setting", &body, &[(None, "")]);
        let answer = client().schedules().try_put("bad-setting", &body).json();
        assert!(answer["errors"][0]["detail"].as_str().unwrap().contains(&format!("`{missing}`")), "{answer}");
    }
    for body in [json!([]), json!(null), json!("x"), json!(["0 12 * * *", "UTC", "tasks", {}])] {
        refused("bad-setting", &body, &[(None, "")]);
    }
}

#[test]
fn a_list_of_tasks_is_checked_as_a_submission_is() {
    let good = json!({ "kind": "simulate" });
    for (input, errors) in [
        (json!({ "tasks": [] }), vec![(None, "input.tasks")]),
        (json!({ "tasks": good }), vec![(None, "input.tasks")]),
        (json!({}), vec![(None, "input")]),
        (json!([]), vec![(None, "input")]),
        (json!({ "tasks": [good], "more": 1 }), vec![(None, "input.more")]),
        (json!({ "tasks": [good, 7] }), vec![(Some(1), "input.tasks")]),
        (
            json!({ "tasks": [{ "kind": "nope" }, good, { "kind": "simulate", "max_attempts": 0 }] }),
            vec![(Some(0), "input.tasks.kind"), (Some(2), "input.tasks.max_attempts")],
        ),
        (
            json!({ "tasks": [{ "kind": "simulate", "payload": { "fial": 1 } }] }),
            vec![(Some(0), "input.tasks.payload.fial")],
        ),
    ] {
        refused("bad-tasks", &with("input", input), &errors);
    }
}

#[test]
fn a_template_and_a_url_are_checked_as_far_as_they_can_be() {
    let task = json!({ "kind": "simulate", "payload": { "output": "{{item.x}}" } });
    for (generator, input, index, field) in [
        ("template", json!({ "task": task }), Some(0), "input.task"),
        ("template", json!({ "task": task, "items": [{ "x": 1 }, {}] }), Some(1), "input.task"),
        ("template", json!({ "task": task, "items": [] }), None, "input.items"),
        ("template", json!({ "task": { "kind": "{{nope}}" } }), None, "input.task"),
        ("template", json!({ "task": { "kind": "nope" } }), Some(0), "input.task.kind"),
        (
            "template",
            json!({ "task": { "kind": "simulate" }, "range": { "from": 1, "to": 100_001 } }),
            None,
            "input.range",
        ),
        ("template", json!({ "task": { "kind": "simulate" }, "range": { "from": 1 } }), None, "input.range"),
        ("http", json!({}), None, "input"),
        ("http", json!({ "url": "ftp://127.0.0.1/" }), None, "input.url"),
        ("http", json!({ "url": "/tasks" }), None, "input.url"),
        ("http", json!({ "url": "http://127.0.0.1/{{item}}" }), None, "input.url"),
        ("http", json!({ "url": "http://127.0.0.1/", "kind": "nope" }), None, "input.kind"),
        ("http", json!({ "url": "http://127.0.0.1/", "timeout_seconds": 61 }), None, "input.timeout_seconds"),
        ("http", json!({ "url": "http://127.0.0.1/", "headers": { "a b": "c" } }), None, "input.headers.a b"),
    ] {
        let body = schedule("0 12 * * *", &json!({ "generator": generator, "input": input }));
        refused("bad-input", &body, &[(index, field)]);
    }
}
