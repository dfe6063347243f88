//! The Workers as wasm: how large they are, how long they take to start, how much memory they take.

use std::collections::BTreeMap;
use std::io;
use std::process::{Command, Stdio};

use ::tests::builds::WORKERS;
use ::tests::memory::after_the_largest_request;
use ::tests::pipeline::Setup;
use ::tests::root;
use serde::Serialize;

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
    let memory = after_the_largest_request(&Setup::new().env("LOG_LEVEL", "debug").start());
    WORKERS
        .into_iter()
        .map(|worker| {
            Ok(Worker {
                worker,
                gzipped: gzipped(worker)?,
                start_up_ms: *started
                    .get(worker)
                    .ok_or_else(|| io::Error::other(format!("{worker} was not started")))?,
                memory: memory.get(worker).copied(),
            })
        })
        .collect()
}

fn gzipped(worker: &str) -> io::Result<u64> {
    let file = root().join(worker).join("build/worker_bg.wasm");
    let output = Command::new("gzip").args(["-9", "-c"]).arg(&file).stderr(Stdio::inherit()).output()?;
    if output.status.success() { Ok(output.stdout.len() as u64) } else { Err(io::Error::other("gzip failed")) }
}

fn start_ups() -> io::Result<BTreeMap<String, f64>> {
    let output = ::tests::node().arg("scripts/start-up.mjs").current_dir(root()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(io::Error::other("the start of the Workers could not be measured"));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let line = |line: &str| {
        let (worker, ms) = line.split_once(' ')?;
        Some((worker.to_owned(), ms.parse().ok()?))
    };
    Ok(text.lines().filter_map(line).collect())
}
