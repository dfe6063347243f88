//! Nothing is lost when the machine is.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use domain::ledger::{Counts, JobState};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tests::client::Client;
use tests::patience::eventually;
use tests::pipeline::{Pipeline, READY, Setup};
use tests::processes::signal;

use crate::SOON;

/// Leases of 20 seconds and more, and messages sent again after 15: in development.
const RECOVERY: Duration = Duration::from_secs(120);

fn sum(counts: &Value) -> u64 {
    let parts = ["queued", "running", "retrying", "succeeded", "dead", "canceled"];
    parts.iter().map(|part| counts[part].as_u64().unwrap()).sum()
}

/// The job's view, while there is anybody to ask. Its counts must add up.
fn ask(client: &Client, job: impl std::fmt::Display) -> Option<Value> {
    let answer = client.call("GET", &format!("/v1/jobs/{job}")).try_send().ok()?;
    let view = (answer.status == 200).then(|| answer.json())?;
    assert_eq!(view["counts"]["accepted"], sum(&view["counts"]), "{view}");
    Some(view)
}

#[test]
fn a_job_completes_with_every_task_and_dead_letter_though_the_runtime_is_killed_in_its_middle() {
    let pipeline = Setup::new().start();
    let client = pipeline.client();
    // Large enough that there are many more packs than one batch brings: some are running, most are in the queue,
    // in memory only, when it dies.
    let padding = "x".repeat(1_000);
    let task = |index: u32| {
        let payload = match index % 10 {
            0 => json!({ "fail": "permanent", "output": padding }),
            1 => json!({ "fail_times": 1, "output": padding }),
            _ => json!({ "sleep_ms": 500, "output": padding }),
        };
        json!({ "kind": "simulate", "payload": payload, "timeout_seconds": 1 })
    };
    let tasks: Vec<Value> = (0..3_000).map(task).collect();
    let job = client.submit(&tasks);
    eventually("the job is in its middle", SOON, || {
        let counts = client.job(job).counts;
        (counts.succeeded > 0 && counts.succeeded < 1_500).then_some(())
    });
    let killed = pipeline.workerds();
    assert_eq!(killed.len(), 2, "{killed:?}");
    killed.iter().for_each(|workerd| signal(workerd.pid, Signal::SIGKILL));
    pipeline.logs.wait_for_line(READY, 2, RECOVERY);

    let start = Instant::now();
    let view =
        eventually("the job has ended", RECOVERY, || ask(&client, job).filter(|view| view["state"] == "completed"));
    println!("completed {:.0} s after the restart", start.elapsed().as_secs_f64());
    assert_eq!((&view["counts"]["succeeded"], &view["counts"]["dead"]), (&json!(2_700), &json!(300)));
    for (index, result) in client.results(job, "").iter().enumerate() {
        let (status, attempts) = match index % 10 {
            0 => ("dead", 1),
            1 => ("succeeded", 2),
            _ => ("succeeded", 1),
        };
        assert_eq!((&result["index"], &result["status"]), (&json!(index), &json!(status)));
        assert_eq!(result["attempts"], attempts, "a lost claim charges nobody");
    }
    let failed = pipeline.logs.events(|event| event["message"] == "ledger call failed");
    assert!(failed.is_empty(), "{failed:?}");
    let expected: BTreeSet<String> = (0..300).map(|n| format!("{job}-{}", n * 10)).collect();
    eventually("every dead letter is archived", RECOVERY, || {
        let found: BTreeSet<String> = pipeline.archive().letters(job).into_keys().collect();
        assert!(found.is_subset(&expected));
        (found.len() == expected.len()).then_some(())
    });
}

#[test]
fn jobs_outlive_a_stop_and_a_start() {
    let pipeline = Setup::new().start();
    let client = pipeline.client();
    let ended =
        client.submit(&[json!({ "kind": "simulate", "payload": { "output": 1 } }), json!({ "kind": "simulate" })]);
    let before = client.wait_until_ended(ended, SOON);
    let results = client.results(ended, "");
    // Its messages are in the queue, in memory only, when the pipeline stops.
    let waiting = client.submit(&vec![json!({ "kind": "simulate", "delay_seconds": 600 }); 3]);
    let due = client.submit(&vec![json!({ "kind": "simulate", "delay_seconds": 3 }); 3]);

    let state = pipeline.stop();
    let pipeline: Pipeline = Setup::new().on(state).start();
    let client = pipeline.client();
    let after = client.job(ended);
    assert_eq!((after.counts, after.state), (before.counts, JobState::Completed));
    assert_eq!(client.results(ended, ""), results);
    assert_eq!(client.job(waiting).counts, Counts { accepted: 3, queued: 3, ..Counts::default() });
    assert_eq!(client.wait_until_ended(due, RECOVERY).counts.succeeded, 3);
}

#[test]
fn nothing_of_a_pipeline_outlives_it() {
    let pipeline = Setup::new().start();
    let port = pipeline.port();
    let processes = pipeline.workerds();
    assert_eq!(processes.len(), 2);
    drop(pipeline);
    for process in processes {
        eventually("the runtime is gone", SOON, || (!tests::processes::is_alive(process.pid)).then_some(()));
    }
    std::net::TcpListener::bind(("127.0.0.1", port)).expect("the port is free again");
}
