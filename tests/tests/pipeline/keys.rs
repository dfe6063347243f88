//! API keys: who may do what.

use std::sync::OnceLock;

use domain::id::JobId;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::client::Client;
use tests::keys::entry;
use tests::pipeline::{DEVELOPMENT_KEY, Pipeline, Setup};

use crate::SOON;

/// A pipeline with a key of each scope, named like it, and two keys that may do all.
pub(crate) fn pipeline() -> &'static Pipeline {
    static PIPELINE: OnceLock<Pipeline> = OnceLock::new();
    PIPELINE.get_or_init(|| {
        let mut keys: Vec<Value> =
            ["submit", "read", "triage", "admin"].iter().map(|scope| entry(scope, scope, &[*scope])).collect();
        keys.push(entry("nothing", "nothing", &[]));
        keys.extend(["one", "two"].map(|id| entry(id, id, &["submit", "read"])));
        Setup::new().env("API_KEYS", Value::from(keys).to_string()).start()
    })
}

fn submit(client: &Client, path: &str) -> Answer {
    match path {
        "/v1/tasks" => client.call("POST", path).json(r#"{"kind":"simulate"}"#).send(),
        _ => client.call("POST", path).ndjson("{\"kind\":\"simulate\"}").send(),
    }
}

#[test]
fn a_key_may_do_what_its_scopes_say_and_nothing_else() {
    let pipeline = pipeline();
    let job: JobId = submit(&pipeline.client_with("one"), "/v1/jobs").json()["job"].as_str().unwrap().parse().unwrap();
    pipeline.client_with("one").wait_until_ended(job, SOON);
    let reads = [format!("/v1/jobs/{job}"), format!("/v1/jobs/{job}/results"), format!("/v1/tasks/{job}-0")];
    for key in ["submit", "read", "triage", "admin", "nothing", DEVELOPMENT_KEY] {
        let client = pipeline.client_with(key);
        let may = |scope: &str| key == scope || key == DEVELOPMENT_KEY;
        let expect = |path: &str, answer: &Answer, scope: &str, status: u16| {
            if may(scope) {
                assert_eq!(answer.status, status, "{key} {path}: {}", answer.text());
                return;
            }
            assert_eq!(answer.status, 403, "{key} {path}: {}", answer.text());
            assert_eq!(answer.header("content-type"), "application/problem+json");
            assert!(answer.json()["detail"].as_str().unwrap().contains(scope), "it says what lacks: {}", answer.text());
        };
        for path in ["/v1/jobs", "/v1/tasks"] {
            expect(path, &submit(&client, path), "submit", 202);
        }
        for path in &reads {
            expect(path, &client.get(path), "read", 200);
        }
        // Who is known may learn what there is.
        assert_eq!(client.get("/v1/nope").status, 404);
    }
    assert_eq!(pipeline.client_with("unknown").get(&reads[0]).status, 401);
}

#[test]
fn an_idempotency_key_belongs_to_its_api_key() {
    let pipeline = pipeline();
    let jobs = ["one", "two"].map(|key| {
        let client = pipeline.client_with(key);
        client.call("POST", "/v1/jobs?kind=simulate").header("idempotency-key", "the same").ndjson("{}").accepted()
    });
    assert_ne!(jobs[0], jobs[1]);
}

#[test]
fn a_list_of_keys_with_the_development_key_in_it_lets_nobody_in() {
    let keys = json!([entry("ops", "ops", &["submit", "read"]), entry("mine", DEVELOPMENT_KEY, &["submit", "read"])]);
    let pipeline = Setup::new().env("API_KEYS", keys.to_string()).start();
    for key in ["ops", DEVELOPMENT_KEY, "unknown"] {
        let answer = submit(&pipeline.client_with(key), "/v1/jobs");
        assert_eq!(answer.status, 503, "{key}: {}", answer.text());
        assert_ne!(answer.header("retry-after"), "");
    }
    let said = pipeline.logs.wait_for("the operator is told why", 1, SOON, |event| {
        event["message"] == "nobody can be let in" && event["level"] == "ERROR"
    });
    assert!(said[0]["error"].as_str().unwrap().contains("\"mine\""), "{said:?}");
}
