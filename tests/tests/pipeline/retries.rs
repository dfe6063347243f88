//! When failed tasks run again.

use std::time::{Duration, SystemTime};

use domain::lane::Lane;
use serde_json::json;
use tests::pipeline::Pipeline;
use tests::sink::{Received, Reply, Sink};

use crate::SOON;

/// Seconds that a message may be late: queues delay by whole seconds, and the machine may be busy.
const LATE: f64 = 2.5;

/// Seconds between each request and the next.
fn gaps(received: &[Received]) -> Vec<f64> {
    received.windows(2).map(|pair| (pair[1].at - pair[0].at).as_secs_f64()).collect()
}

#[test]
fn a_failing_request_is_made_again_after_growing_jittered_waits() {
    let (client, sink) = (Pipeline::shared().client(), Sink::start());
    sink.answer("/busy", [503, 503, 503, 200].map(Reply::status));
    let job =
        client.submit_to(Lane::High, [&json!({ "kind": "http.request", "payload": { "url": sink.url("/busy") } })]);
    client.wait_until_ended(job, SOON);
    let gaps = gaps(&sink.received("/busy"));
    assert_eq!(gaps.len(), 3);
    for (gap, interval) in gaps.iter().zip([1.0, 2.0, 4.0]) {
        assert!((interval * 0.5..=interval * 1.5 + LATE).contains(gap), "{gap} s instead of {interval} ± 50 %");
    }
    let task = client.task(job, 0);
    assert_eq!((&task["status"], &task["attempts"]), (&json!("succeeded"), &json!(4)));
    assert_eq!(task["history"].as_array().unwrap().len(), 3);
}

#[test]
fn what_the_other_side_asks_for_moves_the_wait_up_and_never_down() {
    let (client, sink) = (Pipeline::shared().client(), Sink::start());
    let date = httpdate(SystemTime::now() + Duration::from_secs(8));
    let busy = |after: &str| [Reply::status(429).header("retry-after", after), Reply::status(200)];
    sink.answer("/seconds", busy("4"));
    sink.answer("/date", busy(&date));
    sink.answer("/zero", busy("0"));
    sink.answer("/nonsense", busy("soon"));
    let paths = ["/seconds", "/date", "/zero", "/nonsense"];
    let tasks = paths.map(|path| json!({ "kind": "http.request", "payload": { "url": sink.url(path) } }));
    let job = client.submit_to(Lane::High, &tasks);
    assert_eq!(client.wait_until_ended(job, SOON).counts.succeeded, 4);
    let gap = |path| gaps(&sink.received(path))[0];
    assert!((4.0..=4.0 + LATE).contains(&gap("/seconds")), "{}", gap("/seconds"));
    // A date has whole seconds, and some of the eight had passed before the answer.
    assert!((3.0..=8.0 + LATE).contains(&gap("/date")), "{}", gap("/date"));
    assert!((0.5..=1.5 + LATE).contains(&gap("/zero")), "{}", gap("/zero"));
    assert!((0.5..=1.5 + LATE).contains(&gap("/nonsense")), "{}", gap("/nonsense"));
}

#[test]
fn a_task_has_as_many_attempts_as_it_says() {
    let client = Pipeline::shared().client();
    let tasks = [1, 2, 3]
        .map(|attempts| json!({ "kind": "simulate", "payload": { "fail": "retryable" }, "max_attempts": attempts }));
    let job = client.submit_to(Lane::High, &tasks);
    assert_eq!(client.wait_until_ended(job, SOON).counts.dead, 3);
    for (index, result) in client.results(job, "?status=dead").iter().enumerate() {
        assert_eq!(result["attempts"], index + 1);
    }
}

#[test]
fn tasks_that_fail_together_stay_together() {
    let pipeline = Pipeline::shared();
    let client = pipeline.client();
    let tasks = vec![json!({ "kind": "simulate", "payload": { "fail_times": 1 } }); 50];
    let job = client.submit_to(Lane::High, &tasks);
    client.wait_until_ended(job, SOON);
    let settled = pipeline.logs.of_ended_job(job, "settling");
    let figures: Vec<_> = settled.iter().map(|event| (&event["attempt"], &event["done"], &event["retried"])).collect();
    assert_eq!(figures, [(&json!(1), &json!(0), &json!(50)), (&json!(2), &json!(50), &json!(0))]);
}

/// `at` as RFC 9110 writes dates.
fn httpdate(at: SystemTime) -> String {
    let seconds = at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let output = std::process::Command::new("date").args(["-u", "-R", "-d", &format!("@{seconds}")]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().replace("+0000", "GMT")
}
