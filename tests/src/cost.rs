//! What a job costs at its ledger: requests, and rows written, which is what a Durable Object is billed by. Counted by the
//! ledger itself, and logged at level debug.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::patience::eventually;
use crate::pipeline::{Pipeline, Setup};

/// How long anything here may take before it counts as hung.
const LIMIT: Duration = Duration::from_secs(60);

/// Requests and rows of the calls of one sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Calls made.
    pub requests: u64,
    /// Rows written, alarms included.
    pub rows: u64,
}

/// A pipeline that logs what its ledgers cost.
pub fn pipeline() -> Pipeline {
    Setup::new().env("LOG_LEVEL", "debug").start()
}

/// What a job of `packs` packs of one task each costs, by call. They are due one after the other, so that each travels
/// in a batch of its own: the dearest way.
///
/// # Panics
/// If the job does not end well.
pub fn of_packs(pipeline: &Pipeline, packs: u32, payload: &Value) -> BTreeMap<String, Cost> {
    let client = pipeline.client();
    let first = pipeline.logs.texts().len();
    let task = |second: u32| json!({ "kind": "simulate", "payload": payload, "delay_seconds": second });
    let job = client.submit(&(0..packs).map(task).collect::<Vec<_>>());
    client.wait_until_ended(job, LIMIT);
    eventually("the index knows", LIMIT, || {
        let listed = client.get("/v1/jobs?limit=1").expect(200).json();
        (listed["jobs"][0]["job"] == json!(job) && !listed["jobs"][0]["completed_at"].is_null()).then_some(())
    });
    let mut costs: BTreeMap<String, Cost> = BTreeMap::new();
    for line in pipeline.logs.texts().iter().skip(first) {
        let Ok(event) = serde_json::from_str::<Value>(line) else { continue };
        if event["message"] == "ledger call" {
            let cost = costs.entry(event["call"].as_str().unwrap().to_owned()).or_default();
            cost.requests += 1;
            cost.rows += event["rows"].as_u64().unwrap();
        }
    }
    costs
}
