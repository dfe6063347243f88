//! Runs: what became of fire times.

use serde::{Deserialize, Serialize};

use crate::id::JobId;
use crate::time::{Timestamp, rfc3339};

/// What became of a fire time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It made a job.
    Fired,
    /// It was to make none.
    Skipped,
    /// It could not make one.
    Failed,
}

impl Outcome {
    /// Its name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fired => "fired",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }
}

/// A run, as callers read it.
#[derive(Clone, Debug, Serialize)]
pub struct RunView {
    /// The fire time.
    #[serde(with = "rfc3339")]
    pub planned_at: Timestamp,
    /// The time of the tick, or of the request, that brought it about.
    #[serde(with = "rfc3339")]
    pub fired_at: Timestamp,
    /// How much later that was, in milliseconds.
    pub lateness_ms: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, if it did not fire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Its job, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<JobId>,
}

/// `GET /v1/schedules/{name}/runs`.
#[derive(Clone, Debug, Serialize)]
pub struct RunsView {
    /// A page of runs, newest fire time first.
    pub runs: Vec<RunView>,
    /// Where the next page begins, if there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}
