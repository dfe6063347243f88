//! Every way in which a request is refused.

mod bodies;
mod jobs;
mod requests;
mod tasks;

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use tests::answer::Answer;
use tests::client::{Call, Client};

/// Checks that `answer` is a problem with this status, as RFC 9457 and the contract say, and returns its errors.
#[track_caller]
pub(crate) fn problem(name: &str, answer: &Answer, status: u16) -> Vec<Value> {
    assert_eq!(answer.status, status, "{name}: {}", answer.text());
    assert_eq!(answer.header("content-type"), "application/problem+json", "{name}");
    let problem = answer.json();
    assert_eq!(problem["type"], "about:blank", "{name}: {problem}");
    assert_eq!(problem["status"], status, "{name}: {problem}");
    for field in ["title", "detail", "request_id"] {
        assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{name}: {field}: {problem}");
    }
    assert_eq!(problem["request_id"], answer.header("x-request-id"), "{name}: {problem}");
    let errors = problem.get("errors").map_or_else(Vec::new, |errors| errors.as_array().unwrap().clone());
    for error in &errors {
        assert!(error["field"].is_string() && error["detail"].as_str().is_some_and(|text| !text.is_empty()), "{error}");
    }
    errors
}

/// A field as `errors` names it, with its line or index.
fn at(place: &str, number: usize, field: &str) -> Value {
    let mut error = json!({ "field": field });
    error[place] = json!(number);
    error
}

/// Sends a request that must be refused with `status` because of exactly `error`, and checks that nothing of it was
/// accepted: its idempotency key is still free.
#[track_caller]
fn refused(name: &str, client: &Client, call: Call<'_>, status: u16, error: &Value) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let key = format!("refused {}: {name}", NEXT.fetch_add(1, Ordering::Relaxed));
    let answer = call.header("idempotency-key", &key).send();
    let errors = problem(name, &answer, status);
    assert_eq!(errors.len(), 1, "{name}: {errors:?}");
    let mut found = errors[0].clone();
    found.as_object_mut().unwrap().remove("detail");
    assert_eq!(found, *error, "{name}: {}", errors[0]["detail"]);
    let fresh = client.call("POST", "/v1/jobs?kind=simulate").header("idempotency-key", &key).ndjson("{}").send();
    assert_eq!(fresh.status, 202, "{name} left something behind: {}", fresh.text());
}
