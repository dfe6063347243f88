//! The dead letters of a bad night: 40 causes, four of which are nearly all of it, told in texts that are never twice the
//! same.

use std::borrow::Cow;
use std::time::Duration;

use domain::dead_letter::DeadLetter;
use domain::id::{JobId, TaskId};
use domain::kinds::Kind;
use domain::lane::Lane;
use domain::outcome::TaskError;
use domain::time::Timestamp;
use domain::verdict::Reason;
use domain::views::FailedAttempt;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use serde_json::value::RawValue;

/// How many.
pub const LETTERS: usize = 100_000;
/// How long the night was.
const NIGHT: Duration = Duration::from_secs(12 * 3_600);
/// The sizes of the jobs, the first to die being the smallest.
const JOBS: [usize; 8] = [100, 4_900, 8_000, 10_000, 12_000, 15_000, 20_000, 30_000];

/// Causes: how many letters, kind, reason, class, message. `{n}` is a number, `{x}` an id, `{ip}` an address, `{at}` a time.
type Cause = (usize, Kind, Reason, &'static str, &'static str);

use Kind::{HttpRequest, Simulate};
use Reason::{Crashed, Exhausted, Permanent};

const LARGE: [Cause; 4] = [
    (
        40_000,
        HttpRequest,
        Exhausted,
        "status",
        "https://hooks.example.com/in/{x} answered 503 Service Unavailable at {at}",
    ),
    (25_000, HttpRequest, Exhausted, "timeout", "request {x} to the payments gateway timed out after {n} ms"),
    (
        15_000,
        HttpRequest,
        Permanent,
        "payload",
        "customer {n} has no currency: order {x} was refused by the billing rules",
    ),
    (12_000, Simulate, Permanent, "gone", "no such order: {x}, looked for in shard {n} at {at}"),
];

/// The words of the small causes; each comes once with every kind, reason and class of [`SMALL_OF`].
const SMALL: [&str; 12] = [
    "connect ECONNREFUSED {ip}:{n}",
    "duplicate key value violates unique constraint on order {x}",
    "deadlock detected: process {n} waits for ShareLock on transaction {n}",
    "certificate of the partner has expired at {at}",
    "quota exhausted: {n} of {n} requests used by tenant {x}",
    "unexpected token in JSON at position {n}",
    "no route to host {ip}",
    "token {x} was revoked at {at}",
    "upstream sent an invalid header of {n} bytes",
    "invoice {x} is locked by a user since {at}",
    "out of memory: allocation of {n} bytes failed in render of {x}",
    "zeppelin hangar {n} is closed",
];
const SMALL_OF: [(Kind, Reason, &str); 3] =
    [(HttpRequest, Exhausted, "io"), (Simulate, Permanent, "io"), (HttpRequest, Crashed, "crash")];
/// All small causes together.
const SMALL_LETTERS: usize = 8_000;

/// How many causes there are.
pub const CAUSES: usize = LARGE.len() + SMALL.len() * SMALL_OF.len();

/// The jobs, the smallest first.
pub fn jobs(night: Timestamp) -> Vec<JobId> {
    (0..JOBS.len()).map(|at| JobId::random(night, [at as u8 + 1; 10])).collect()
}

/// Each cause with its size: small ones have from 12 to 440 letters.
fn causes() -> Vec<Cause> {
    let small =
        SMALL_OF.iter().flat_map(|(kind, reason, class)| SMALL.iter().map(move |text| (kind, reason, class, text)));
    let count = SMALL.len() * SMALL_OF.len();
    // Backwards, so that the last text is the rarest.
    let small = small.enumerate().map(|(at, (kind, reason, class, text))| {
        (SMALL_LETTERS * 2 * (count - at) / (count * (count + 1)), *kind, *reason, *class, *text)
    });
    let mut causes: Vec<Cause> = LARGE.into_iter().chain(small).collect();
    // What division left over.
    causes[0].0 += LETTERS - causes.iter().map(|cause| cause.0).sum::<usize>();
    causes
}

/// The letters of a night that began at `night`, in the order in which they died.
pub fn letters(night: Timestamp, seed: u64) -> Vec<DeadLetter<'static>> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut causes: Vec<Cause> = causes().into_iter().flat_map(|cause| std::iter::repeat_n(cause, cause.0)).collect();
    causes.shuffle(&mut rng);
    let jobs = jobs(night).into_iter().zip(JOBS);
    let tasks = jobs.flat_map(|(job, size)| (0..size as u32).map(move |index| TaskId { job, index }));
    let step = NIGHT / LETTERS as u32;
    let letters = tasks.zip(causes).enumerate().map(|(at, (task, cause))| {
        // Neighbours die in the same moment, or before each other.
        let died_at = night.after(step * at as u32 + Duration::from_millis(rng.random_range(0..3_000)));
        letter(task, cause, died_at, &mut rng)
    });
    letters.collect()
}

fn letter(
    task: TaskId,
    (_, kind, reason, class, text): Cause,
    died_at: Timestamp,
    rng: &mut SmallRng,
) -> DeadLetter<'static> {
    let error = TaskError::new(class, &fill(text, died_at, rng));
    let payload =
        format!(r#"{{"url":"https://hooks.example.com/in/{}","body":{{"order":{}}}}}"#, task.index, task.index);
    let attempts: u8 = if reason == Exhausted { 5 } else { 1 };
    DeadLetter {
        task: task.to_string().into(),
        job: Some(task.job),
        index: Some(task.index),
        reference: Some(format!("order-{}", task.index).into()),
        kind: Some(kind),
        lane: Some(Lane::Default),
        payload: Cow::Owned(RawValue::from_string(payload).unwrap()),
        reason,
        error: error.clone(),
        history: vec![FailedAttempt { attempt: attempts, at: died_at, error }],
        died_at,
        late_success: false,
        timeout_seconds: None,
        max_attempts: None,
        origin: None,
    }
}

fn fill(text: &str, at: Timestamp, rng: &mut SmallRng) -> String {
    let mut filled = String::new();
    for piece in text.split_inclusive('}') {
        let Some((before, name)) = piece.split_once('{') else {
            filled += piece;
            continue;
        };
        filled += before;
        filled += &match name {
            "n}" => rng.random_range(1_000..100_000_u32).to_string(),
            "x}" => format!("{:032x}", rng.random::<u128>()),
            "ip}" => format!("10.{}.{}.{}", rng.random::<u8>(), rng.random::<u8>(), rng.random::<u8>()),
            _ => at.to_string(),
        };
    }
    filled
}
