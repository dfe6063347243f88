//! A job: its options, its progress, its counts.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::packs::is_default;
use super::{Flow, Index, Ledger, LetterFlow, Phase};
use crate::id::JobId;
use crate::indexes::Indexes;
use crate::lane::Lane;
use crate::time::Timestamp;

/// A job as stored.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The caller's name for it.
    pub name: Option<String>,
    /// The lane its tasks travel in.
    pub lane: Lane,
    /// What created it.
    pub source: Source,
    /// Where to tell that it is completed.
    pub callback: Option<String>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When its last part was accepted.
    pub sealed_at: Option<Timestamp>,
    /// Who sealed it, where that was not its caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_by: Option<SealedBy>,
    /// When it was asked to be canceled.
    pub canceled_at: Option<Timestamp>,
    /// When its last task ended.
    pub completed_at: Option<Timestamp>,
    /// When it was decided to delete it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expired_at: Option<Timestamp>,
    /// Whether it is left out of the listing of jobs: a task submitted alone.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unlisted: bool,
    /// Tasks accepted.
    pub accepted: u32,
    /// Tasks ended well.
    pub succeeded: u32,
    /// Tasks ended as dead letters.
    pub dead: u32,
    /// Tasks ended by cancellation.
    pub canceled: u32,
    /// Packs born so far.
    pub packs: u32,
    /// Chunks appended so far.
    pub chunks: u32,
    /// Packs of letters born so far.
    pub letters: u32,
    /// Bytes of tasks, outputs and errors stored so far, about.
    #[serde(default, skip_serializing_if = "is_default")]
    pub stored: u64,
    /// Tasks that were asked to be canceled one by one.
    #[serde(default, skip_serializing_if = "Indexes::is_empty")]
    pub canceling: Indexes,
    /// What is known of the flow of its messages.
    #[serde(default)]
    pub flow: Flow,
    /// What is known of the flow of its letters.
    #[serde(default, skip_serializing_if = "is_default")]
    pub letter_flow: LetterFlow,
    /// What the index of jobs knows of it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub index: Index,
}

/// What created a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A request.
    Api,
    /// A schedule.
    Cron,
    /// A stage of a replay.
    Replay,
}

/// Who sealed a job, where that was not its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SealedBy {
    /// The ledger: nobody had appended to it for too long.
    Expiry,
    /// Its cancel, while it was open.
    Cancel,
}

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// More parts may come.
    Open,
    /// All parts are there, tasks are not ended.
    Running,
    /// All tasks ended.
    Completed,
    /// It was canceled and nothing runs any more.
    Canceled,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 3] = [Self::Api, Self::Cron, Self::Replay];

    /// The source's name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Cron => "cron",
            Self::Replay => "replay",
        }
    }
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Open, Self::Running, Self::Completed, Self::Canceled];

    /// The state's name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Canceled => "canceled",
        }
    }
}

/// Where a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskState {
    /// It waits for its first run.
    Queued,
    /// A consumer has claimed it.
    Running,
    /// It failed and waits for its next run.
    Retrying,
    /// It succeeded.
    Succeeded,
    /// It is a dead letter.
    Dead,
    /// It was canceled.
    Canceled,
}

impl TaskState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Running, Self::Retrying, Self::Succeeded, Self::Dead, Self::Canceled];

    /// The state's name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Retrying => "retrying",
            Self::Succeeded => "succeeded",
            Self::Dead => "dead",
            Self::Canceled => "canceled",
        }
    }
}

/// How many tasks of a job are where. The others always add up to `accepted`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// All of them.
    pub accepted: u32,
    /// Waiting for their first run.
    pub queued: u32,
    /// Claimed by a consumer.
    pub running: u32,
    /// Failed and waiting for their next run.
    pub retrying: u32,
    /// Ended well.
    pub succeeded: u32,
    /// Ended as dead letters.
    pub dead: u32,
    /// Ended by cancellation.
    pub canceled: u32,
}

impl Job {
    /// A job that begins.
    pub fn new(id: JobId, name: Option<String>, lane: Lane, source: Source, created_at: Timestamp) -> Self {
        Self {
            id,
            name,
            lane,
            source,
            callback: None,
            created_at,
            sealed_at: None,
            sealed_by: None,
            canceled_at: None,
            completed_at: None,
            expired_at: None,
            unlisted: false,
            accepted: 0,
            succeeded: 0,
            dead: 0,
            canceled: 0,
            packs: 0,
            chunks: 0,
            letters: 0,
            stored: 0,
            canceling: Indexes::new(),
            flow: Flow::default(),
            letter_flow: LetterFlow::default(),
            index: Index::default(),
        }
    }

    /// Where the job is.
    pub fn state(&self) -> JobState {
        match (self.completed_at, self.canceled_at, self.sealed_at) {
            (Some(_), Some(_), _) => JobState::Canceled,
            (Some(_), None, _) => JobState::Completed,
            (None, _, Some(_)) => JobState::Running,
            (None, _, None) => JobState::Open,
        }
    }
}

impl Ledger {
    /// How many tasks are where.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts {
            accepted: self.job.accepted,
            succeeded: self.job.succeeded,
            dead: self.job.dead,
            canceled: self.job.canceled,
            ..Counts::default()
        };
        for pack in self.packs.values().filter(|pack| !pack.callback) {
            let tasks = pack.unsettled.len();
            match pack.task_state() {
                TaskState::Running => counts.running += tasks,
                TaskState::Retrying => counts.retrying += tasks,
                _ => counts.queued += tasks,
            }
        }
        counts
    }

    /// Where each task from `from` up to, not including, `to` is that has not ended, and how many runs of it were
    /// started.
    pub fn underway(&self, from: u32, to: u32) -> impl Iterator<Item = (u32, TaskState, u8)> + '_ {
        self.packs.values().flat_map(move |pack| {
            let started = match pack.phase {
                Phase::Claimed { .. } => pack.attempt,
                Phase::Waiting { .. } => pack.attempt - 1,
            };
            pack.unsettled.within(from, to).map(move |index| (index, pack.task_state(), started))
        })
    }

    /// The chunks that may hold tasks from `from` up to, not including, `to`: those of the parts that have them.
    pub fn chunks_of(&self, from: u32, to: u32) -> Range<u32> {
        let first = self.parts.values().filter(|part| part.base <= from).map(|part| part.first_chunk.0).max();
        let end = self.parts.values().filter(|part| part.base >= to).map(|part| part.first_chunk.0).min();
        // The callback's chunk is in no part: it comes after the last one's.
        first.unwrap_or(0)..end.unwrap_or(self.job.chunks)
    }

    /// Notes that the job has ended, once it has.
    pub(super) fn complete(&mut self, now: Timestamp) {
        let ended = self.job.sealed_at.is_some() && self.packs.is_empty();
        if ended && self.job.completed_at.is_none() {
            self.job.completed_at = Some(now);
            self.changes.job = true;
            self.bear_callback(now);
        }
    }
}
