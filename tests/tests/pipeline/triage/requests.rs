//! Replays that are asked for wrongly. Nothing is changed by any of them.

use serde_json::json;

use super::refusals::Scene;

const REPLAY: &str = "/v1/dead-letters/replay";

#[test]
fn a_replay_that_is_asked_for_wrongly_names_the_field() {
    let scene = Scene::get();
    let deep = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    let long = format!("{{\"output\":\"{}\"}}", "x".repeat(100_000));
    let canaries = [
        ("{}", "canary"),
        ("[]", "canary"),
        ("[[1]]", "canary"),
        ("5", "canary"),
        ("{\"stages\":[]}", "canary.stages"),
        ("{\"stages\":[1,1,1,1,1,1,1,1,1,1,1]}", "canary.stages"),
        ("{\"stages\":[0]}", "canary.stages"),
        ("{\"stages\":[200001]}", "canary.stages"),
        ("{\"stages\":[1,-1]}", "canary.stages"),
        ("{\"stages\":[1.5]}", "canary.stages"),
        ("{\"stages\":5}", "canary.stages"),
        ("{\"stages\":[1],\"halt_above\":1.01}", "canary.halt_above"),
        ("{\"stages\":[1],\"halt_above\":-0.1}", "canary.halt_above"),
        ("{\"stages\":[1],\"halt_above\":\"half\"}", "canary.halt_above"),
        ("{\"stages\":[1],\"halt\":0.5}", "canary.halt"),
    ];
    let canaries = canaries.map(|(value, field)| (format!("\"canary\":{value}"), field));
    let rates = ["0", "-1", "0.0001", "100001", "1e308", "1e999", "\"5\"", "[5]"]
        .map(|value| (format!("\"rate\":{value}"), "rate"));
    let patches = ["[]", "5", "\"x\"", "true", &deep(65), &deep(100_000), &long, "{\"a\":1e999}"];
    let patches = patches.map(|value| (format!("\"patch\":{value}"), "patch"));
    let words = [
        ("\"dry_run\":\"yes\"", "dry_run"),
        ("\"dry_run\":1", "dry_run"),
        ("\"force\":null", "force"),
        ("\"lane\":\"high\"", "lane"),
    ];
    let words = words.map(|(given, field)| (given.to_owned(), field));
    for (given, field) in canaries.into_iter().chain(rates).chain(patches).chain(words) {
        for dry in [",\"dry_run\":true", ""] {
            if given.contains("dry_run") && !dry.is_empty() {
                continue;
            }
            let body = format!("{{\"filter\":{{\"job\":\"{}\"}},{given}{dry}}}", scene.job);
            let name = &given[..given.len().min(60)];
            let errors = scene.refuses(name, &scene.client().call("POST", REPLAY).json(body), 422);
            assert_eq!((errors.len(), &errors[0]["field"]), (1, &json!(field)), "{name}: {errors:?}");
        }
    }
}

#[test]
fn a_replay_of_nothing_or_with_an_unreadable_key_begins_nothing() {
    let scene = Scene::get();
    for filter in [
        json!({ "tasks": ["nobody"] }),
        json!({ "job": scene.job, "q": "nothing like it" }),
        json!({ "tasks": [format!("{}-2", scene.job)] }),
        json!({ "job": scene.job, "journal": 1 }),
        json!({ "job": scene.job, "until": "2000-01-01T00:00:00Z" }),
    ] {
        let call = scene.client().call("POST", REPLAY).json(json!({ "filter": filter }));
        assert_eq!(scene.refuses(&filter.to_string(), &call, 422)[0]["field"], "filter");
        assert_eq!(scene.client().triage().dry_run(&json!({ "filter": filter }))["count"], 0);
    }
    for key in ["".to_owned(), "x".repeat(256), "ü".to_owned(), "a\tb".to_owned()] {
        let call = scene.client().call("POST", REPLAY).header("idempotency-key", &key);
        scene.refuses(&format!("{key:?}"), &call.json(json!({ "filter": { "job": scene.job } })), 422);
    }
}
