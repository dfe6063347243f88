//! How tasks travel: when, by which lane, and how often.

use std::time::Duration;

use domain::lane::Lane;
use serde_json::json;
use tests::pipeline::Pipeline;
use tests::sink::Sink;

use crate::SOON;

#[test]
fn a_task_that_succeeded_is_settled_once_and_its_message_never_comes_back() {
    let pipeline = Pipeline::shared();
    let client = pipeline.client();
    let job = client.submit([&json!({ "kind": "simulate" })]);
    client.wait_until_ended(job, SOON);
    // Long enough for a message that is handed back in a loop to come again many times.
    let later = client.submit([&json!({ "kind": "simulate", "delay_seconds": 3 })]);
    client.wait_until_ended(later, SOON);
    for job in [later, job] {
        assert_eq!(pipeline.logs.of_ended_job(job, "settling").len(), 1);
        assert_eq!(pipeline.logs.of_ended_job(job, "completed").len(), 1);
        assert!(pipeline.logs.of_ended_job(job, "nothing to do for this message").is_empty());
    }
}

#[test]
fn a_delayed_task_runs_when_it_is_due_and_not_before() {
    let (client, sink) = (Pipeline::shared().client(), Sink::start());
    let task = |path: &str, when: (&str, serde_json::Value)| {
        let mut task = json!({ "kind": "http.request", "payload": { "url": sink.url(path) } });
        task[when.0] = when.1;
        task
    };
    let job = client.submit_to(
        Lane::High,
        &[
            task("/at-once", ("delay_seconds", json!(0))),
            task("/later", ("delay_seconds", json!(4))),
            task("/past", ("run_at", json!("2020-02-29T12:00:00+02:00"))),
        ],
    );
    assert_eq!(client.wait_until_ended(job, SOON).counts.succeeded, 3);
    let at = |path| sink.received(path)[0].at;
    let waited = at("/later") - at("/at-once").max(at("/past"));
    // The two that run at once took their time too.
    assert!((Duration::from_secs(2)..Duration::from_secs(8)).contains(&waited), "{waited:?}");
}

#[test]
fn tasks_of_every_lane_run() {
    let pipeline = Pipeline::shared();
    let client = pipeline.client();
    for lane in ["high", "default", "bulk"] {
        let job = client.call("POST", &format!("/v1/jobs?lane={lane}&kind=simulate")).ndjson("{}").accepted();
        assert_eq!(client.wait_until_ended(job, SOON).counts.succeeded, 1);
        assert_eq!(client.job(job).lane.name(), lane);
    }
}

#[test]
fn a_task_larger_than_a_pack_travels_alone() {
    let pipeline = Pipeline::shared();
    let client = pipeline.client();
    let task = |bytes: usize| json!({ "kind": "simulate", "payload": { "error": { "class": "x".repeat(bytes), "message": "" } } });
    let job = client.submit(&[task(10), task(99_000), task(20)]);
    assert_eq!(client.wait_until_ended(job, SOON).counts.succeeded, 3);
    let settled = pipeline.logs.of_ended_job(job, "settling");
    assert!(settled.len() > 1 && settled.iter().any(|event| event["done"] == 1), "{settled:?}");
}

#[test]
fn a_pack_that_needs_longer_than_its_lease_is_handed_back_and_charged_once() {
    let pipeline = Pipeline::shared();
    let client = pipeline.client();
    // Two rounds of the slots of one invocation, each of nearly the timeout: the second does not fit the lease.
    let task = json!({ "kind": "simulate", "payload": { "sleep_ms": 6_000 }, "timeout_seconds": 10 });
    let job = client.submit_to(Lane::Bulk, &vec![task; 600]);
    assert_eq!(client.wait_until_ended(job, Duration::from_secs(60)).counts.succeeded, 600);
    assert!(client.results(job, "").iter().all(|result| result["attempts"] == 1));
    assert!(pipeline.logs.of_ended_job(job, "settling").len() > 1);
}
