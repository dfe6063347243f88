//! Archiving, held against what KV alone can take.

use std::ops::Range;
use std::time::{Duration, Instant};

use domain::dead_letter::DeadLetter;
use domain::id::JobId;
use domain::limits::KV_OPERATIONS;
use domain::time::Timestamp;
use serde_json::{Value, json};

use crate::client::Client;
use crate::patience::eventually;
use crate::pipeline::Pipeline;

/// Puts of one invocation.
const PUTS: usize = 800;
const _: () = assert!(PUTS <= KV_OPERATIONS);
/// How long a letter is kept.
const TTL_SECONDS: u64 = 31 * 86_400;
/// How long anything here may take before it counts as hung.
const LIMIT: Duration = Duration::from_secs(300);

/// Bare puts a second, `count` of them, each of one letter as large as `letter`, by invocations that follow each other: the
/// most that an archive of one value a letter could take.
pub fn bare_puts(client: &Client, letter: &DeadLetter<'_>, count: usize) -> f64 {
    let value = serde_json::to_string(letter).unwrap();
    let body = json!({ "value": value, "ttl": TTL_SECONDS }).to_string();
    let start = Instant::now();
    for first in (0..count).step_by(PUTS) {
        let path = format!("/probe/kv?count={}", PUTS.min(count - first));
        client.call("POST", &path).json(&body).send().expect(200);
    }
    count as f64 / start.elapsed().as_secs_f64()
}

/// A task that dies at once, and would succeed with the patch `{"fail": null}`.
pub fn dies(index: usize) -> Value {
    let message = format!("no such order: {:032x}, looked for in shard {}", index * 7_919, index % 64);
    let payload =
        json!({ "fail": "permanent", "error": { "class": "gone", "message": message }, "output": { "order": index } });
    json!({ "kind": "simulate", "payload": payload, "ref": format!("order-{index}") })
}

/// Submits a job of `count` tasks that all die.
pub fn submit_deaths(client: &Client, count: usize) -> JobId {
    client.call("POST", "/v1/jobs").ndjson(deaths(0..count)).accepted()
}

/// The lines of these.
pub fn deaths(indexes: Range<usize>) -> String {
    indexes.map(|index| format!("{}\n", dies(index))).collect()
}

/// The letters of one job, `count` of them, archived and indexed. It comes in parts, each archived before the next.
pub fn archive_in_parts(pipeline: &Pipeline, count: usize, part: usize) -> JobId {
    let client = pipeline.client();
    let opened = client.call("POST", "/v1/jobs?open=true").send().expect(202).json();
    let job: JobId = opened["job"].as_str().unwrap().parse().unwrap();
    for begin in (0..count).step_by(part) {
        let (first, end) = (pipeline.logs.count(), count.min(begin + part));
        let append =
            client.call("POST", &format!("/v1/jobs/{job}/tasks")).header("idempotency-key", format!("{begin}"));
        append.ndjson(deaths(begin..end)).send().expect(202);
        wait_until_archived(pipeline, job, first, end);
    }
    client.call("POST", &format!("/v1/jobs/{job}/seal")).json(json!({ "accepted": count })).send().expect(200);
    job
}

/// Waits until `job` has `count` letters in the index, and so in the archive, and the batches that brought them have
/// ended; `first` is a line of the logs before the last of them died.
pub fn wait_until_archived(pipeline: &Pipeline, job: JobId, first: usize, count: usize) {
    let (client, mut at) = (pipeline.client(), first);
    eventually("all letters are archived", LIMIT, || {
        // Asking costs time: only after a batch can there be something new.
        let ended = pipeline.logs.next_events(&mut at, |event| event["message"] == "a batch of dead letters ends");
        if ended.is_empty() {
            return None;
        }
        let groups = client.get(&format!("/v1/dead-letters/groups?job={job}&limit=200")).expect(200).json();
        let counts = groups["groups"].as_array().unwrap().iter().map(|group| group["count"].as_u64().unwrap());
        (counts.sum::<u64>() >= count as u64).then_some(())
    });
}

/// Letters archived, indexed and confirmed a second, from the end of the first batch to the end of the last: what the
/// first one brought is not counted.
pub fn letters_a_second(pipeline: &Pipeline, count: usize) -> f64 {
    let (mut at, mut letters) = (pipeline.logs.count(), 0);
    // How many letters there were when each batch ended.
    let mut ends: Vec<(Timestamp, u64)> = Vec::new();
    submit_deaths(&pipeline.client(), count);
    eventually("all letters are archived", LIMIT, || {
        for event in pipeline.logs.next_events(&mut at, |_| true) {
            match event["message"].as_str() {
                Some("archived") => letters += event["archived"].as_u64().unwrap(),
                Some("a batch of dead letters ends") => {
                    let at = event["timestamp"].as_str().and_then(Timestamp::parse_rfc3339).unwrap();
                    ends.push((at, letters));
                }
                _ => {}
            }
        }
        (ends.last()?.1 >= count as u64).then_some(())
    });
    let ((begin, before), (end, all)) = (ends[0], ends[ends.len() - 1]);
    (all - before) as f64 / end.since(begin).as_secs_f64()
}
