//! MonoTask itself: release builds of its Workers on workerd, driven by HTTP as any caller would.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ::tests::client::Client;
use ::tests::pipeline::Setup;
use domain::id::JobId;
use domain::ledger::JobState;
use domain::views::JobView;
use serde::Deserialize;
use serde_json::json;

use crate::memory::MemoryWatch;
use crate::outcome::{About, Bulk, Latencies, Ledger, Outcome};
use crate::sink::Sink;
use crate::stats::Spread;
use crate::tasks;
use crate::work::{Does, TINY, Work};

/// Its name in tables.
pub const TITLE: &str = "MonoTask";

/// Tasks before the clock starts, as with every system (`bench/peers/driver/peer.mjs`): enough for what is compiled while
/// it runs to be compiled well.
const WARM_UP: u32 = 50_000;
/// The same where each is a request.
const WARM_UP_REQUESTS: u32 = 1_000;
/// The most bytes of a request; larger submissions are made in parts.
const REQUEST: usize = 12 << 20;
/// Parts that are under way at once.
const AT_ONCE: usize = 2;
/// How often a job is asked whether it is done, as with every system.
const POLL: Duration = Duration::from_millis(10);
/// How long anything may take before it counts as broken.
const LIMIT: Duration = Duration::from_secs(600);

/// Has it do `work`.
///
/// # Panics
/// If it refuses anything.
pub fn bulk(work: Work) -> Outcome<Bulk> {
    let sink = (work.does == Does::HttpRequest).then(|| Sink::start(work.tasks).expect("a free port"));
    let pipeline = Setup::new().env("LOG_LEVEL", "warn").start();
    let client = pipeline.client().keeping_connections();
    match work.does {
        Does::Nothing => warm_up(&client),
        Does::HttpRequest => warm_up_requests(&client),
    }
    let body = match &sink {
        Some(sink) => tasks::http(work.tasks, work.bytes, &sink.url()),
        None => tasks::no_op(work.tasks, work.bytes),
    };
    let parts = in_parts(&body);
    let others = ledgers(pipeline.state_folder());
    let watch = MemoryWatch::of(vec![pipeline.supervisor()]);

    let start = Instant::now();
    let job = submit(&client, &parts, work.tasks);
    let accepted = start.elapsed();
    let ended = wait_until_done(&client, job, start + LIMIT);
    let settled = start.elapsed();
    let memory = watch.most();
    if let Err(problem) = ended.and_then(|()| every_task_was_done(&client, job, work, sink.as_ref())) {
        return Outcome::Broke { problem };
    }
    let status_ms = status_ms(&client, job);
    let state = pipeline.stop();
    let ledgers = ledgers(state.folder());
    let new = ledgers.iter().filter(|(file, _)| !others.contains_key(*file)).map(|(_, bytes)| bytes).sum();
    let ledger = Ledger { bytes: new, status_ms };
    let repeated = sink.map_or(0, |sink| sink.calls().repeated());
    Outcome::Done(Bulk { accepted_ms: ms(accepted), settled_ms: ms(settled), memory, repeated, ledger: Some(ledger) })
}

/// Has it do `tasks` single tasks on lane `high`, one after the other.
///
/// # Panics
/// If it refuses anything.
pub fn latency(tasks: u32) -> Outcome<Latencies> {
    let pipeline = Setup::new().env("LOG_LEVEL", "warn").start();
    let client = pipeline.client().keeping_connections();
    warm_up(&client);
    let body = tasks::no_op(1, TINY);
    let mut latencies = Vec::new();
    for _ in 0..tasks {
        let start = Instant::now();
        let answer = client.call("POST", "/v1/tasks?lane=high").json(body.trim()).send().expect(202).json();
        let job = answer["job"].as_str().and_then(|job| job.parse().ok()).expect("the job of the task");
        while client.job(job).state != JobState::Completed {
            if start.elapsed() > LIMIT {
                return Outcome::Broke { problem: format!("job {job} was not done after {LIMIT:?}") };
            }
        }
        latencies.push(ms(start.elapsed()));
    }
    latencies.sort_by(f64::total_cmp);
    Outcome::Done(Latencies { ms: latencies })
}

/// What was done before counts for nothing.
pub fn warm_up(client: &Client) {
    let job = client.call("POST", "/v1/jobs").ndjson(tasks::no_op(WARM_UP, TINY)).accepted();
    client.wait_until_ended(job, LIMIT);
}

/// The same with requests, to a server of their own.
fn warm_up_requests(client: &Client) {
    let sink = Sink::start(WARM_UP_REQUESTS).expect("a free port");
    let job = client.call("POST", "/v1/jobs").ndjson(tasks::http(WARM_UP_REQUESTS, TINY, &sink.url())).accepted();
    client.wait_until_ended(job, LIMIT);
}

/// Cuts a body at line ends.
fn in_parts(body: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = body;
    while rest.len() > REQUEST {
        let end = rest.as_bytes()[..REQUEST].iter().rposition(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
        let (part, others) = rest.split_at(end);
        parts.push(part);
        rest = others;
    }
    parts.push(rest);
    parts
}

/// Submits a job: in one request if it fits, else in parts.
pub fn submit(client: &Client, parts: &[&str], tasks: u32) -> JobId {
    if let [whole] = parts {
        return client.call("POST", "/v1/jobs").ndjson(*whole).accepted();
    }
    let job = client.call("POST", "/v1/jobs?open=true").ndjson("").accepted();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((at, part)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, parts.get(at)?)))
                {
                    let call = client.call("POST", &format!("/v1/jobs/{job}/tasks")).ndjson(*part);
                    call.header("idempotency-key", at.to_string()).send().expect(202);
                }
            });
        }
    });
    client.call("POST", &format!("/v1/jobs/{job}/seal")).json(json!({ "accepted": tasks })).send().expect(200);
    job
}

fn wait_until_done(client: &Client, job: JobId, limit: Instant) -> Result<(), String> {
    let call = client.call("GET", &format!("/v1/jobs/{job}"));
    loop {
        // A connection that was kept too long may be cut off: the next one will do.
        let found = match call.try_send() {
            Ok(answer) if answer.status == 200 => match serde_json::from_slice::<JobView>(&answer.body) {
                Ok(view) if view.state == JobState::Completed => return Ok(()),
                Ok(view) => format!("{:?}", view.counts),
                Err(error) => error.to_string(),
            },
            Ok(answer) => answer.text(),
            Err(error) => error.to_string(),
        };
        if Instant::now() > limit {
            return Err(format!("job {job} was not done after {LIMIT:?}: {found}"));
        }
        thread::sleep(POLL);
    }
}

/// What is looked at of a result.
#[derive(Deserialize)]
struct TaskResult<'a> {
    #[serde(borrow)]
    output: Output<'a>,
}

#[derive(Deserialize)]
struct Output<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
}

impl Output<'_> {
    fn number(&self) -> Option<usize> {
        self.reference.strip_prefix("order-")?.parse().ok()
    }
}

/// By its counts, by a recount of its rows, and by each task's result.
fn every_task_was_done(client: &Client, job: JobId, work: Work, sink: Option<&Sink>) -> Result<(), String> {
    let counts = client.job(job).counts;
    if (counts.accepted, counts.succeeded) != (work.tasks, work.tasks) {
        return Err(format!("{counts:?}"));
    }
    let audit = client.get(&format!("/v1/jobs/{job}/audit")).expect(200).json();
    if audit["clean"] != true {
        return Err(format!("the audit says {audit}"));
    }
    if let Some(calls) = sink.map(Sink::calls) {
        return if calls.distinct() == u64::from(work.tasks) {
            Ok(())
        } else {
            Err(format!("{} called", calls.distinct()))
        };
    }
    let mut returned = vec![false; work.tasks as usize];
    let results = client.get(&format!("/v1/jobs/{job}/results")).expect(200);
    for line in results.body.split(|byte| *byte == b'\n') {
        let task = serde_json::from_slice::<TaskResult<'_>>(line).ok().and_then(|result| result.output.number());
        if let Some(seen) = task.and_then(|task| returned.get_mut(task)) {
            *seen = true;
        }
    }
    match returned.iter().filter(|seen| !**seen).count() {
        0 => Ok(()),
        missing => Err(format!("{missing} results are missing")),
    }
}

fn status_ms(client: &Client, job: JobId) -> f64 {
    let once = || {
        let start = Instant::now();
        client.job(job);
        ms(start.elapsed())
    };
    Spread::of((0..51).map(|_| once())).map_or(0.0, |spread| spread.median)
}

/// The databases of Durable Objects, with what is still in their logs: file → bytes.
fn ledgers(state: &Path) -> BTreeMap<PathBuf, u64> {
    let mut found = BTreeMap::new();
    let mut folders = vec![state.join("data/v3/do")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "sqlite") {
                let log = fs::metadata(path.with_extension("sqlite-wal")).map_or(0, |log| log.len());
                found.insert(path, entry.metadata().map_or(0, |file| file.len()) + log);
            }
        }
    }
    found
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// How it is set.
pub fn about() -> About {
    let settings = [
        ("lane", "default; single tasks: high".to_owned()),
        ("requests", format!("at most {} MiB, {AT_ONCE} parts at once", REQUEST >> 20)),
        (
            "durability",
            "a task is in its ledger's SQLite, and synced to disk (fsync), before it is promised".to_owned(),
        ),
        ("results", "kept, each task's output".to_owned()),
    ];
    About { versions: BTreeMap::new(), settings: settings.map(|(name, value)| (name.to_owned(), value)).into() }
}
