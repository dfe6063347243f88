//! The indexes of dead letters and of jobs, their statements and migrations, on SQLite: what D1 runs.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "tests")]

mod arriving;
mod database;
mod jobs;
mod plans;
mod reading;
mod replaying;

use std::borrow::Cow;

use domain::bundle::Bundle;
use domain::dead_letter::DeadLetter;
use domain::id::{JobId, ReplayId, TaskId};
use domain::kinds::Kind;
use domain::lane::Lane;
use domain::outcome::TaskError;
use domain::task::LetterOrigin;
use domain::time::Timestamp;
use domain::triage::{Filter, LetterState};
use domain::verdict::Reason;
use serde_json::value::RawValue;

const NOW: Timestamp = Timestamp::from_millis(1_792_000_000_000);
const BORN: Timestamp = Timestamp::from_millis(1_791_000_000_000);

fn job(number: u8) -> JobId {
    JobId::random(BORN, [number; 10])
}

fn replay(number: u8) -> ReplayId {
    ReplayId::random(BORN, [number; 10])
}

fn letter(job: JobId, index: u32, message: &str) -> DeadLetter<'static> {
    DeadLetter {
        task: TaskId { job, index }.to_string().into(),
        job: Some(job),
        index: Some(index),
        reference: None,
        kind: Some(Kind::Simulate),
        lane: Some(Lane::Default),
        payload: Cow::Owned(RawValue::from_string("{}".to_owned()).unwrap()),
        reason: Reason::Permanent,
        error: TaskError::new("gone", message),
        history: Vec::new(),
        died_at: NOW,
        late_success: false,
        timeout_seconds: None,
        max_attempts: None,
        origin: None,
    }
}

/// A letter of a task that replayed `origin` for `by`.
fn again(job: JobId, index: u32, origin: &str, by: ReplayId) -> DeadLetter<'static> {
    let origin = Some(LetterOrigin { task: origin.to_owned().into(), replay: by });
    DeadLetter { origin, ..letter(job, index, "again") }
}

fn bundle(key: &str, letters: Vec<DeadLetter<'static>>) -> Bundle<'static> {
    Bundle { key: key.to_owned(), value: "".into(), born: BORN, letters }
}

fn letters(job: JobId, indexes: impl IntoIterator<Item = u32>) -> Vec<DeadLetter<'static>> {
    indexes.into_iter().map(|index| letter(job, index, "no such order")).collect()
}

fn open() -> Filter {
    Filter { state: Some(LetterState::Open), ..Filter::default() }
}

fn of_job(job: JobId) -> Filter {
    Filter { job: Some(job), ..Filter::default() }
}
