//! What tasks cost on Cloudflare: every billed operation of real runs, counted by the Workers, at list prices.

mod operations;
mod prices;

use std::fs;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use ::tests::client::Client;
use ::tests::pipeline::{Pipeline, Setup};
use domain::id::JobId;
use serde::Serialize;
use serde_json::json;

pub use operations::{Dollars, Operations};
pub use prices::Prices;

use crate::monotask::warm_up;
use crate::sink::Sink;
use crate::tasks::{http, no_op};
use crate::work::{LARGE, TINY};

/// Tasks of a job.
const TASKS: u32 = 100_000;
/// Tasks that call a server.
const REQUESTS: u32 = 10_000;
const TINY_TASKS: &str = "tiny tasks (116 B)";
const ALONE: &str = "tasks submitted alone";
/// Tasks that come alone.
const SINGLES: u32 = 200;
/// A pipeline that has said nothing for so long has nothing more to do.
const SILENCE: Duration = Duration::from_secs(5);
/// How long a run may take.
const LIMIT: Duration = Duration::from_secs(300);

/// What a sort of tasks costs.
#[derive(Clone, Debug, Serialize)]
pub struct CostOf {
    /// Which.
    pub what: &'static str,
    /// Tasks that ran.
    pub tasks: u32,
    /// What they did.
    pub operations: Operations,
    /// Dollars per million such tasks.
    pub dollars_per_million: Dollars,
    /// The same in all.
    pub total_per_million: f64,
}

/// What the free plan carries of tiny tasks.
#[derive(Clone, Debug, Serialize)]
pub struct FreePlan {
    /// Tasks that one request may have: a pack, and no more than one invocation has the CPU for.
    pub tasks_of_a_request: f64,
    /// Tasks a day in such requests.
    pub tasks_a_day: f64,
    /// The allowance that is used up by then.
    pub used_up_first: &'static str,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Costs {
    /// The day of the prices.
    pub prices_of: String,
    /// The prices.
    pub prices: Prices,
    /// By sort of tasks.
    pub costs: Vec<CostOf>,
    /// A million tasks as a message each: three queue operations, and a request for a hundred. What keeps track of them is
    /// not in it.
    pub one_per_message: f64,
    /// A million messages of QStash.
    pub qstash: f64,
    /// What costs nothing.
    pub free: Option<FreePlan>,
}

/// Runs tasks of a sort and says how many, and with how many requests.
type Run = fn(&Client) -> (u32, u32);

/// The sorts.
const SORTS: [(&str, Run); 6] = [
    (TINY_TASKS, |client| submit(client, no_op(TASKS, TINY))),
    ("tasks of 1 KB", |client| {
        // What fits a request.
        submit(client, no_op(TASKS / 8, LARGE))
    }),
    ("tiny tasks, 10 % fail once", |client| submit(client, with_failures(json!({ "fail_times": 1 })))),
    ("tiny tasks, 10 % die", |client| submit(client, with_failures(json!({ "fail": "permanent" })))),
    ("`http.request` (100 a pack)", |client| {
        let sink = Sink::start(REQUESTS).expect("a free port");
        let ran = submit(client, http(REQUESTS, TINY, &sink.url()));
        assert_eq!(sink.calls().distinct(), u64::from(REQUESTS));
        ran
    }),
    (ALONE, |client| {
        let body = no_op(1, TINY);
        let submit = || client.call("POST", "/v1/tasks").json(body.trim()).send().expect(202).json();
        let jobs: Vec<JobId> = (0..SINGLES).filter_map(|_| submit()["job"].as_str()?.parse().ok()).collect();
        for job in &jobs {
            assert_eq!(client.wait_until_ended(*job, LIMIT).counts.succeeded, 1);
        }
        (jobs.len() as u32, jobs.len() as u32)
    }),
];

/// Every tenth task does what `payload` says.
fn with_failures(payload: serde_json::Value) -> String {
    let failing = format!("{{\"kind\":\"simulate\",\"payload\":{payload}}}\n");
    let body = no_op(TASKS, TINY);
    body.lines()
        .enumerate()
        .map(|(at, line)| if at % 10 == 0 { failing.clone() } else { format!("{line}\n") })
        .collect()
}

fn submit(client: &Client, body: String) -> (u32, u32) {
    let tasks = body.lines().count() as u32;
    let job = client.call("POST", "/v1/jobs").ndjson(body).accepted();
    let counts = client.wait_until_ended(job, LIMIT).counts;
    assert_eq!(counts.succeeded + counts.dead, tasks);
    (tasks, 1)
}

/// Measures all of it.
///
/// # Errors
/// No prices.
///
/// # Panics
/// If a run does not end well.
pub fn measure(note: impl Fn(&str)) -> io::Result<Costs> {
    let (prices_of, prices) = Prices::newest()?;
    let mut costs = Vec::new();
    for (what, run) in SORTS {
        let pipeline = Setup::new().env("LOG_LEVEL", "debug").env("QUEUES", "production").start();
        let (tasks, operations) = operations_of(&pipeline, run);
        let dollars_per_million = operations.dollars(&prices).times(1e6 / f64::from(tasks));
        note(&format!("{what}: ${:.4} per million", dollars_per_million.total()));
        costs.push(CostOf {
            what,
            tasks,
            operations,
            dollars_per_million,
            total_per_million: dollars_per_million.total(),
        });
    }
    let message =
        Operations { queue_writes: 1e6, queue_reads: 1e6, queue_deletes: 1e6, batches: 1e4, ..Operations::default() };
    Ok(Costs {
        one_per_message: message.dollars(&prices).total(),
        qstash: prices.qstash.messages_per_million,
        free: free_plan(&costs, &prices),
        prices_of,
        prices,
        costs,
    })
}

/// A request of one pack costs as much as one of a single task: what such a one did, and the tasks that fit a pack and
/// an invocation's CPU.
fn free_plan(costs: &[CostOf], prices: &Prices) -> Option<FreePlan> {
    let of = |what: &str| costs.iter().find(|cost| cost.what == what);
    let (tiny, alone) = (of(TINY_TASKS)?, of(ALONE)?);
    let in_pack = f64::from(tiny.tasks) / tiny.operations.queue_writes;
    let in_cpu = prices.free.cpu_ms_per_invocation / (tiny.operations.cpu_ms / f64::from(tiny.tasks));
    let tasks_of_a_request = in_pack.min(in_cpu).floor();
    let (runs, used_up_first) = alone.operations.runs_a_day(&prices.free);
    let tasks_a_day = runs * f64::from(alone.tasks) * tasks_of_a_request;
    Some(FreePlan { tasks_of_a_request, tasks_a_day, used_up_first })
}

fn operations_of(pipeline: &Pipeline, run: Run) -> (u32, Operations) {
    let client = pipeline.client();
    warm_up(&client);
    wait_for_silence(pipeline);
    let (first, cpu_before, start) = (pipeline.logs.count(), cpu_ms(pipeline), Instant::now());
    let (tasks, requests) = run(&client);
    wait_for_silence(pipeline);
    let mut at = first;
    let mut operations = Operations {
        requests: f64::from(requests),
        cpu_ms: cpu_ms(pipeline) - cpu_before,
        // Jobs that come one by one work one after the other, and each a little longer than it is waited for.
        ledger_seconds: start.elapsed().saturating_sub(SILENCE).as_secs_f64() + f64::from(requests),
        ..Operations::default()
    };
    for event in pipeline.logs.next_events(&mut at, |_| true) {
        operations.count(&event);
    }
    (tasks, operations)
}

/// Waits until nothing more is said.
fn wait_for_silence(pipeline: &Pipeline) {
    let end = Instant::now() + LIMIT;
    let mut last = (pipeline.logs.count(), Instant::now());
    while last.1.elapsed() < SILENCE {
        assert!(Instant::now() < end, "the pipeline does not come to rest");
        thread::sleep(Duration::from_millis(100));
        let lines = pipeline.logs.count();
        if lines != last.0 {
            last = (lines, Instant::now());
        }
    }
}

/// What the runtime has used so far.
fn cpu_ms(pipeline: &Pipeline) -> f64 {
    /// Clock ticks are hundredths of a second on every Linux that runs this.
    const TICK_MS: f64 = 10.0;
    let ticks = |pid: u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // The name may hold blanks: count from its bracket. User time is field 14, system time 15.
        let fields: Vec<&str> =
            stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect()).unwrap_or_default();
        fields.get(11..13).unwrap_or_default().iter().filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>()
    };
    pipeline.workerds().iter().map(|workerd| ticks(workerd.pid) * TICK_MS).sum()
}
