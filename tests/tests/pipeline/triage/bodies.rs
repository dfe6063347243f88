//! Bodies of actions that cannot be read, or whose filter is wrong. Nothing is changed by any of them.

use domain::limits::{BODY_BYTES, FILTER_TASKS};
use serde_json::{Value, json};

use super::ACTIONS;
use super::refusals::{NOBODY, Scene};

#[test]
fn a_filter_that_is_empty_unknown_or_of_a_wrong_type_is_refused_by_every_action() {
    let scene = Scene::get();
    let many = vec!["nobody"; FILTER_TASKS + 1];
    for (filter, field) in [
        (json!({}), "filter"),
        (json!({ "all": false }), "filter"),
        (Value::Null, "filter"),
        (json!("all"), "filter"),
        (json!(true), "filter"),
        (json!([]), "filter"),
        (json!([null, null, NOBODY]), "filter"),
        (json!({ "all": "true" }), "filter.all"),
        (json!({ "all": 1 }), "filter.all"),
        (json!({ "job": scene.job, "limit": 1 }), "filter.limit"),
        (json!({ "job": scene.job, "State": "open" }), "filter.State"),
        (json!({ "job": 7 }), "filter.job"),
        (json!({ "job": "nope" }), "filter.job"),
        (json!({ "kind": "nope" }), "filter.kind"),
        (json!({ "kind": ["simulate"] }), "filter.kind"),
        (json!({ "reason": "" }), "filter.reason"),
        (json!({ "fingerprint": "1" }), "filter.fingerprint"),
        (json!({ "since": 1_795_325_000 }), "filter.since"),
        (json!({ "until": "tomorrow" }), "filter.until"),
        (json!({ "q": "" }), "filter.q"),
        (json!({ "q": "\" * -" }), "filter.q"),
        (json!({ "q": ["a"] }), "filter.q"),
        (json!({ "q": "a ".repeat(33) }), "filter.q"),
        (json!({ "journal": "1" }), "filter.journal"),
        (json!({ "journal": 1.5 }), "filter.journal"),
        (json!({ "tasks": [] }), "filter.tasks"),
        (json!({ "tasks": "nobody" }), "filter.tasks"),
        (json!({ "tasks": [1] }), "filter.tasks"),
        (json!({ "tasks": many }), "filter.tasks"),
        (json!({ "all": true, "state": "replayed" }), "filter.state"),
        (json!({ "all": true, "state": "resolved" }), "filter.state"),
        (json!({ "all": true, "state": "gone" }), "filter.state"),
    ] {
        let text = filter.to_string();
        let name = &text[..text.len().min(60)];
        for path in ACTIONS {
            let call = scene.client().call("POST", path).json(json!({ "filter": filter }));
            let errors = scene.refuses(name, &call, 422);
            assert_eq!((errors.len(), &errors[0]["field"]), (1, &json!(field)), "{path}: {name}: {errors:?}");
        }
    }
    for (path, state) in ACTIONS.into_iter().zip(["discarded", "open", "discarded"]) {
        let call = scene.client().call("POST", path).json(json!({ "filter": { "all": true, "state": state } }));
        assert_eq!(scene.refuses(path, &call, 422)[0]["field"], "filter.state", "{path} does not apply to {state}");
    }
}

#[test]
fn a_body_that_cannot_be_read_or_is_not_json_is_refused_by_every_action() {
    let scene = Scene::get();
    let all = "{\"filter\":{\"all\":true}}";
    let deep = format!("{{\"filter\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    for path in ACTIONS {
        let call =
            |body: &[u8]| scene.client().call("POST", path).header("content-type", "application/json").body(body);
        for (name, body) in [
            ("nothing", &b""[..]),
            ("half of it", &all.as_bytes()[..10]),
            ("two", format!("{all}{all}").as_bytes()),
            ("no JSON", b"filter=all"),
            ("no UTF-8", b"{\"filter\":{\"all\":true,\"q\":\"\xff\"}}"),
            ("no number", b"{\"filter\":{\"all\":true},\"rate\":NaN}"),
            ("a comment", b"{\"filter\":{\"all\":true}} // all"),
        ] {
            scene.refuses(name, &call(body), 400);
        }
        for (name, body) in [
            ("an array", &b"[]"[..]),
            ("null", b"null"),
            ("a number", b"1"),
            ("an empty object", b"{}"),
            ("a filter twice", b"{\"filter\":{\"all\":true},\"filter\":{\"all\":true}}"),
            ("an unknown field", b"{\"filter\":{\"all\":true},\"filters\":{}}"),
            ("100,000 levels", deep.as_bytes()),
        ] {
            scene.refuses(name, &call(body), 422);
        }
        for content_type in
            [None, Some("text/plain"), Some("application/x-ndjson"), Some("application/x-www-form-urlencoded")]
        {
            let mut call = scene.client().call("POST", path).body(all);
            if let Some(content_type) = content_type {
                call = call.header("content-type", content_type);
            }
            scene.refuses(&format!("{path} as {content_type:?}"), &call, 415);
        }
        let mut large = all.as_bytes().to_vec();
        large.resize(BODY_BYTES + 1, b' ');
        scene.refuses("a body that is too large", &call(&large), 413);
    }
}

#[test]
fn ids_of_tasks_of_any_length_are_answered() {
    let scene = Scene::get();
    let most = vec!["nobody"; FILTER_TASKS];
    assert_eq!(scene.client().triage().discard(&json!({ "tasks": most })), json!({ "count": 0 }));
    for (name, tasks) in [
        ("one of 4,000,000 characters", vec!["a".repeat(4_000_000)]),
        ("20,000 of 200 characters", vec!["a".repeat(200); FILTER_TASKS]),
        ("quotes and zeros", vec!["\"]'\u{0}".to_owned()]),
    ] {
        for path in ACTIONS {
            let answer = scene.client().call("POST", path).json(json!({ "filter": { "tasks": tasks } })).send();
            assert!(matches!(answer.status, 200 | 422), "{path}: {name}: {} {}", answer.status, answer.text());
        }
    }
}
