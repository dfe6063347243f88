//! The Workers as wasm: how large they are, how long they take to start, how much memory they take.

use std::collections::BTreeMap;
use std::io;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::Serialize;
use tests::builds::WORKERS;
use tests::pipeline::Setup;
use tests::root;

use crate::tasks::no_op;
use crate::work::TINY;

/// The largest body that is accepted.
const LARGEST: usize = 16 << 20;

/// One Worker.
#[derive(Clone, Debug, Serialize)]
pub struct Worker {
    /// Its name.
    pub worker: &'static str,
    /// Bytes of its wasm, gzipped.
    pub gzipped: u64,
    /// What it takes to start, in ms: the best of three.
    pub start_up_ms: f64,
    /// Bytes of linear memory after a request of 16 MiB and all of its tasks. Nothing of it came to `dlq`.
    pub memory: Option<u64>,
}

/// Measures all of them.
///
/// # Errors
/// A program that is missing or fails.
///
/// # Panics
/// If the request is refused.
pub fn measure() -> io::Result<Vec<Worker>> {
    let started = start_ups()?;
    let memory = memory_after_the_largest_request();
    WORKERS
        .into_iter()
        .map(|worker| {
            Ok(Worker {
                worker,
                gzipped: gzipped(worker)?,
                start_up_ms: started.get(worker).copied().unwrap_or(f64::NAN),
                memory: memory.get(worker).copied(),
            })
        })
        .collect()
}

fn gzipped(worker: &str) -> io::Result<u64> {
    let file = root().join(worker).join("build/index_bg.wasm");
    let output = Command::new("gzip").args(["-9", "-c"]).arg(&file).stderr(Stdio::inherit()).output()?;
    if output.status.success() { Ok(output.stdout.len() as u64) } else { Err(io::Error::other("gzip failed")) }
}

fn start_ups() -> io::Result<BTreeMap<String, f64>> {
    let output =
        Command::new("node").arg("scripts/start-up.mjs").current_dir(root()).stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = |line: &str| {
        let (worker, ms) = line.split_once(' ')?;
        Some((worker.to_owned(), ms.parse().ok()?))
    };
    Ok(text.lines().filter_map(line).collect())
}

/// The most that each Worker says of itself while it deals with the largest request there is.
pub fn memory_after_the_largest_request() -> BTreeMap<&'static str, u64> {
    let pipeline = Setup::new().env("LOG_LEVEL", "debug").start();
    let client = pipeline.client();
    let count = (LARGEST / (TINY + 4)) as u32;
    let body = no_op(count, TINY);
    assert!(body.len() <= LARGEST, "{} bytes", body.len());
    let job = client.call("POST", "/v1/jobs").ndjson(body).accepted();
    client.wait_until_ended(job, Duration::from_secs(120));
    pipeline.logs.of_ended_job(job, "completed");
    let of = |message: &'static str| {
        let events = pipeline.logs.events(|event| event["message"] == message);
        events.iter().filter_map(|event| event["memory"].as_u64()).max()
    };
    let said = [("producers", "a submission ends"), ("consumers", "a batch begins"), ("ledger", "ledger call")];
    said.into_iter().filter_map(|(worker, message)| Some((worker, of(message)?))).collect()
}
