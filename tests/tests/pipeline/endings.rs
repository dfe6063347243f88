//! Cancel, of jobs and of tasks, and the audit that counts what became of them.

use domain::lane::Lane;
use serde_json::json;
use tests::patience::eventually;
use tests::pipeline::{Pipeline, Setup};

use crate::SOON;

#[test]
fn a_canceled_job_runs_nothing_more_and_adds_up() {
    let client = Pipeline::shared().client();
    let slow = json!({ "kind": "simulate", "payload": { "sleep_ms": 2_000, "fail_times": 1 } });
    let later = json!({ "kind": "simulate", "delay_seconds": 86_400 });
    let job = client.submit_to(Lane::Bulk, &[vec![slow; 3], vec![later; 5]].concat());
    eventually("the slow tasks run", SOON, || (client.job(job).counts.running == 3).then_some(()));

    let canceled = client.call("POST", &format!("/v1/jobs/{job}/cancel")).send();
    assert_eq!(canceled.status, 202);
    let view = canceled.json();
    assert_eq!((&view["state"], &view["cancel_requested"]), (&json!("running"), &json!(true)), "three tasks still run");
    assert_eq!(view["counts"]["canceled"], 5);

    let ended = client.wait_until_ended(job, SOON);
    assert_eq!((ended.counts.canceled, ended.counts.retrying), (8, 0), "what failed meanwhile is not tried again");
    assert_eq!(client.job(job).state, domain::ledger::JobState::Canceled);
    assert_eq!(client.call("POST", &format!("/v1/jobs/{job}/cancel")).send().status, 202, "again changes nothing");
    let audit = client.call("GET", &format!("/v1/jobs/{job}/audit")).send().json();
    assert_eq!((&audit["clean"], &audit["counted"]["canceled"]), (&json!(true), &json!(8)), "{audit}");
}

#[test]
fn a_canceled_task_takes_no_neighbour_with_it() {
    let client = Pipeline::shared().client();
    let job = client.submit_to(Lane::Bulk, &vec![json!({ "kind": "simulate", "delay_seconds": 2 }); 3]);
    let cancel = |index: u32| client.call("POST", &format!("/v1/tasks/{job}-{index}/cancel")).send();
    assert_eq!(cancel(1).status, 202);
    assert_eq!(cancel(1).status, 409, "it has ended");
    assert_eq!(cancel(3).status, 404);
    let ended = client.wait_until_ended(job, SOON);
    assert_eq!((ended.counts.succeeded, ended.counts.canceled), (2, 1));
    assert_eq!(client.task(job, 1)["status"], "canceled");
    assert_eq!(client.call("POST", &format!("/v1/jobs/{job}/cancel")).send().status, 409, "the job has ended");
}

#[test]
fn a_job_with_more_outputs_than_memory_can_be_audited() {
    let pipeline = Setup::new().start();
    let client = pipeline.client();
    let job = client.call("POST", "/v1/jobs?open=true&lane=bulk").accepted();
    let task = json!({ "kind": "simulate", "payload": { "output": "x".repeat(8_000) } });
    let body = format!("{task}\n").repeat(1_900);
    for part in 0..10 {
        let call = client.call("POST", &format!("/v1/jobs/{job}/tasks")).header("idempotency-key", part.to_string());
        call.ndjson(&*body).send().expect(202);
    }
    client.call("POST", &format!("/v1/jobs/{job}/seal")).json(json!({ "accepted": 19_000 })).send().expect(200);
    assert_eq!(client.wait_until_ended(job, SOON * 4).counts.succeeded, 19_000, "152 MB of outputs");
    let audit = client.get(&format!("/v1/jobs/{job}/audit")).expect(200).json();
    assert_eq!((&audit["clean"], &audit["counted"]["succeeded"]), (&json!(true), &json!(19_000)), "{audit}");
}

#[test]
fn the_audit_of_a_job_that_runs_is_clean_too() {
    let client = Pipeline::shared().client();
    let tasks: Vec<_> = (0..3_000)
        .map(|n| match n % 3 {
            0 => json!({ "kind": "simulate" }),
            1 => json!({ "kind": "simulate", "payload": { "fail_times": 1 } }),
            _ => json!({ "kind": "simulate", "payload": { "fail": "permanent" } }),
        })
        .collect();
    let job = client.submit(&tasks);
    let audit = || client.call("GET", &format!("/v1/jobs/{job}/audit")).send().json();
    eventually("the job ends", SOON, || {
        let audit = audit();
        assert_eq!(audit["clean"], true, "{audit}");
        (client.job(job).completed_at.is_some()).then_some(())
    });
    let audit = audit();
    assert_eq!((&audit["counted"]["succeeded"], &audit["counted"]["dead"]), (&json!(2_000), &json!(1_000)), "{audit}");
}
