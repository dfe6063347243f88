//! What must hold after a soak.

use std::fs;
use std::time::Duration;

use super::STALLED;
use super::actors::MINUTELY;
use super::tally::Tally;
use crate::client::Client;
use crate::patience::eventually;

/// How much more memory the runtime may have in use late than early: instances of the Workers grow to their largest request
/// and stay so, and which one sees it is chance.
const GROWTH_BYTES: u64 = 400 << 20;
/// Jobs whose audit is asked for.
const AUDITS: usize = 20;

/// Memory that these processes have in use, in bytes.
pub(super) fn resident(processes: &[u32]) -> u64 {
    let of = |pid: &u32| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1024
    };
    processes.iter().map(of).sum()
}

/// The memory after a third of the time, and the most after that: the second is not much more.
pub(super) fn no_leak(memory: &[u64]) -> (u64, u64) {
    let (first, rest) = memory.split_at(memory.len().div_ceil(3));
    let early = first.last().copied().unwrap_or_default();
    let late = rest.iter().copied().max().unwrap_or_default();
    assert!(late <= early + GROWTH_BYTES, "the runtime grew from {early} to {late} bytes: {memory:?}");
    (early, late)
}

/// Each task that died has a dead letter, and there is no other.
pub(super) fn every_death_is_listed(client: &Client, tally: &Tally) {
    for job in tally.ended.lock().unwrap().iter().filter(|job| !job.canceled) {
        let listed = || client.triage().dead_letters(&format!("job={}", job.job)).len() as u32;
        eventually(&format!("the letters of {} are listed", job.job), STALLED, || (listed() >= job.dead).then_some(()));
        assert_eq!(listed(), job.dead, "job {}", job.job);
    }
}

/// No firing failed or was missed.
pub(super) fn schedules_fired(client: &Client) {
    for run in client.schedules().runs(MINUTELY) {
        assert_eq!(run.outcome.name(), "fired", "{:?}", run.reason);
        assert!(run.lateness_ms < Duration::from_secs(60).as_millis() as u64, "{} ms late", run.lateness_ms);
    }
}

/// What the ledgers counted is what their rows say.
pub(super) fn audits_are_clean(client: &Client, tally: &Tally) {
    for job in tally.ended.lock().unwrap().iter().rev().take(AUDITS) {
        let audit = client.get(&format!("/v1/jobs/{}/audit", job.job)).expect(200).json();
        assert_eq!(audit["clean"], true, "{audit}");
    }
}
