//! What a pack costs at its ledger, as the platform bills it.

use serde_json::json;
use tests::cost::{of_packs, pipeline};

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

/// Rows that a job costs once: two for each of its six tables, its own row, its part and its alarm.
const JOB: u64 = 15;
