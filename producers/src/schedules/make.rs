//! Makes the job of a firing: generate, check, append, send. Its id is the firing's, so that whoever makes it again makes
//! nothing.

use std::cell::RefCell;
use std::time::Duration;

use config::Settings;
use domain::calls::{AppendCall, VERSION};
use domain::generators::{Firing, Generator};
use domain::id::JobId;
use domain::ledger::Source;
use domain::limits::{BODY_BYTES, FIRING_LEASE};
use domain::packing::Chunk;
use domain::room::NoRoom;
use domain::schedule::{Ending, ScheduleRow, hold};
use domain::submission::{JobOptions, Refusal, Submission, ndjson_job};
use domain::time::Timestamp;
use platform::ledger::LedgerError;
use platform::retry_after;
use serde_json::value::RawValue;
use tokio::sync::{Semaphore, SemaphorePermit};
use worker::Env;

use super::fire::Taken;
use crate::accept::{Repeats, append};
use crate::acceptance::Acceptance;
use crate::generators::{Generate, GenerateError, Made};
use crate::room::Hold;

/// Makes jobs.
pub(super) struct Maker<'e> {
    env: &'e Env,
    settings: &'e Settings,
    acceptance: Acceptance<'e>,
    /// No attempt begins after it: it would still be under way when a later tick takes the same firing.
    until: Timestamp,
    /// URLs that this invocation may ask at once. Its own: nothing that one request waits for may be another's to give.
    urls: Semaphore,
    /// Bytes of tasks that this invocation may make at once, of generators that can say how many they make.
    bytes: Semaphore,
}

/// URLs that are asked at once, of the six connections of an invocation.
/// <https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections>
const URLS: usize = 4;
/// Bytes of tasks that are made at once: the largest firing.
const BYTES: usize = BODY_BYTES;

/// Why no job was made.
#[derive(Debug, thiserror::Error)]
enum MakeError {
    #[error("the generator made no tasks")]
    NoTasks,
    #[error("the generator failed: {0}")]
    Generate(#[from] GenerateError),
    /// The same, of an attempt before.
    #[error("the generator failed: {0}")]
    Failed(String),
    #[error("the generator's tasks are not accepted: {0}")]
    Refused(Refusal),
    #[error("{0}")]
    Ledger(#[from] LedgerError),
    #[error("the tick has no time left")]
    Late,
}

impl MakeError {
    /// Whether trying again within the tick is of no use.
    fn is_final(&self) -> bool {
        !matches!(self, Self::Generate(error) if !error.is_final())
    }
}

impl<'e> Maker<'e> {
    pub(super) fn new(env: &'e Env, settings: &'e Settings) -> Self {
        let until = platform::now().after(FIRING_LEASE / 2);
        let (urls, bytes) = (Semaphore::new(URLS), Semaphore::new(BYTES));
        Self { env, settings, acceptance: Acceptance::of(settings), until, urls, bytes }
    }

    /// Whether there is time for another attempt.
    pub(super) fn has_time(&self) -> bool {
        platform::now() < self.until
    }

    /// Makes the job of `taken`, at the tick `at`. Where other requests hold the memory that it needs, a later tick does.
    pub(super) async fn make(&self, row: &ScheduleRow, taken: &Taken, at: Timestamp) -> Ending {
        self.make_now(row, taken, at).await.unwrap_or(Ending::Waits)
    }

    /// Makes the job of `taken`, at the tick `at`, or says that other requests hold the memory that it needs.
    pub(super) async fn make_now(&self, row: &ScheduleRow, taken: &Taken, at: Timestamp) -> Result<Ending, NoRoom> {
        let late_ms = at.since(taken.at).as_millis() as u64;
        let (schedule, fire_time) = (&*row.name, taken.at);
        Ok(match self.try_make(row, taken).await {
            Ok((job, tasks)) => {
                tracing::info!(schedule, %fire_time, %job, tasks, late_ms, "fired");
                Ending::Fired(job)
            }
            Err(MakeError::NoTasks) => Ending::Skipped(MakeError::NoTasks.to_string()),
            Err(MakeError::Generate(GenerateError::NoRoom(no_room))) => {
                tracing::warn!(schedule, %fire_time, %no_room, "not fired");
                return Err(no_room);
            }
            // The platform's trouble is not the schedule's: a later tick tries again.
            Err(error @ (MakeError::Ledger(LedgerError::Unavailable(_)) | MakeError::Late)) => {
                tracing::warn!(schedule, %fire_time, %error, "not fired; a later tick tries again");
                Ending::Waits
            }
            Err(error) => {
                tracing::warn!(schedule, %fire_time, %error, "not fired");
                Ending::failed(&error.to_string())
            }
        })
    }

    async fn try_make(&self, row: &ScheduleRow, taken: &Taken) -> Result<(JobId, u32), MakeError> {
        let wrong = |faults| MakeError::Refused(Refusal::Wrong(faults));
        let rules = self.acceptance.rules(platform::now(), None);
        let generator =
            Generator::read(&row.generator, row.input.as_deref().map_or("{}", RawValue::get), &rules).map_err(wrong)?;
        let date = row.timing.calendar().map_or_else(|_| String::new(), |calendar| calendar.date(taken.at));
        let firing = Firing { schedule: &taken.schedule, at: taken.at, date: &date };
        let settings = &self.settings.schedules;
        let waits = (1..settings.max_attempts).map(|attempt| settings.wait(attempt)).collect();
        let failed = RefCell::new(None);
        let made = retry_after(waits, "generator", MakeError::is_final, || async {
            // A generator that has failed in this tick has failed, if there is no time for another attempt.
            let made = match self.attempt(row, taken, &generator, &firing).await {
                Err(MakeError::Late) => Err(failed.take().unwrap_or(MakeError::Late)),
                made => made,
            };
            if let Err(MakeError::Generate(error)) = &made {
                *failed.borrow_mut() = Some(MakeError::Failed(error.to_string()));
            }
            made
        });
        made.await
    }

    async fn attempt(
        &self,
        row: &ScheduleRow,
        taken: &Taken,
        generator: &Generator<'_>,
        firing: &Firing<'_>,
    ) -> Result<(JobId, u32), MakeError> {
        let _turn = self.turn(generator).await;
        if !self.has_time() {
            return Err(MakeError::Late);
        }
        let made = generator.generate(firing, &self.settings.hosts).await?;
        // Held until the tasks are appended.
        let (submission, _hold) = self.read(row, taken, made)?;
        let (call, chunks, tasks) = append_call(taken, submission);
        let answer = append(self.env, &call, chunks, Repeats::Possible).await?;
        Ok((answer.job.job, tasks))
    }

    /// Waits until the firings before it that are this invocation's too leave enough. The semaphores are never closed.
    async fn turn(&self, generator: &Generator<'_>) -> Option<SemaphorePermit<'_>> {
        let turn = match generator.bytes() {
            None => self.urls.acquire().await,
            Some(bytes) => self.bytes.acquire_many(u32::try_from(bytes.min(BYTES)).unwrap_or(u32::MAX)).await,
        };
        turn.ok()
    }

    fn read(&self, row: &ScheduleRow, taken: &Taken, made: Made) -> Result<(Submission, Hold), MakeError> {
        if made.ndjson.trim_ascii().is_empty() {
            return Err(MakeError::NoTasks);
        }
        let now = platform::now();
        let jitter = if taken.is_asked_for() { 0 } else { row.timing.jitter_seconds };
        let wait = hold(&taken.schedule, taken.at, jitter).tasks;
        let start = (wait > Duration::ZERO).then(|| now.after(wait));
        let options = JobOptions { name: Some(row.name.clone()), lane: row.lane, kind: made.kind, callback: None };
        let read = ndjson_job(&made.ndjson, options, &self.acceptance.rules(now, start));
        Ok((read.map_err(MakeError::Refused)?, made.hold))
    }
}

/// One call that makes the job whole. Its part has no content to compare: what a generator makes may differ when it is asked
/// again, and the first is the job.
fn append_call(taken: &Taken, submission: Submission) -> (AppendCall, Vec<Chunk>, u32) {
    let call = AppendCall {
        v: VERSION,
        job: taken.job(),
        name: submission.options.name,
        lane: submission.options.lane,
        source: Source::Cron,
        callback: None,
        part: String::new(),
        content: String::new(),
        seal: true,
        joins: false,
        at: None,
        unlisted: false,
        chunks: submission.chunks.iter().map(Chunk::entry).collect(),
    };
    (call, submission.chunks, submission.tasks)
}
