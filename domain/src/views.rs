//! What callers read of jobs and tasks.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::id::{JobId, TaskId};
use crate::kinds::Kind;
use crate::lane::Lane;
use crate::ledger::{Counts, JobState, Ledger, SealedBy, Source, TaskState};
use crate::outcome::TaskError;
use crate::results::Progress;
use crate::time::{Timestamp, rfc3339};

/// `GET /v1/jobs/{job}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobView {
    /// Its id.
    pub job: JobId,
    /// The caller's name for it.
    pub name: Option<String>,
    /// The lane its tasks travel in.
    pub lane: Lane,
    /// What created it.
    pub source: Source,
    /// Where it is.
    pub state: JobState,
    /// Whether it was asked to be canceled.
    pub cancel_requested: bool,
    /// How many tasks are where.
    pub counts: Counts,
    /// When it was accepted.
    #[serde(with = "rfc3339")]
    pub created_at: Timestamp,
    /// When its last part was accepted.
    #[serde(with = "rfc3339::option")]
    pub sealed_at: Option<Timestamp>,
    /// Who sealed it, where that was not its caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_by: Option<SealedBy>,
    /// When its last task ended.
    #[serde(with = "rfc3339::option")]
    pub completed_at: Option<Timestamp>,
}

impl JobView {
    /// What callers read of `ledger`'s job now.
    pub fn of(ledger: &Ledger) -> Self {
        let job = ledger.job();
        Self {
            job: job.id,
            name: job.name.clone(),
            lane: job.lane,
            source: job.source,
            state: job.state(),
            cancel_requested: job.canceled_at.is_some(),
            counts: ledger.counts(),
            created_at: job.created_at,
            sealed_at: job.sealed_at,
            sealed_by: job.sealed_by,
            completed_at: job.completed_at,
        }
    }
}

/// `GET /v1/jobs`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobsView {
    /// A page of jobs, newest first.
    pub jobs: Vec<JobView>,
    /// Where the next page begins, if there is more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A line of `GET /v1/jobs/{job}/results`.
#[derive(Clone, Debug, Serialize)]
pub struct ResultView<'a> {
    /// The task.
    pub task: TaskId,
    /// Its place in the job.
    pub index: u32,
    /// The caller's name for it.
    #[serde(rename = "ref")]
    pub reference: Option<&'a str>,
    /// Its kind.
    pub kind: Kind,
    /// Where it is.
    pub status: TaskState,
    /// Runs started so far.
    pub attempts: u8,
    /// What it came to, once it succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<&'a RawValue>,
    /// What went wrong last, unless it succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<&'a TaskError>,
}

/// The last line of the results, where it is asked for: a stream without it is not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultsEnd {
    /// Always true.
    pub end: bool,
    /// The lines before it.
    pub lines: u64,
}

impl<'a> ResultView<'a> {
    /// What is known of a task.
    pub fn of(job: JobId, index: u32, kind: Kind, progress: &'a Progress) -> Self {
        let output = progress.output.as_deref().unwrap_or(RawValue::NULL);
        Self {
            task: TaskId { job, index },
            index,
            reference: progress.reference.as_deref(),
            kind,
            status: progress.state,
            attempts: progress.attempts,
            output: (progress.state == TaskState::Succeeded).then_some(output),
            error: progress.error.as_deref(),
        }
    }
}

/// `GET /v1/tasks/{task}`.
#[derive(Clone, Debug, Serialize)]
pub struct TaskView<'a> {
    /// What its line in the results says.
    #[serde(flatten)]
    pub result: ResultView<'a>,
    /// The dead letter that it replays, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay_of: Option<&'a str>,
    /// What it was submitted with.
    pub payload: &'a RawValue,
    /// Its failed attempts, the last ones, oldest first.
    pub history: Vec<FailedAttempt>,
}

/// One failed attempt of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedAttempt {
    /// Which one; the first is 1.
    pub attempt: u8,
    /// When it was settled.
    #[serde(with = "rfc3339")]
    pub at: Timestamp,
    /// What went wrong.
    pub error: TaskError,
}
