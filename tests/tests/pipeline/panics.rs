//! A panic inside a ledger, on demand: the Worker is built with the feature `faults`.

use std::fs;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use domain::id::JobId;
use serde_json::json;
use tests::builds::FAULTS;
use tests::client::Client;
use tests::patience::eventually;
use tests::pipeline::{Pipeline, Setup};
use tests::root;

use crate::SOON;
use crate::probe::ledger;

/// Texts that only the faults bring into the Workers.
const MARKS: [(&str, &str); 2] = [("ledger", "panic-in-alarm"), ("consumers", "a fault: lost")];

/// A pipeline whose ledger can be made to panic.
pub fn pipeline() -> &'static Pipeline {
    static PIPELINE: OnceLock<Pipeline> = OnceLock::new();
    PIPELINE.get_or_init(|| Setup::new().faulty().start())
}

/// Makes the ledger of `job` panic or run out of memory; how long the caller had to wait for an error.
fn fail(client: &Client, job: JobId, fault: &str) -> Duration {
    let start = Instant::now();
    let answer = ledger(client, "POST", &format!("{fault}?job={job}"), "");
    assert!(answer.status >= 500, "{}: {}", answer.status, answer.text());
    start.elapsed()
}

#[test]
fn a_panic_in_a_ledger_reaches_its_caller_at_once_and_the_next_call_works() {
    let client = pipeline().client();
    let job = client.submit(&vec![json!({ "kind": "simulate", "payload": { "fail_times": 1 } }); 20]);
    for fault in ["/panic", "/exhaust", "/panic"] {
        let waited = fail(&client, job, fault);
        assert!(waited < Duration::from_secs(1), "{fault}: {waited:?}");
        let start = Instant::now();
        assert_eq!(client.job(job).counts.accepted, 20);
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    }
    let counts = client.wait_until_ended(job, Duration::from_secs(60)).counts;
    assert_eq!(counts.succeeded, 20);
    assert!(client.results(job, "").iter().all(|result| result["attempts"] == 2), "a panic charges no task");
}

#[test]
fn a_panic_in_one_ledger_harms_no_other_job() {
    let client = pipeline().client();
    let nobody = JobId::keyed("nobody", "panics");
    let jobs: Vec<JobId> = (0..5)
        .map(|_| {
            let job = client.submit(&vec![json!({ "kind": "simulate" }); 500]);
            fail(&client, nobody, "/panic");
            job
        })
        .collect();
    for job in jobs {
        assert_eq!(client.wait_until_ended(job, Duration::from_secs(60)).counts.succeeded, 500);
    }
}

#[test]
fn an_alarm_that_panics_runs_again() {
    let pipeline = pipeline();
    let client = pipeline.client();
    // A pack whose message comes to nothing, because somebody else holds the pack and is never heard of again:
    // only the alarm can send it once more.
    let job = client.submit([&json!({ "kind": "simulate", "delay_seconds": 1, "timeout_seconds": 1 })]);
    let claim = json!({
        "v": 1,
        "claims": [{ "pack": 0, "delivery": { "message": "lost", "attempts": 1, "timeout_ms": 1_000 }, "sent_at": 0 }],
    });
    let claimed = ledger(&client, "POST", &format!("/claim?job={job}"), &claim.to_string()).expect(200);
    assert!(claimed.text().contains("\"run\""), "{}", claimed.text());
    ledger(&client, "POST", &format!("/panic-in-alarm?job={job}"), "").expect(404);
    pipeline.logs.wait_for("its message comes to nothing", 1, SOON, |event| {
        event["job"] == *job.to_string() && event["idle"] == "Leased"
    });

    assert_eq!(client.wait_until_ended(job, Duration::from_secs(60)).counts.succeeded, 1);
    let alarm_panicked = |event: &serde_json::Value| {
        event["message"] == "panic" && event["place"].as_str().is_some_and(|place| place.contains("faults.rs"))
    };
    assert!(!pipeline.logs.events(alarm_panicked).is_empty());
    eventually("the alarm sent it", SOON, || {
        (!pipeline.logs.events(|event| event["message"] == "sending what is overdue").is_empty()).then_some(())
    });
    assert_eq!(client.task(job, 0)["attempts"], 1, "a lost claim charges nobody");
}

#[test]
fn what_is_deployed_cannot_be_made_to_panic() {
    let client = Pipeline::probed().client();
    let job = client.submit([&json!({ "kind": "simulate" })]);
    for path in ["/panic", "/panic-in-alarm", "/advance", "/append", "/job"] {
        for method in ["GET", "POST"] {
            assert_eq!(ledger(&client, method, &format!("{path}?job={job}"), "").status, 404, "{method} {path}");
        }
    }
    pipeline();
    for (worker, mark) in MARKS {
        let has_mark = |folder: &str| {
            let wasm = fs::read(root().join(worker).join(folder).join("worker_bg.wasm")).unwrap();
            wasm.windows(mark.len()).any(|window| window == mark.as_bytes())
        };
        assert!(!has_mark("build"), "{worker}");
        assert!(has_mark(FAULTS), "the mark tells the two apart");
    }
}
