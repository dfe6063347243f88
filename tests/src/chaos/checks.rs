//! What must hold after a chaotic run.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant, SystemTime};

use domain::id::JobId;
use domain::time::Timestamp;
use serde_json::Value;

use super::{Plan, Settled};
use crate::client::Client;
use crate::patience::eventually;
use crate::pipeline::Pipeline;
use crate::sink::Sink;

/// How long letters may take after the last restart: the first probe comes after 15 s, the next after 30.
const LETTERS: Duration = Duration::from_secs(180);

pub(super) fn audit_is_clean(client: &Client, job: JobId) {
    let audit = client.get(&format!("/v1/jobs/{job}/audit")).expect(200).json();
    assert_eq!(audit["clean"], true, "{audit}");
}

pub(super) fn every_letter_is_archived(pipeline: &Pipeline, job: JobId, dead: &BTreeSet<u32>) {
    let expected: BTreeSet<String> = dead.iter().map(|index| format!("{job}-{index}")).collect();
    eventually("every dead letter is archived", LETTERS, || {
        let found: BTreeSet<String> = pipeline.archive().letters(job).into_keys().collect();
        assert!(found.is_subset(&expected), "letters of tasks that did not die");
        (found.len() == expected.len()).then_some(())
    });
}

/// How many requests came, and how many of them more often than their task's outcome needs.
pub(super) fn no_settled_effect_came_again(
    sink: &Sink,
    plan: &Plan,
    job: JobId,
    settled: &[Settled],
) -> (usize, usize) {
    let (mut effects, mut repeated) = (0, 0);
    for index in 0..plan.tasks {
        let requests = sink.received(&Plan::path(index));
        let Some(last) = requests.last() else { continue };
        effects += requests.len();
        let expected = if plan.needs_two(index) { 2 } else { 1 };
        repeated += requests.len().saturating_sub(expected);
        for kill in settled.iter().filter(|kill| kill.tasks.contains(&index)) {
            assert!(last.at <= kill.at, "task {index} of job {job} was settled, and its request came again");
        }
    }
    (effects, repeated)
}

/// From the restart until the last pack that was born before it was claimed again.
pub(super) fn claimed_again(pipeline: &Pipeline, job: JobId, first_line: usize, restarted: Instant) -> Duration {
    let restarted = SystemTime::now() - restarted.elapsed();
    let restarted = restarted.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let lines = pipeline.logs.texts();
    let (before, after) = lines.split_at(first_line);
    let born =
        before.iter().rev().find_map(|line| packs_born(line, job)).expect("the ledger was called before the kill");
    let again: Vec<Timestamp> =
        claims(after, job).into_iter().filter(|claim| claim.0 < born).map(|claim| claim.1).collect();
    assert!(!again.is_empty(), "the last kill cut nothing down");
    again.into_iter().max().unwrap_or_default().since(Timestamp::from_millis(restarted.as_millis() as u64))
}

/// How many packs the job had at a call to its ledger, if this line is of one.
fn packs_born(line: &str, job: JobId) -> Option<u64> {
    let event: Value = serde_json::from_str(line).ok()?;
    let called = event["message"] == "ledger call" && event["job"] == *job.to_string();
    called.then(|| event["packs"].as_u64()).flatten()
}

/// When each pack was first claimed, by these lines.
fn claims(lines: &[String], job: JobId) -> BTreeMap<u64, Timestamp> {
    let mut claims = BTreeMap::new();
    for line in lines {
        let Ok(event) = serde_json::from_str::<Value>(line) else { continue };
        if event["message"] == "claimed" && event["job"] == *job.to_string() {
            let at = event["timestamp"].as_str().and_then(Timestamp::parse_rfc3339).unwrap();
            claims.entry(event["pack"].as_str().unwrap().parse().unwrap()).or_insert(at);
        }
    }
    claims
}
