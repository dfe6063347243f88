//! A large replay: how soon it is accepted, and how soon every item has its verdict.

use std::time::{Duration, Instant};

use domain::id::JobId;
use domain::replay::{ReplayState, ReplayView};
use serde_json::{Value, json};

use super::operations::Operations;
use crate::patience::eventually;
use crate::pipeline::Pipeline;

/// How long a replay may take before it counts as hung.
const LIMIT: Duration = Duration::from_secs(300);

/// What a replay took.
#[derive(Debug)]
pub struct Replayed {
    /// From the start of the request to the 202.
    pub accepted: Duration,
    /// From the start of the request until the replay was completed.
    pub completed: Duration,
    /// What it came to.
    pub view: ReplayView,
    /// What it asked of KV and D1, its beginning aside.
    pub operations: Operations,
}

/// Replays all open letters of `job`, each payload changed by `patch`, and waits until each has its verdict.
pub fn run(pipeline: &Pipeline, job: JobId, patch: &Value) -> Replayed {
    let client = pipeline.client();
    let first = pipeline.logs.count();
    let body = json!({ "filter": { "job": job }, "patch": patch });
    let start = Instant::now();
    let begun = client.call("POST", "/v1/dead-letters/replay").json(body).send();
    let accepted = start.elapsed();
    let replay = begun.expect(202).json()["replay"].as_str().unwrap().to_owned();
    let mut at = first;
    let (view, completed) = eventually("the replay is completed", LIMIT, || {
        // Asking costs it time: only after it worked can there be something new.
        if pipeline.logs.next_events(&mut at, |event| event["message"] == "a replay worked").is_empty() {
            return None;
        }
        let view: ReplayView =
            serde_json::from_str(&client.get(&format!("/v1/replays/{replay}")).expect(200).text()).unwrap();
        (view.state == ReplayState::Completed).then(|| (view, start.elapsed()))
    });
    Replayed { accepted, completed, view, operations: Operations::since(&pipeline.logs, first) }
}
