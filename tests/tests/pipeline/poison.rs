//! A task that takes its isolate down, or whose handler panics, harms only itself.

use std::time::Duration;

use domain::lane::Lane;
use serde_json::{Value, json};
use tests::patience::eventually;
use tests::pipeline::{Pipeline, Setup};

/// As in consumers/src/faults.rs.
const DIE: &str = "die-in-its-isolate";
/// Until a pack has been halved down to the one who does it, and that one has crashed three times.
const FOUND: Duration = Duration::from_secs(120);

/// `tasks` tasks, and what becomes of them if the one at `at` is `poison`.
fn check(pipeline: &Pipeline, lane: Lane, tasks: usize, at: usize, poison: Value) {
    let client = pipeline.client();
    let mut list = vec![json!({ "kind": "simulate", "payload": { "sleep_ms": 10 } }); tasks];
    list[at] = poison;
    let job = client.submit_to(lane, &list);
    let counts = client.wait_until_ended(job, FOUND).counts;
    assert_eq!((counts.succeeded as usize, counts.dead), (tasks - 1, 1), "{counts:?}");
    for (index, result) in client.results(job, "").iter().enumerate() {
        let status = if index == at { "dead" } else { "succeeded" };
        assert_eq!((&result["status"], &result["attempts"]), (&json!(status), &json!(1)), "{result}");
    }
    let task = client.task(job, at as u32);
    let history = task["history"].as_array().unwrap();
    assert_eq!(history.len(), 3, "three crashes: {history:?}");
    assert!(history.iter().all(|failure| failure["error"]["class"] == "crashed"), "{history:?}");
    let task = format!("{job}-{at}");
    let letter = eventually("its letter is archived", FOUND, || pipeline.archive().letter(&task));
    assert_eq!(letter["reason"], "crashed");
    let audit = client.get(&format!("/v1/jobs/{job}/audit")).expect(200).json();
    assert_eq!(audit["clean"], true, "{audit}");
}

#[test]
fn a_task_that_takes_its_isolate_down_is_found_and_its_neighbours_succeed_uncharged() {
    let pipeline = Setup::new().faulty().start();
    let client = pipeline.client();
    // Another job that runs in the same isolate all the while.
    let slow = json!({ "kind": "simulate", "payload": { "sleep_ms": 1_500 } });
    let bystanders = client.submit_to(Lane::Bulk, &vec![slow; 30]);
    check(&pipeline, Lane::Default, 40, 17, json!({ "kind": "simulate", "ref": DIE }));
    let counts = client.wait_until_ended(bystanders, FOUND).counts;
    assert_eq!(counts.succeeded, 30, "{counts:?}");
    assert!(client.results(bystanders, "").iter().all(|result| result["attempts"] == 1));
}

#[test]
fn a_handler_that_panics_is_charged_alone() {
    let pipeline = Setup::new().start();
    check(&pipeline, Lane::Default, 2_000, 999, json!({ "kind": "simulate", "payload": { "panic": true } }));
    let died = |line: &String| line.contains("Reinitializing") || line.contains("Critical");
    assert!(!pipeline.logs.texts().iter().any(died), "the instance lives on");
}
