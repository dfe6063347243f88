//! Many small tasks at once, and how long they take.

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::pipeline::Pipeline;
use crate::processes::peak_memory;

/// Tasks of one request.
pub const TASKS: u32 = 100_000;

/// How long anything here may take before it counts as hung.
const LIMIT: Duration = Duration::from_secs(120);

/// What one request took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Figures {
    /// From the start of the request to the 202.
    pub accepted: Duration,
    /// From the start of the request until every task had ended.
    pub settled: Duration,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "accepted in {:.2} s, settled in {:.2} s", self.accepted.as_secs_f64(), self.settled.as_secs_f64())
    }
}

/// The body: [`TASKS`] lines of about 110 bytes.
pub fn body() -> String {
    let line = |index: u32| {
        let order = format!("{index:08}-{:08}", index.wrapping_mul(2_654_435_761));
        format!(
            "{{\"kind\":\"simulate\",\"payload\":{{\"output\":{{\"order\":\"{order}\",\"total\":{}.25}}}},\"ref\":\"order-{index}\"}}\n",
            index % 1_000
        )
    };
    (0..TASKS).map(line).collect()
}

/// Submits `body` and waits until all of its tasks have succeeded.
///
/// # Panics
/// If they do not.
pub fn run(client: &Client, body: &str) -> Figures {
    let start = Instant::now();
    let job = client.call("POST", "/v1/jobs").ndjson(body).accepted();
    let accepted = start.elapsed();
    let counts = client.wait_until_ended(job, LIMIT).counts;
    let settled = start.elapsed();
    assert_eq!((counts.accepted, counts.succeeded), (TASKS, TASKS));
    Figures { accepted, settled }
}

/// The same four times at once.
pub fn run_four_at_once(client: &Client, body: &str) -> Vec<Figures> {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| run(client, body))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// The most memory that the runtime had in use so far, all Workers and the storage together, in MB.
pub fn runtime_memory(pipeline: &Pipeline) -> u64 {
    pipeline.workerds().iter().map(|workerd| peak_memory(workerd.pid)).max().unwrap_or(0) / 1_000_000
}
