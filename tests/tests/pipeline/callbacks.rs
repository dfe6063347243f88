//! The callback: one signed word to the caller when a job has ended.

use domain::id::JobId;
use domain::time::Timestamp;
use serde_json::{Value, json};
use tests::client::Client;
use tests::patience::eventually;
use tests::pipeline::Pipeline;
use tests::sink::{Reply, Sink};

use crate::SOON;
use crate::signatures::{DEVELOPMENT, is_genuine};

fn submit(client: &Client, callback: &str, tasks: &[Value]) -> JobId {
    let body = json!({ "callback": callback, "tasks": tasks });
    client.call("POST", "/v1/jobs").json(body).accepted()
}

#[test]
fn a_job_that_has_ended_tells_its_caller_once() {
    let (client, sink) = (Pipeline::shared().client(), Sink::start());
    let tasks = [json!({ "kind": "simulate" }), json!({ "kind": "simulate", "payload": { "fail": "permanent" } })];
    let job = submit(&client, &sink.url("/ended"), &tasks);
    let view = client.wait_until_ended(job, SOON);
    let request = sink.wait_for("/ended", 1, SOON).remove(0);

    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!((&body["job"], &body["state"]), (&json!(job), &json!("completed")));
    assert_eq!(body["counts"], serde_json::to_value(view.counts).unwrap());
    assert_eq!(body["completed_at"].as_str().and_then(Timestamp::parse_rfc3339), view.completed_at);
    assert_eq!(request.header("webhook-id"), job.to_string(), "receivers tell repeats by it");
    assert!(is_genuine(&request, &request.body, DEVELOPMENT));

    let audit = client.get(&format!("/v1/jobs/{job}/audit")).expect(200).json();
    assert_eq!(audit["clean"], true, "{audit}");
    assert_eq!(client.job(job).counts, view.counts, "it is in no count");
    assert_eq!(client.results(job, "").len(), 2, "and no result");
    assert_eq!(client.get(&format!("/v1/tasks/{job}-2")).status, 404, "and no task of the job");
    assert_eq!(sink.received("/ended").len(), 1);
}

#[test]
fn a_callback_is_tried_again_until_it_is_heard() {
    let (client, sink) = (Pipeline::shared().client(), Sink::start());
    sink.answer("/busy", [Reply::status(503), Reply::status(429).header("retry-after", "1"), Reply::status(204)]);
    let job = submit(&client, &sink.url("/busy"), &[json!({ "kind": "simulate" })]);
    let requests = sink.wait_for("/busy", 3, SOON);
    assert!(requests.iter().all(|request| request.header("webhook-id") == job.to_string()));
}

#[test]
fn a_canceled_job_tells_its_caller_too() {
    let (client, sink) = (Pipeline::shared().client(), Sink::start());
    let job = submit(&client, &sink.url("/canceled"), &[json!({ "kind": "simulate", "delay_seconds": 3_600 })]);
    client.call("POST", &format!("/v1/jobs/{job}/cancel")).send().expect(202);
    let request = sink.wait_for("/canceled", 1, SOON).remove(0);
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!((&body["state"], &body["counts"]["canceled"]), (&json!("canceled"), &json!(1)));
}

#[test]
fn a_callback_that_nobody_takes_is_a_dead_letter_and_holds_nothing_up() {
    let pipeline = Pipeline::shared();
    let (client, sink) = (pipeline.client(), Sink::start());
    sink.answer("/gone", [Reply::status(410)]);
    let job = submit(&client, &sink.url("/gone"), &[json!({ "kind": "simulate" })]);
    let ended = client.wait_until_ended(job, SOON);
    assert_eq!((ended.counts.succeeded, ended.counts.dead), (1, 0));
    let task = format!("{job}-callback");
    let letter = eventually("its letter is archived", SOON, || pipeline.archive().letter(&task));
    assert_eq!((&letter["job"], &letter["index"]), (&json!(job), &Value::Null));
    assert_eq!((&letter["reason"], &letter["error"]["class"]), (&json!("permanent"), &json!("http.410")));
    assert_eq!(letter["payload"]["url"], sink.url("/gone"));
    let view = client.job(job);
    assert_eq!((view.counts, view.state), (ended.counts, ended.state));
    let audit = client.get(&format!("/v1/jobs/{job}/audit")).expect(200).json();
    assert_eq!(audit["clean"], true, "{audit}");
}
