//! Requests about schedules that are refused, whatever their bodies say.

use serde_json::json;
use tests::schedules::{path, schedule};

use super::client;
use crate::refusals::problem;

fn good() -> String {
    schedule("@yearly", &json!({})).to_string()
}

#[test]
fn a_body_that_is_no_json_is_unreadable_and_one_of_another_type_is_not_read() {
    let client = client();
    let put = || client.call("PUT", &path("odd"));
    for body in ["", "{", "cron: x", "{\"cron\":\"@yearly\"} x", "\u{fffe}"] {
        problem(body, &put().json(body).send(), 400);
    }
    let latin = put().header("content-type", "application/json").body(b"{\"cron\":\"\xe9\"}".to_vec());
    problem("latin-1", &latin.send(), 400);
    problem("ndjson", &put().ndjson(good()).send(), 415);
    problem("text", &put().header("content-type", "text/plain").body(good()).send(), 415);
    problem("no type", &put().body(good()).send(), 415);
    problem("nothing at all", &put().send(), 415);
    let backfill = client.call("POST", &format!("{}/backfill", path("odd")));
    problem("backfill", &backfill.body("{}").send(), 415);
    assert_eq!(client.get(&path("odd")).status, 404);
}

#[test]
fn a_schedule_may_have_128_kib_and_no_more() {
    let client = client();
    let body = |bytes: usize| {
        let room = schedule(
            "@yearly",
            &json!({ "input": { "tasks": [{ "kind": "simulate", "payload": { "output": "" } }] } }),
        );
        let text = room.to_string();
        text.replace("\"output\":\"\"", &format!("\"output\":\"{}\"", "x".repeat(bytes - text.len())))
    };
    // A task alone may not have that many: blanks around it do.
    let padded = |bytes: usize| format!("{}{}", good(), " ".repeat(bytes - good().len()));
    let put = |text: String| client.call("PUT", &path("large")).json(text).send();
    problem("128 KiB and a byte", &put(padded(128 * 1024 + 1)), 413);
    problem("1 MiB", &put(padded(1 << 20)), 413);
    assert_eq!(client.get(&path("large")).status, 404);
    put(padded(128 * 1024)).expect(201);
    put(body(90_000)).expect(200);
    let output = client.schedules().get("large")["input"]["tasks"][0]["payload"]["output"].clone();
    assert!(output.as_str().unwrap().len() > 89_000);
    client.schedules().delete("large");
}

#[test]
fn a_name_is_one_that_fits_a_path() {
    let client = client();
    let long = "x".repeat(101);
    for name in ["a%20b", "a@b", "-a", ".a", "_a", "%C3%A4", "a%2Fb", "a%00", "a:b", "", &long] {
        let errors = problem(name, &client.call("PUT", &path(name)).json(good()).send(), 422);
        assert_eq!((errors.len(), &errors[0]["field"]), (1, &json!("name")), "{name}");
        for method in ["GET", "DELETE"] {
            problem(name, &client.call(method, &path(name)).send(), 404);
        }
    }
    let longest = format!("0.{}-_Z", "x".repeat(95));
    assert_eq!(longest.len(), 100);
    for name in ["7", "a", "A.b-c_D", &longest] {
        assert_eq!(client.schedules().put(name, &schedule("@yearly", &json!({})))["name"], name);
        client.schedules().delete(name);
    }
}

#[test]
fn a_path_of_schedules_has_its_methods_and_no_others() {
    let client = client();
    for (path, allowed) in [
        ("/v1/schedules", "GET"),
        ("/v1/schedules/a", "GET, PUT, DELETE"),
        ("/v1/schedules/a/run", "POST"),
        ("/v1/schedules/a/pause", "POST"),
        ("/v1/schedules/a/resume", "POST"),
        ("/v1/schedules/a/backfill", "POST"),
        ("/v1/schedules/a/runs", "GET"),
    ] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            if allowed.split(", ").any(|one| one == method) {
                continue;
            }
            let answer = client.call(method, path).send();
            problem(&format!("{method} {path}"), &answer, 405);
            assert_eq!(answer.header("allow"), allowed, "{method} {path}");
        }
    }
    for unknown in ["/v1/schedules/", "/v1/schedules/a/", "/v1/schedules/a/nope", "/v1/schedules/a/runs/1"] {
        problem(unknown, &client.get(unknown), 404);
    }
}

#[test]
fn a_query_that_means_nothing_is_refused() {
    let client = client();
    client.schedules().put("asked", &schedule("@yearly", &json!({ "paused": true })));
    for (method, rest) in
        [("GET", ""), ("DELETE", ""), ("GET", "/runs"), ("POST", "/run"), ("POST", "/pause"), ("POST", "/resume")]
    {
        let answer = client.call(method, &format!("{}{rest}?force=true", path("asked"))).send();
        assert_eq!(problem(rest, &answer, 422)[0]["field"], "force", "{method} {rest}");
    }
    let put = client.call("PUT", &format!("{}?paused=true", path("asked"))).json(good()).send();
    assert_eq!(problem("PUT", &put, 422)[0]["field"], "paused");
    // Ticks of other tests may pass its fire time by.
    let runs = client.schedules().runs("asked");
    assert!(runs.iter().all(|run| run.text() == "skipped: paused"), "{runs:?}");
    assert_eq!(client.schedules().get("asked")["paused"], true);
    client.schedules().delete("asked");
}
