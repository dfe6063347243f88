//! The messages of what the ledger decided to send, put together from what it stores.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::calls::{Destination, OutgoingMessage};
use crate::dead_letter::{self, DeadLetter, LettersHeader};
use crate::id::{JobId, LetterPackId, PackId, TaskId};
use crate::indexes::Indexes;
use crate::kinds::Kind;
use crate::lane::Lane;
use crate::ledger::{Counts, Job, JobState, LetterRecord, PackRecord, Part};
use crate::limits::{HELD_AFTER, MESSAGE_DELAY};
use crate::pack::{PackHeader, VERSION, read_lines, select_lines};
use crate::packing::Chunk;
use crate::results::Outcomes;
use crate::task::TaskLine;
use crate::time::{Timestamp, rfc3339};
use crate::views::JobView;

/// What is stored of a chunk beside its lines.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChunkHead {
    /// The kind of its tasks.
    pub kind: Kind,
    /// What its lines' indexes count from.
    pub base: u32,
    /// When its tasks were accepted.
    pub accepted_at: Timestamp,
    /// Its tasks.
    pub indexes: Indexes,
}

/// A chunk as stored.
#[derive(Clone, Debug)]
pub struct StoredChunk {
    /// The kind of its tasks.
    pub kind: Kind,
    /// What its lines' indexes count from.
    pub base: u32,
    /// When its tasks were accepted.
    pub accepted_at: Timestamp,
    /// A line per task.
    pub lines: String,
}

/// The first messages of a part: those that are due soon enough to wait in the queue. By the ledger's clock, which
/// decided the same.
pub fn first_messages(
    job: JobId,
    lane: Lane,
    part: &Part,
    chunks: Vec<Chunk>,
) -> impl Iterator<Item = OutgoingMessage> + use<> {
    let part = part.clone();
    let now = part.accepted_at;
    chunks.into_iter().enumerate().filter_map(move |(at, chunk)| {
        let due = chunk.due.unwrap_or(now).max(now);
        (due.since(now) <= HELD_AFTER).then(|| {
            let header = PackHeader {
                v: VERSION,
                job,
                pack: PackId(part.first_pack.0 + at as u32),
                kind: chunk.kind,
                lane,
                attempt: 1,
                callback: false,
                base: part.base,
                accepted_at: part.accepted_at,
                sent_at: due,
            };
            let to = Destination::Lane(lane);
            OutgoingMessage { to, delay_seconds: delay_seconds(now, due), body: header.message(&chunk.lines) }
        })
    })
}

/// The message of a pack.
///
/// # Errors
/// A chunk whose lines cannot be read: the store is damaged.
pub fn pack_message(
    job: &Job,
    id: PackId,
    pack: &PackRecord,
    chunk: &StoredChunk,
    now: Timestamp,
) -> Result<OutgoingMessage, serde_json::Error> {
    let header = PackHeader {
        v: VERSION,
        job: job.id,
        pack: id,
        kind: pack.kind,
        lane: pack.lane,
        attempt: pack.attempt,
        callback: pack.callback,
        base: chunk.base,
        accepted_at: chunk.accepted_at,
        sent_at: pack.due.max(now),
    };
    let lines = select_lines(&chunk.lines, chunk.base, &pack.unsettled)?;
    Ok(OutgoingMessage {
        to: Destination::Lane(pack.lane),
        delay_seconds: delay_seconds(now, pack.due),
        body: header.message(&lines),
    })
}

/// Whole seconds from `now` until `due`, rounded up so that nothing arrives early. Never more than a queue takes, also where
/// a clock has jumped: what arrives early is held back by the ledger.
pub fn delay_seconds(now: Timestamp, due: Timestamp) -> u32 {
    let wait = due.since(now).min(MESSAGE_DELAY);
    u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
}

/// The messages of a pack of letters. `chunks` hold all of its tasks, `outcomes` are what went wrong with them.
///
/// # Errors
/// A chunk whose lines cannot be read: the store is damaged.
pub fn letter_messages(
    job: &Job,
    id: LetterPackId,
    letters: &LetterRecord,
    chunks: &[StoredChunk],
    outcomes: &Outcomes,
    now: Timestamp,
) -> Result<Vec<OutgoingMessage>, serde_json::Error> {
    let header = LettersHeader {
        v: dead_letter::VERSION,
        job: job.id,
        born: job.created_at,
        letters: id,
        sent_at: now,
        callback: callback_of(job, letters),
    };
    let mut composed = Vec::new();
    for chunk in chunks {
        for task in read_lines(&chunk.lines, chunk.base)? {
            composed.extend(compose(job, chunk.kind, task, letters, outcomes)?);
        }
    }
    composed.sort_by_key(|letter| letter.index);
    let message = |body| OutgoingMessage { to: Destination::DeadLetters, delay_seconds: 0, body };
    Ok(dead_letter::messages(&header, composed).into_iter().map(message).collect())
}

fn compose<'a>(
    job: &Job,
    kind: Kind,
    task: TaskLine<'a>,
    letters: &LetterRecord,
    outcomes: &Outcomes,
) -> Result<Option<DeadLetter<'a>>, serde_json::Error> {
    let death = outcomes.deaths.get(&task.index).filter(|_| letters.unconfirmed.contains(task.index));
    let Some(death) = death else { return Ok(None) };
    let is_callback = callback_of(job, letters) == Some(task.index);
    Ok(Some(DeadLetter {
        task: if is_callback { callback_id(job.id) } else { TaskId { job: job.id, index: task.index }.to_string() }
            .into(),
        job: Some(job.id),
        index: (!is_callback).then_some(task.index),
        kind: Some(kind),
        lane: Some(job.lane),
        payload: payload(&task)?,
        timeout_seconds: task.timeout_seconds(),
        max_attempts: task.max_attempts,
        origin: task.origin,
        reference: task.reference,
        reason: death.reason,
        error: death.error.clone(),
        history: outcomes.failures.get(&task.index).cloned().unwrap_or_default(),
        died_at: death.at,
        late_success: letters.late_success,
    }))
}

/// The index that these letters' callback is confirmed by, if it is among them.
fn callback_of(job: &Job, letters: &LetterRecord) -> Option<u32> {
    letters.unconfirmed.contains(job.accepted).then_some(job.accepted)
}

/// What a callback is called as a dead letter.
fn callback_id(job: JobId) -> String {
    format!("{job}-callback")
}

/// The line of a callback's chunk, in the words of any task: what to send to whom. `job` is as it ended.
///
/// # Errors
/// None that can happen: everything in it can be JSON.
pub fn callback_line(url: &str, job: &JobView) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Line<'a> {
        i: u32,
        p: Payload<'a>,
    }
    #[derive(Serialize)]
    struct Payload<'a> {
        url: &'a str,
        body: Body<'a>,
    }
    #[derive(Serialize)]
    struct Body<'a> {
        job: JobId,
        state: JobState,
        counts: &'a Counts,
        #[serde(with = "rfc3339::option")]
        completed_at: Option<Timestamp>,
    }
    let body = Body { job: job.job, state: job.state, counts: &job.counts, completed_at: job.completed_at };
    let line = Line { i: job.counts.accepted, p: Payload { url, body } };
    Ok(serde_json::to_string(&line)? + "\n")
}

fn payload<'a>(task: &TaskLine<'a>) -> Result<Cow<'a, RawValue>, serde_json::Error> {
    serde_json::from_str(task.payload()).map(Cow::Borrowed)
}

/// The lowest and the highest task of `tasks`; what to ask the store for.
pub fn span(tasks: &Indexes) -> Option<(u32, u32)> {
    Some((tasks.first()?, tasks.last()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_rounded_up_and_never_longer_than_a_queue_takes() {
        let at = Timestamp::from_millis;
        assert_eq!(delay_seconds(at(1_000), at(1_001)), 1);
        assert_eq!(delay_seconds(at(1_000), at(1_000)), 0);
        assert_eq!(delay_seconds(at(9_000), at(1_000)), 0);
        assert_eq!(delay_seconds(at(0), at(u64::MAX)), 86_400, "a clock that jumped");
    }
}
