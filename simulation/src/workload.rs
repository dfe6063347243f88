//! The tasks that are submitted, as the real code reads and packs them.

use std::time::Duration;

use domain::dead_letter::{Arrival, decode};
use domain::id::{ChunkId, JobId, LetterPackId, PackId};
use domain::indexes::Indexes;
use domain::kinds::Kind;
use domain::lane::Lane;
use domain::ledger::{Job, LetterRecord, NewChunk, Source};
use domain::limits::{MESSAGE_BYTES, MESSAGE_METADATA_BYTES};
use domain::outgoing::{StoredChunk, letter_messages};
use domain::pack::{PackHeader, VERSION};
use domain::packing::Chunk;
use domain::results::Outcomes;
use domain::submission::{JobOptions, Rules, ndjson_job};
use domain::time::Timestamp;

use crate::assumptions::ANSWERS;
use crate::downstream::{Judge, record_of};
use crate::plan::Plan;

/// The tasks of every job: they differ in their numbers only.
#[derive(Debug)]
pub struct Workload {
    chunks: Vec<Chunk>,
    /// Bytes of each task's line, in order.
    lines: Vec<u32>,
    letter_bytes: usize,
}

/// The real code refuses what the simulation submits.
#[derive(Debug, thiserror::Error)]
pub enum WorkloadError {
    /// The submission.
    #[error("the submission is refused: {0}")]
    Refused(String),
    /// A letter.
    #[error("a letter cannot be put together: {0}")]
    Letter(String),
}

/// One task as it is submitted, about 250 bytes.
pub fn line(number: u32) -> String {
    format!(
        r#"{{"kind":"http.request","payload":{{"url":"https://api.example.com/v1/orders/{number:08}/events","headers":{{"x-tenant":"acme-retail"}},"body":{{"event":"order.shipped","order":"{number:08}","customer":"c-{number:07}","carrier":"parcel-24"}}}},"ref":"order-{number:08}"}}"#
    )
}

impl Workload {
    /// What the real code makes of a submission of `plan`.
    ///
    /// # Errors
    /// [`WorkloadError`].
    pub fn of(plan: &Plan) -> Result<Self, WorkloadError> {
        let body: String = (0..plan.job_tasks).map(|number| line(number) + "\n").collect();
        let cap = |_: Kind| plan.kind().pack_tasks;
        let rules =
            Rules { now: NOW, start: None, kinds: &[Kind::HttpRequest], hosts: &plan.settings.hosts, cap: &cap };
        let submission = ndjson_job(body.as_bytes(), JobOptions::default(), &rules)
            .map_err(|refusal| WorkloadError::Refused(refusal.to_string()))?;
        let lines = submission.chunks.iter().flat_map(|chunk| chunk.lines.split_inclusive('\n'));
        let lines = lines.map(|line| line.len() as u32).collect();
        let mut workload = Self { chunks: submission.chunks, lines, letter_bytes: 0 };
        workload.letter_bytes = workload.measure_letter(plan)?;
        Ok(workload)
    }

    /// Its packs, as they are appended.
    pub fn new_chunks(&self) -> Vec<NewChunk> {
        let new = |chunk: &Chunk| NewChunk {
            kind: chunk.kind,
            due: chunk.due,
            indexes: chunk.indexes.clone(),
            bytes: chunk.lines.len(),
        };
        self.chunks.iter().map(new).collect()
    }

    /// The tasks of a chunk: parts are alike, one after the other.
    pub fn tasks_of(&self, chunk: ChunkId) -> Indexes {
        let (part, place) = (chunk.0 / self.chunks.len() as u32, chunk.0 as usize % self.chunks.len());
        self.chunks[place].indexes.shifted(part * self.lines.len() as u32).unwrap_or_default()
    }

    /// Packs of a job.
    pub fn packs(&self) -> usize {
        self.chunks.len()
    }

    /// Bytes of a task's line, on average.
    pub fn line_bytes(&self) -> f64 {
        f64::from(self.lines.iter().sum::<u32>()) / self.lines.len() as f64
    }

    /// Bytes that the message of a pack takes in a queue: its header, the lines of `tasks`, the platform's own.
    pub fn message_bytes(&self, header: &PackHeader, tasks: &Indexes) -> u64 {
        let lines: u64 = tasks.iter().map(|index| u64::from(self.lines[index as usize % self.lines.len()])).sum();
        header.message("").len() as u64 + lines + MESSAGE_METADATA_BYTES as u64
    }

    /// The messages that carry these letters: how many in each, and its bytes.
    pub fn letter_messages(&self, letters: &Indexes) -> Vec<(Indexes, u64)> {
        let room = ((MESSAGE_BYTES - MESSAGE_METADATA_BYTES - 300) / self.letter_bytes) as u32;
        let mut left = letters.clone();
        let mut messages = Vec::new();
        while !left.is_empty() {
            let some = left.take_first(room);
            let bytes = u64::from(some.len()) * self.letter_bytes as u64 + MESSAGE_METADATA_BYTES as u64;
            messages.push((some, bytes));
        }
        messages
    }

    /// Bytes of a letter with the history that it has in the end, by the real code.
    fn measure_letter(&self, plan: &Plan) -> Result<usize, WorkloadError> {
        let broken = || WorkloadError::Letter("no task".to_owned());
        let chunk = self.chunks.first().ok_or_else(broken)?;
        let first: Indexes = chunk.indexes.first().into_iter().collect();
        let judge = Judge::of(plan);
        let mut outcomes = Outcomes::default();
        for attempt in 1..=judge.attempts() {
            outcomes.add(&record_of(&judge, attempt, &first, NOW), &first);
        }
        let letters =
            LetterRecord { chunk: None, unconfirmed: first, late_success: false, sent: Some(NOW), parent: None };
        let stored = StoredChunk { kind: chunk.kind, base: 0, accepted_at: NOW, lines: chunk.lines.clone() };
        let job = Job::new(JobId::random(NOW, [1; 10]), None, Lane::Default, Source::Api, NOW);
        let messages = letter_messages(&job, LetterPackId(0), &letters, &[stored], &outcomes, NOW)
            .map_err(|error| WorkloadError::Letter(error.to_string()))?;
        let body = &messages.first().ok_or_else(broken)?.body;
        match decode(body) {
            Arrival::Letters(_, found) if found.len() == 1 => Ok(body.lines().nth(1).map_or(0, str::len) + 1),
            _ => Err(WorkloadError::Letter(format!("no letter that answers {}", ANSWERS[1].0))),
        }
    }
}

/// Some time: what is measured does not depend on it.
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// The header of a pack's message.
pub fn header(job: JobId, pack: PackId, attempt: u8, accepted_at: Timestamp, sent_at: Timestamp) -> PackHeader {
    PackHeader {
        v: VERSION,
        job,
        pack,
        kind: Kind::HttpRequest,
        lane: Lane::Default,
        attempt,
        callback: false,
        base: 0,
        accepted_at,
        sent_at,
    }
}

/// Seconds that a queue holds a message back, as time.
pub fn delay(now: Timestamp, due: Timestamp) -> Duration {
    Duration::from_secs(domain::outgoing::delay_seconds(now, due).into())
}

#[cfg(test)]
mod tests {
    use domain::ledger::Part;
    use domain::limits::PACK_BYTES;
    use domain::outgoing::first_messages;

    use super::*;

    #[test]
    fn the_bytes_of_a_message_are_those_of_the_real_one() {
        let plan = Plan { job_tasks: 1_234, ..Plan::production(0, 0.0) };
        let workload = Workload::of(&plan).unwrap();
        let job = JobId::random(NOW, [7; 10]);
        let part = Part {
            content: String::new(),
            base: 0,
            tasks: plan.job_tasks,
            first_pack: PackId(0),
            first_chunk: ChunkId(0),
            accepted_at: NOW,
            resent: false,
            number: 0,
        };
        let messages: Vec<_> = first_messages(job, Lane::Default, &part, workload.chunks.clone()).collect();
        assert_eq!(messages.len(), 13);
        for (number, message) in messages.iter().enumerate() {
            let header = header(job, PackId(number as u32), 1, NOW, NOW);
            let bytes = workload.message_bytes(&header, &workload.tasks_of(ChunkId(number as u32)));
            assert_eq!(bytes as usize, message.body.len() + MESSAGE_METADATA_BYTES);
            assert!(message.body.len() <= PACK_BYTES);
        }
    }

    #[test]
    fn a_task_has_about_the_bytes_that_the_document_says() {
        assert!((230..270).contains(&line(7).len()), "{}", line(7).len());
    }

    #[test]
    fn letters_that_do_not_fit_one_message_travel_in_several() {
        let workload = Workload::of(&Plan { job_tasks: 1_000, ..Plan::production(0, 1.0) }).unwrap();
        let letters: Indexes = (0..200).collect();
        let messages = workload.letter_messages(&letters);
        assert!(messages.len() > 1, "{} bytes a letter", workload.letter_bytes);
        assert!(messages.iter().all(|(_, bytes)| *bytes <= MESSAGE_BYTES as u64));
        assert_eq!(messages.iter().map(|(tasks, _)| tasks.len()).sum::<u32>(), 200);
    }
}
