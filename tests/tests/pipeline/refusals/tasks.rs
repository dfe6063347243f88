//! Tasks that are refused, each between two good ones: the whole request is, with the line and the field.

use serde_json::json;
use tests::pipeline::Pipeline;

use super::{at, problem, refused};

/// A task with these fields beside its kind.
fn simulate(fields: &str) -> String {
    format!(r#"{{"kind":"simulate",{fields}}}"#)
}

/// An `http.request` with these fields in its payload.
fn http(fields: &str) -> String {
    format!(r#"{{"kind":"http.request","payload":{{{fields}}}}}"#)
}

/// An `http.request` with these headers.
fn headers(headers: &str) -> String {
    http(&format!(r#""url":"https://example.com/","headers":{{{headers}}}"#))
}

/// An output that is nested so that the whole task has `levels`.
fn nested(levels: usize) -> String {
    let arrays = levels - 2;
    simulate(&format!(r#""payload":{{"output":{}{}}}"#, "[".repeat(arrays), "]".repeat(arrays)))
}

/// A task of exactly this many bytes.
fn sized(bytes: usize) -> String {
    let empty = simulate(r#""payload":{"output":""}"#);
    simulate(&format!(r#""payload":{{"output":"{}"}}"#, "x".repeat(bytes - empty.len())))
}

/// What is wrong, the line, and the field that must be named.
fn wrong() -> Vec<(&'static str, String, &'static str)> {
    let line = |name, line: &str, field| (name, line.to_owned(), field);
    let mut cases = vec![
        line("not JSON", "{\"kind\":", ""),
        line("JSON and more", "{} {}", ""),
        line("a single quote", "{'kind':'simulate'}", ""),
        line("an array", "[\"simulate\"]", ""),
        line("an array of all fields", "[\"simulate\",{},7,8,9]", ""),
        line("a payload that is an array of fields", "{\"kind\":\"simulate\",\"payload\":[1,\"x\"]}", "payload"),
        line("a string", "\"simulate\"", ""),
        line("null", "null", ""),
        line("no kind", "{\"payload\":{}}", "kind"),
        line("a kind of the wrong type", "{\"kind\":7}", "kind"),
        line("an unknown kind", "{\"kind\":\"http.requests\"}", "kind"),
        line("a payload that the kind refuses", "{\"kind\":\"http.request\"}", "payload"),
        ("an infinite number", simulate(r#""payload":{"output":1e999}"#), ""),
        ("65 levels", nested(65), ""),
        ("thousands of levels", nested(40_000), ""),
        ("a byte too many", sized(100_001), ""),
        ("a long ref", simulate(&format!(r#""ref":"{}""#, "ü".repeat(129))), "ref"),
        ("a long URL", http(&format!(r#""url":"https://example.com/{}""#, "x".repeat(2_048))), "payload.url"),
        ("large headers", headers(&format!(r#""x-a":"{}""#, "x".repeat(8_190))), "payload.headers"),
        (
            "many headers",
            headers(&(0..51).map(|n| format!(r#""x-{n}":"""#)).collect::<Vec<_>>().join(",")),
            "payload.headers",
        ),
    ];
    for (name, fields, field) in [
        ("an unknown field", r#""nope":1"#, "nope"),
        ("a payload that is no object", r#""payload":[]"#, "payload"),
        ("an unknown field of the payload", r#""payload":{"nope":1}"#, "payload.nope"),
        ("a wrong type in the payload", r#""payload":{"sleep_ms":"long"}"#, "payload.sleep_ms"),
        ("a sleep longer than any timeout", r#""payload":{"sleep_ms":300001}"#, "payload.sleep_ms"),
        ("a way to fail that is none", r#""payload":{"fail":"later"}"#, "payload.fail"),
        ("a ref of the wrong type", r#""ref":7"#, "ref"),
        ("a negative delay", r#""delay_seconds":-1"#, "delay_seconds"),
        ("half a second", r#""delay_seconds":0.5"#, "delay_seconds"),
        ("a delay of more than a year", r#""delay_seconds":31536001"#, "delay_seconds"),
        ("a delay beyond any number", r#""delay_seconds":99999999999999999999"#, "delay_seconds"),
        ("no time", r#""run_at":"tomorrow""#, "run_at"),
        ("a time without a zone", r#""run_at":"2027-01-31T08:00:00""#, "run_at"),
        ("a time in two years", r#""run_at":"2099-01-31T08:00:00Z""#, "run_at"),
        ("two times", r#""delay_seconds":5,"run_at":"2027-01-31T08:00:00Z""#, "run_at"),
        ("no time at all to run", r#""timeout_seconds":0"#, "timeout_seconds"),
        ("a long timeout", r#""timeout_seconds":301"#, "timeout_seconds"),
        ("no attempts", r#""max_attempts":0"#, "max_attempts"),
        ("many attempts", r#""max_attempts":101"#, "max_attempts"),
    ] {
        cases.push((name, simulate(fields), field));
    }
    for (name, fields, field) in [
        ("no URL", r#""url":"example.com""#, "payload.url"),
        ("a URL of another scheme", r#""url":"ftp://example.com/""#, "payload.url"),
        ("credentials in a URL", r#""url":"https://me:secret@example.com/""#, "payload.url"),
        ("an unknown method", r#""url":"https://example.com/","method":"BREW""#, "payload.method"),
        ("a GET with a body", r#""url":"https://example.com/","method":"GET","body":1"#, "payload.body"),
    ] {
        cases.push((name, http(fields), field));
    }
    for (name, given, field) in [
        ("a header name with a blank", r#""x y":"""#, "payload.headers.x y"),
        ("a header value that is no ASCII", r#""x-name":"ü""#, "payload.headers.x-name"),
        ("a line break in a header", r#""x-name":"a\r\nb: c""#, "payload.headers.x-name"),
        ("a signature of one's own", r#""Webhook-Signature":"v1,""#, "payload.headers.Webhook-Signature"),
        ("a host of one's own", r#""host":"example.org""#, "payload.headers.host"),
        ("a header that is no string", r#""x-name":7"#, "payload.headers.x-name"),
    ] {
        cases.push((name, headers(given), field));
    }
    cases
}

#[test]
fn one_wrong_line_refuses_the_request_and_names_line_and_field() {
    let client = Pipeline::shared().client();
    for (name, line, field) in wrong() {
        let body = format!("{{\"kind\":\"simulate\"}}\n\n{line}\n{{\"kind\":\"simulate\"}}\n");
        let call = client.call("POST", "/v1/jobs").ndjson(body);
        refused(name, &client, call, 422, &at("line", 3, field));
    }
}

#[test]
fn one_wrong_task_of_a_json_body_refuses_the_request_and_names_its_index() {
    let client = Pipeline::shared().client();
    for (name, task, field) in wrong() {
        if serde_json::from_str::<&serde_json::value::RawValue>(&task).is_err() || name == "thousands of levels" {
            continue; // The whole body would be no JSON.
        }
        let body = format!(r#"{{"tasks":[{{"kind":"simulate"}},{task}]}}"#);
        let call = client.call("POST", "/v1/jobs").json(body);
        refused(&format!("{name}, in JSON"), &client, call, 422, &at("index", 1, field));
    }
}

#[test]
fn a_wrong_single_task_names_the_field() {
    let client = Pipeline::shared().client();
    for (name, task, field) in [
        ("an unknown kind, alone", r#"{"kind":"nope"}"#, "kind"),
        ("no kind, alone", "{}", "kind"),
        ("an unknown field, alone", r#"{"kind":"simulate","tasks":[]}"#, "tasks"),
        ("an array, alone", "[]", ""),
    ] {
        let call = client.call("POST", "/v1/tasks").json(task);
        refused(name, &client, call, 422, &json!({ "field": field }));
    }
}

#[test]
fn what_is_just_within_its_limit_is_accepted() {
    let client = Pipeline::shared().client();
    for (name, line) in [
        ("64 levels", nested(64)),
        ("as many bytes as a task may have", sized(100_000)),
        ("a ref of 128 characters", simulate(&format!(r#""ref":"{}","delay_seconds":31536000"#, "ü".repeat(128)))),
        ("a large number", simulate(r#""payload":{"output":1e308}"#)),
        ("the longest times", simulate(r#""timeout_seconds":300,"max_attempts":100"#)),
    ] {
        let answer = client.call("POST", "/v1/jobs").ndjson(line).send();
        assert_eq!(answer.status, 202, "{name}: {}", answer.text());
    }
}

#[test]
fn of_many_wrong_lines_the_first_hundred_are_named() {
    let client = Pipeline::shared().client();
    let answer = client.call("POST", "/v1/jobs?kind=simulate").ndjson("{}\n[]\n".repeat(200)).send();
    let errors = problem("many wrong lines", &answer, 422);
    let lines: Vec<_> = errors.iter().map(|error| error["line"].as_u64().unwrap()).collect();
    assert!(lines.into_iter().eq((1..=100).map(|n| n * 2)));
}
