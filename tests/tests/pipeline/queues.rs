//! What the local broker of queues gets over, and what the supervisor gets it over: docs/local-queues.md.

use std::time::Duration;

use serde_json::json;
use tests::patience::eventually;
use tests::pipeline::{Pipeline, Setup};
use tests::root;

use crate::SOON;

/// With `module` loaded into wrangler.
fn with(module: &str) -> Setup {
    let path = root().join("tests/faults").join(module);
    Setup::new().env("NODE_OPTIONS", format!("--import={}", path.display()))
}

fn says(pipeline: &Pipeline, what: &str) -> bool {
    pipeline.logs.texts().iter().any(|line| line.contains(what))
}

fn submit_and_wait(pipeline: &Pipeline, limit: Duration) {
    let client = pipeline.client();
    let job = client.submit([&json!({ "kind": "simulate" })]);
    assert_eq!(client.wait_until_ended(job, limit).counts.succeeded, 1);
}

/// Where the server that it posts its log lines to closes a connection that rests for a moment, a broker may write into one that
/// is just being closed.
#[test]
fn a_broker_whose_connection_rests_goes_on() {
    let pipeline = with("short-keep-alive.mjs").start();
    for _ in 0..40 {
        submit_and_wait(&pipeline, SOON);
    }
    assert!(!says(&pipeline, "delivers nothing"), "no queue had to be healed");
}

#[test]
fn a_queue_that_stops_for_good_is_healed() {
    let pipeline = with("lose-log-line.mjs").env("LOSE_LOG_LINE_OF", "monotask-default").start();
    let client = pipeline.client();
    // Its batch is the one whose line is lost.
    submit_and_wait(&pipeline, SOON);
    eventually("a log line is cut off", SOON, || says(&pipeline, "a log line was cut off").then_some(()));
    let job = client.submit([&json!({ "kind": "simulate" })]);
    // Nobody answers while the runtime is started again.
    let path = format!("/v1/jobs/{job}");
    let counts = eventually("the job has completed", Duration::from_secs(120), || {
        let answer = client.call("GET", &path).try_send().ok().filter(|answer| answer.status == 200)?.json();
        (answer["state"] == "completed").then(|| answer["counts"].clone())
    });
    assert_eq!(counts["succeeded"], 1, "{counts}");
    assert!(says(&pipeline, "the queue monotask-default delivers nothing"), "the supervisor said why");
    submit_and_wait(&pipeline, SOON);
}
