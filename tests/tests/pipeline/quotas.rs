//! Quotas of API keys, as `config/settings/development.toml` sets them for the key `limited`.

use serde_json::json;
use tests::client::Client;
use tests::keys::entry;
use tests::pipeline::{Pipeline, Setup};

use crate::refusals::problem;

fn pipeline() -> Pipeline {
    let keys =
        json!([entry("limited", "limited-key", &["submit", "read"]), entry("free", "free-key", &["submit", "read"])]);
    Setup::new().env("API_KEYS", keys.to_string()).start()
}

/// That the request of `limited` was refused by the quota `limit`.
fn refused(answer: &tests::answer::Answer, limit: &str) {
    problem(limit, answer, 429);
    let body = answer.json();
    assert_eq!(body["code"], "quota_exceeded", "{body}");
    assert!(body["detail"].as_str().unwrap().contains(limit), "{body}");
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
}

fn submit(client: &Client, tasks: usize) -> tests::answer::Answer {
    client.call("POST", "/v1/jobs?kind=simulate").ndjson("{}\n".repeat(tasks)).send()
}

#[test]
fn a_key_gets_what_its_quota_allows_and_others_are_not_limited_by_it() {
    let pipeline = pipeline();
    let (limited, free) = (pipeline.client_with("limited-key"), pipeline.client_with("free-key"));
    submit(&limited, 60).expect(202);
    refused(&submit(&limited, 41), "tasks_per_day");
    // A repeat uses nothing, nor does what is refused.
    let keyed =
        || limited.call("POST", "/v1/jobs?kind=simulate").header("idempotency-key", "k").ndjson("{}\n".repeat(20));
    keyed().send().expect(202);
    for _ in 0..3 {
        keyed().send().expect(200);
    }
    submit(&limited, 20).expect(202);
    refused(&submit(&limited, 1), "tasks_per_day");
    submit(&free, 500).expect(202);

    let open = || limited.call("POST", "/v1/jobs?open=true").send();
    let jobs = [open().expect(202).json(), open().expect(202).json()];
    refused(&open(), "open_jobs");
    let id = jobs[0]["job"].as_str().unwrap();
    limited.call("POST", &format!("/v1/jobs/{id}/seal")).json(json!({ "accepted": 0 })).send().expect(200);
    tests::patience::eventually("one of them is open no longer", crate::SOON, || {
        let answer = open();
        (answer.status == 202).then_some(()).or_else(|| {
            refused(&answer, "open_jobs");
            None
        })
    });
}

#[test]
fn a_key_is_served_so_many_requests_at_once() {
    let pipeline = pipeline();
    let limited = pipeline.client_with("limited-key");
    let slow: Vec<_> = (0..3)
        .map(|_| {
            tests::unfinished::Unfinished::post_as(pipeline.port(), "limited-key", "/v1/jobs", Some(1_000_000), b"{}\n")
        })
        .collect();
    tests::patience::eventually("three are under way", crate::SOON, || {
        let answer = limited.get("/v1/jobs");
        (answer.status == 429).then(|| refused(&answer, "requests"))
    });
    pipeline.client_with("free-key").get("/v1/jobs").expect(200);
    drop(slow);
    tests::patience::eventually("those who hung up count no longer", crate::SOON, || {
        (limited.get("/v1/jobs").status == 200).then_some(())
    });
}
