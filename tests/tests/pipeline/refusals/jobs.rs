//! Submissions that are wrong as a whole.

use serde_json::json;
use tests::pipeline::Pipeline;

use super::{at, problem, refused};

#[test]
fn a_wrong_json_body_names_the_field() {
    let client = Pipeline::shared().client();
    let long = "x".repeat(201);
    let named = |name: &str| format!(r#"{{"tasks":[{{"kind":"simulate"}}],{name}}}"#);
    for (name, body, status, field) in [
        ("nothing", String::new(), 400, ""),
        ("half an object", "{\"tasks\":[".to_owned(), 400, ""),
        ("two objects", "{\"tasks\":[]}{}".to_owned(), 400, ""),
        ("brackets without end", "[".repeat(1_000_000), 400, ""),
        ("brackets that end", format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)), 422, ""),
        ("an array", "[1]".to_owned(), 422, ""),
        ("an array of tasks", "[{\"kind\":\"simulate\"}]".to_owned(), 422, ""),
        ("no tasks at all", "{}".to_owned(), 422, ""),
        ("an empty job", "{\"tasks\":[]}".to_owned(), 422, ""),
        ("tasks that are no array", "{\"tasks\":{}}".to_owned(), 422, "tasks"),
        ("an unknown option", named("\"priority\":1"), 422, "priority"),
        ("an unknown lane", named("\"lane\":\"fast\""), 422, "lane"),
        ("the internal lane", named("\"lane\":\"quarantine\""), 422, "lane"),
        ("a lane of the wrong type", named("\"lane\":1"), 422, "lane"),
        ("an empty name", named("\"name\":\"\""), 422, "name"),
        ("a long name", named(&format!("\"name\":\"{long}\"")), 422, "name"),
        ("a callback that is no URL", named("\"callback\":\"me\""), 422, "callback"),
    ] {
        let call = client.call("POST", "/v1/jobs").json(body);
        refused(name, &client, call, status, &json!({ "field": field }));
    }
}

#[test]
fn wrong_query_parameters_are_named() {
    let client = Pipeline::shared().client();
    let long = format!("name={}", "x".repeat(201));
    for (name, query, field) in [
        ("an unknown parameter", "lanes=high", "lanes"),
        ("an unknown lane in the query", "lane=fast", "lane"),
        ("the internal lane in the query", "lane=quarantine", "lane"),
        ("an unknown default kind", "kind=nope", "kind"),
        ("an empty name in the query", "name=", "name"),
        ("a long name in the query", &long, "name"),
        ("a control character in a name", "name=a%0Ab", "name"),
        ("a callback that is no URL in the query", "callback=me", "callback"),
        ("a parameter given twice", "lane=high&lane=bulk", "lane"),
    ] {
        let call = client.call("POST", &format!("/v1/jobs?{query}")).ndjson("{\"kind\":\"simulate\"}");
        refused(name, &client, call, 422, &json!({ "field": field }));
    }
    let call = client.call("POST", "/v1/jobs?lane=high").json(r#"{"tasks":[{"kind":"simulate"}]}"#);
    refused("a parameter beside JSON", &client, call, 422, &json!({ "field": "lane" }));
    let call = client.call("POST", "/v1/tasks?name=x").json(r#"{"kind":"simulate"}"#);
    refused("a name for a single task", &client, call, 422, &json!({ "field": "name" }));
}

#[test]
fn a_job_without_tasks_is_refused() {
    let client = Pipeline::shared().client();
    for (name, body) in [("no lines", ""), ("blank lines", "\n \r\n\t\n")] {
        let call = client.call("POST", "/v1/jobs").ndjson(body);
        refused(name, &client, call, 422, &json!({ "field": "" }));
    }
}

#[test]
fn text_that_is_not_utf_8_is_refused() {
    let client = Pipeline::shared().client();
    let call = client.call("POST", "/v1/jobs?kind=simulate").ndjson(*b"{}\n{\"ref\":\"\xff\"}\n");
    refused("a bad byte in line 2", &client, call, 400, &at("line", 2, ""));
    for path in ["/v1/jobs", "/v1/tasks"] {
        let call =
            client.call("POST", path).header("content-type", "application/json").body(*b"{\"tasks\":\"\xc3\x28\"}");
        refused(&format!("a bad byte for {path}"), &client, call, 400, &json!({ "field": "" }));
    }
}

#[test]
fn more_packs_than_one_request_may_make_are_refused() {
    let client = Pipeline::shared().client();
    let lines: String = (1..=5_001).map(|n| format!("{{\"kind\":\"simulate\",\"delay_seconds\":{n}}}\n")).collect();
    let call = client.call("POST", "/v1/jobs").ndjson(lines);
    refused("5,001 run times", &client, call, 422, &at("line", 5_001, ""));
}

#[test]
fn an_idempotency_key_that_is_none_is_refused() {
    let client = Pipeline::shared().client();
    let long = "k".repeat(256);
    for (name, key) in [("empty", &b""[..]), ("long", long.as_bytes()), ("no ASCII", b"k\xc3\xbc"), ("a tab", b"a\tb")]
    {
        let call = client.call("POST", "/v1/jobs?kind=simulate").header("idempotency-key", key).ndjson("{}");
        let errors = problem(name, &call.send(), 422);
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0]["field"], "Idempotency-Key");
    }
    let call = client.call("POST", "/v1/jobs?kind=simulate").header("idempotency-key", &long[1..]).ndjson("{}");
    assert_eq!(call.send().status, 202);
}
