//! A bad night as it happens: tens of thousands of tasks die in a minute, an operator looks at the groups all the while, and
//! begins a replay in the middle of it.

use std::thread;
use std::time::{Duration, Instant};

use domain::id::JobId;
use domain::time::Timestamp;
use domain::views::JobView;
use serde_json::{Value, json};

use super::archiving::{deaths, submit_deaths};
use super::operations::Operations;
use super::{now, replay};
use crate::client::Client;
use crate::patience::eventually;
use crate::pipeline::Pipeline;

/// How long a night may take before it counts as hung.
const LIMIT: Duration = Duration::from_secs(900);
/// Tasks of one part of a large job: a request body holds 16 MiB.
const PART: usize = 40_000;

/// What a night took.
#[derive(Debug)]
pub struct Night {
    /// Its job.
    pub job: JobId,
    /// From the first death in the archive until all were listed.
    pub archiving: Duration,
    /// From the last death until all were listed.
    pub last_to_listed: Duration,
    /// How long each look at the groups took, in ms, at the caller.
    pub groups: Vec<f64>,
    /// What was asked of KV, D1 and the ledger.
    pub operations: Operations,
}

/// `count` tasks die; `meanwhile` is done once a quarter of them is listed.
pub fn run<T>(pipeline: &Pipeline, count: usize, meanwhile: impl FnOnce() -> T) -> (Night, T) {
    let client = pipeline.client();
    let (first, before) = (pipeline.logs.count(), letters_in(&client, "").1);
    let job = if count <= PART { submit_deaths(&client, count) } else { submit_in_parts(&client, count) };
    let of_job = format!("&job={job}");
    eventually("the first letters are listed", LIMIT, || (letters_in(&client, &of_job).1 > 0).then_some(()));
    let start = Instant::now();
    let (all, done) = thread::scope(|scope| {
        let looks = scope.spawn(|| look_until_listed(&pipeline.client(), job, before, count));
        let quarter = || (Operations::since(&pipeline.logs, first).letters as usize * 4 > count).then_some(());
        eventually("a quarter is archived", LIMIT, quarter);
        let done = meanwhile();
        (looks.join().unwrap_or_default(), done)
    });
    let (groups, archiving, listed_at) = all;
    let archiving = archiving.map_or(LIMIT, |end| end.duration_since(start));
    let view: JobView = serde_json::from_str(&client.get(&format!("/v1/jobs/{job}")).expect(200).text()).unwrap();
    let last_to_listed = listed_at.since(view.completed_at.unwrap_or(listed_at));
    wait_until_confirmed(pipeline, first, count);
    (Night { job, archiving, last_to_listed, groups, operations: Operations::since(&pipeline.logs, first) }, done)
}

/// Looks at the groups of all letters again and again until those of `job` are `count`: how long each look took, and when
/// that was.
fn look_until_listed(
    client: &Client,
    job: JobId,
    before: usize,
    count: usize,
) -> (Vec<f64>, Option<Instant>, Timestamp) {
    let mut looks = Vec::new();
    let end = eventually("all letters are listed", LIMIT, || {
        let (took, found) = letters_in(client, "");
        looks.push(took);
        // Those of the job are asked for only when they may be all: that is a look more.
        (found >= before + count && letters_in(client, &format!("&job={job}")).1 >= count).then(Instant::now)
    });
    (looks, Some(end), now())
}

/// How long the groups of a filter took to look at, in ms, and how many letters are in them.
fn letters_in(client: &Client, filter: &str) -> (f64, usize) {
    let start = Instant::now();
    let groups = client.get(&format!("/v1/dead-letters/groups?limit=200{filter}")).expect(200).json();
    let took = start.elapsed().as_secs_f64() * 1_000.0;
    let counts = groups["groups"].as_array().unwrap().iter().map(|group| group["count"].as_u64().unwrap());
    (took, counts.sum::<u64>() as usize)
}

fn wait_until_confirmed(pipeline: &Pipeline, first: usize, count: usize) {
    eventually("all letters are confirmed", LIMIT, || {
        (Operations::since(&pipeline.logs, first).letters >= count as u64).then_some(())
    });
}

fn submit_in_parts(client: &Client, count: usize) -> JobId {
    let opened = client.call("POST", "/v1/jobs?open=true").send().expect(202).json();
    let job: JobId = opened["job"].as_str().unwrap().parse().unwrap();
    for begin in (0..count).step_by(PART) {
        let append =
            client.call("POST", &format!("/v1/jobs/{job}/tasks")).header("idempotency-key", format!("{begin}"));
        append.ndjson(deaths(begin..count.min(begin + PART))).send().expect(202);
    }
    client.call("POST", &format!("/v1/jobs/{job}/seal")).json(json!({ "accepted": count })).send().expect(200);
    job
}

/// Replays all letters of `job` so that they succeed.
pub fn replay_of(pipeline: &Pipeline, job: JobId) -> replay::Replayed {
    let patch: Value = json!({ "fail": null });
    replay::run(pipeline, job, &patch)
}
