//! What a pack costs at its ledger, as the platform bills it.

use serde_json::json;
use tests::cost::{of_packs, pipeline};

use crate::SOON;

#[test]
fn a_pack_that_ends_within_one_slice_costs_two_requests_and_five_rows() {
    let pipeline = pipeline();
    let packs = 5;
    let costs = of_packs(&pipeline, packs, &json!({}));
    println!("{costs:?}");
    let packs = u64::from(packs);
    let (claim, settle, append) = (costs["/claim"], costs["/settle"], costs["/append"]);
    assert!(claim.requests + settle.requests <= 2 * packs, "{costs:?}");
    // The last settlement moves the alarm, once for the job: the index of jobs is to be told.
    assert!(claim.rows + settle.rows <= 5 * packs + 1, "{costs:?}");
    assert!(append.rows <= 2 * packs + JOB, "{costs:?}");
}

#[test]
fn packs_of_a_batch_that_end_in_one_breath_settle_with_one_call() {
    let pipeline = pipeline();
    let job = pipeline.client().submit(&vec![json!({ "kind": "simulate" }); 20_000]);
    assert_eq!(pipeline.client().wait_until_ended(job, SOON).counts.succeeded, 20_000);
    let calls = |path: &str| {
        pipeline
            .logs
            .events(|event| event["message"] == "ledger call" && event["call"] == path && event["job"] == json!(job))
    };
    let (claims, settles) = (calls("/claim"), calls("/settle"));
    let packs = settles[0]["packs"].as_u64().unwrap() as usize;
    assert!(packs >= 10 && claims.len() < packs, "{} claims of {packs} packs: none came together", claims.len());
    assert_eq!(settles.len(), claims.len(), "one for each batch");
}

/// Rows that a job costs once: two for its table, its own row, its part and its alarm.
const JOB: u64 = 5;

#[test]
fn a_task_submitted_alone_costs_twelve_rows_and_none_of_the_index() {
    let pipeline = pipeline();
    let client = pipeline.client();
    let answer = client.call("POST", "/v1/tasks").json(json!({ "kind": "simulate" })).send().expect(202).json();
    let job = answer["job"].as_str().unwrap().parse().unwrap();
    client.wait_until_ended(job, SOON);
    // Its only alarm: there is nothing to do until it expires.
    pipeline.logs.wait_for("the alarm", 1, SOON, |event| event["message"] == "ledger call" && event["call"] == "alarm");
    let calls = pipeline.logs.events(|event| event["message"] == "ledger call" && event["job"] == json!(job));
    let rows: u64 = calls.iter().map(|call| call["rows"].as_u64().unwrap()).sum();
    assert_eq!(rows, 12, "{calls:?}");
    assert!(pipeline.logs.events(|event| event["message"] == "database rows").is_empty());
}
