//! What has happened so far.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use domain::id::JobId;

use super::Report;

/// A job that was accepted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Accepted {
    pub(super) job: JobId,
    pub(super) tasks: u32,
    /// How many of them die, unless the job is canceled.
    pub(super) dead: u32,
    pub(super) canceled: bool,
    pub(super) at: Instant,
}

/// What is shared by all actors.
#[derive(Default)]
pub(super) struct Tally {
    /// Not known to have ended.
    pub(super) under_way: Mutex<Vec<Accepted>>,
    /// Ended as they should.
    pub(super) ended: Mutex<Vec<Accepted>>,
    /// Of these, whose letters nobody has replayed yet.
    pub(super) replayable: Mutex<Vec<Accepted>>,
    pub(super) replays: AtomicU64,
    pub(super) replayed: AtomicU64,
    pub(super) reads: AtomicU64,
    pub(super) hang_ups: AtomicU64,
    pub(super) put_off: AtomicU64,
    pub(super) firings: AtomicU64,
}

impl Tally {
    /// Prints a line of progress.
    pub(super) fn say(&self, elapsed: Duration) {
        println!(
            "{:>5.0} s: {} jobs ended, {} under way, {} replays, {} reads",
            elapsed.as_secs_f64(),
            self.ended.lock().unwrap().len(),
            self.under_way.lock().unwrap().len(),
            count(&self.replays),
            count(&self.reads),
        );
    }

    pub(super) fn report(&self, took: Duration, memory: (u64, u64)) -> Report {
        let ended = self.ended.lock().unwrap();
        Report {
            took,
            jobs: ended.len(),
            tasks: ended.iter().map(|job| u64::from(job.tasks)).sum(),
            dead: ended.iter().filter(|job| !job.canceled).map(|job| u64::from(job.dead)).sum(),
            replays: count(&self.replays) as usize,
            replayed: count(&self.replayed),
            reads: count(&self.reads),
            hang_ups: count(&self.hang_ups),
            put_off: count(&self.put_off),
            firings: count(&self.firings),
            memory,
        }
    }
}

pub(super) fn add(counter: &AtomicU64, number: u64) {
    counter.fetch_add(number, Ordering::Relaxed);
}

fn count(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}
