//! `Idempotency-Key`: a request that is repeated is accepted once.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use domain::id::JobId;
use serde_json::json;
use sha2::{Digest, Sha256};
use tests::pipeline::Pipeline;
use tests::sink::Sink;

use crate::SOON;
use crate::probe::ledger;

/// `recovery.quiet_ms` of development.
const QUIET: Duration = Duration::from_secs(5);

#[test]
fn a_repeated_request_gets_the_first_answer_and_changes_nothing() {
    let pipeline = Pipeline::shared();
    let client = pipeline.client();
    for (path, content_type, body) in [
        ("/v1/jobs?kind=simulate&name=once", "application/x-ndjson", "{}\n{}\n"),
        ("/v1/jobs", "application/json", r#"{"tasks":[{"kind":"simulate"}]}"#),
        ("/v1/tasks", "application/json", r#"{"kind":"simulate"}"#),
    ] {
        let key = format!("repeated {content_type} {path}");
        let call = || {
            let call = client.call("POST", path).header("idempotency-key", &key);
            call.header("content-type", content_type).body(body).send()
        };
        let first = call().expect(202).json();
        let job = first["job"].as_str().unwrap().parse().unwrap();
        let mut expected = first.clone();
        expected["duplicate"] = json!(true);
        assert_eq!(call().expect(200).json(), expected, "at once");
        let ended = client.wait_until_ended(job, SOON);
        assert_eq!(call().expect(200).json(), expected, "after the end");
        assert_eq!(client.job(job).counts, ended.counts);
        assert_eq!(pipeline.logs.of_ended_job(job, "settling").len(), 1);
    }
}

#[test]
fn the_same_key_with_other_content_is_a_conflict() {
    let client = Pipeline::shared().client();
    let call =
        |path: &str, body: &str| client.call("POST", path).header("idempotency-key", "one key").ndjson(body).send();
    let job = call("/v1/jobs?kind=simulate", "{}\n").expect(202).json()["job"].as_str().unwrap().parse().unwrap();
    for (path, body) in [
        ("/v1/jobs?kind=simulate", "{}\n{}\n"),
        ("/v1/jobs?kind=simulate", "{}"),
        ("/v1/jobs?kind=simulate&name=other", "{}\n"),
    ] {
        let answer = call(path, body).expect(409);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert!(answer.json()["detail"].as_str().unwrap().contains("idempotency key"), "{}", answer.text());
    }
    assert_eq!(client.wait_until_ended(job, SOON).counts.accepted, 1);
}

#[test]
fn two_keys_are_two_jobs() {
    let client = Pipeline::shared().client();
    let [one, two] = ["key one", "key two"].map(|key| {
        client.call("POST", "/v1/jobs?kind=simulate").header("idempotency-key", key).ndjson("{}").accepted()
    });
    assert_ne!(one, two);
}

#[test]
fn the_same_request_many_times_at_once_is_one_job_whose_tasks_run_once() {
    let (client, sink) = (Pipeline::shared().client(), Sink::start());
    let task = json!({ "kind": "http.request", "payload": { "url": sink.url("/once") } });
    let callers = 6;
    let start = Barrier::new(callers);
    let answers: Vec<_> = thread::scope(|scope| {
        let send = || {
            let call = client.call("POST", "/v1/jobs").header("idempotency-key", "at once").ndjson(format!("{task}\n"));
            start.wait();
            call.send()
        };
        let threads: Vec<_> = (0..callers).map(|_| scope.spawn(send)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 202]);
    let job = answers[0].json()["job"].clone();
    assert!(answers.iter().all(|answer| answer.json()["job"] == job));
    let job = job.as_str().unwrap().parse().unwrap();
    assert_eq!(client.wait_until_ended(job, SOON).counts.accepted, 1);
    assert_eq!(sink.received("/once").len(), 1);
}

#[test]
fn a_repeat_completes_a_first_try_that_ended_half_done() {
    let client = crate::panics::pipeline().client();
    let (path, body) = ("/v1/jobs?kind=simulate", "{}\n");
    let job = JobId::keyed("dev", "half-done");
    // The first try: appended, and nothing sent.
    let digest = Sha256::digest(format!("{path}\n{body}"));
    let content: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let head = json!({
        "v": 1, "job": job, "lane": "default", "source": "api", "part": "", "content": content, "seal": true,
        "chunks": [{ "kind": "simulate", "due": null, "indexes": [[0, 1]], "bytes": 8 }],
    });
    ledger(&client, "POST", &format!("/append?job={job}"), &format!("{head}\n{{\"i\":0}}\n")).expect(200);

    let start = Instant::now();
    let repeat = client.call("POST", path).header("idempotency-key", "half-done").ndjson(body).send();
    assert_eq!((repeat.status, &repeat.json()["duplicate"]), (200, &json!(true)), "{}", repeat.text());
    assert_eq!(client.wait_until_ended(job, SOON).counts.succeeded, 1);
    assert!(start.elapsed() < QUIET, "a probe would have found it after {QUIET:?}, not before");
}
