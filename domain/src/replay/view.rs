//! A replay as callers read it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Halt, ItemVerdict, Replay};
use crate::id::{JobId, ReplayId};
use crate::limits::PATCH_SHOWN_BYTES;
use crate::time::{Timestamp, rfc3339};
use crate::triage::Canary;

/// Where a replay is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplayState {
    /// It sends, or waits for what it sent.
    Running,
    /// Too much of a canary stage failed: it waits for an operator.
    Halted,
    /// Every item has its verdict.
    Completed,
    /// It was canceled and nothing of it runs any more.
    Canceled,
}

/// How many items have which verdict. All but `frozen` and `sent` add up to `frozen`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayCounts {
    /// All of them.
    pub frozen: u32,
    /// Not decided yet.
    pub waiting: u32,
    /// Sent so far, whatever became of them.
    pub sent: u32,
    /// Under way.
    pub pending: u32,
    /// Succeeded.
    pub succeeded: u32,
    /// Died once more.
    pub died_again: u32,
    /// Not sent: refused by their kind, or succeeded late.
    pub refused: u32,
    /// Not sent: open no longer.
    pub skipped: u32,
    /// Canceled before they ended.
    pub canceled: u32,
}

/// `GET /v1/replays/{replay}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReplayView {
    /// Its id.
    pub replay: ReplayId,
    /// Where it is.
    pub state: ReplayState,
    /// Whether it was asked to be canceled.
    pub cancel_requested: bool,
    /// The jobs of its stages.
    pub jobs: Vec<JobId>,
    /// How many items have which verdict.
    pub counts: ReplayCounts,
    /// When it was asked for.
    #[serde(with = "rfc3339")]
    pub created_at: Timestamp,
    /// When its last item had its verdict.
    #[serde(with = "rfc3339::option")]
    pub completed_at: Option<Timestamp>,
    /// The API key's id.
    pub key: String,
    /// Which letters; of many tasks only the first.
    pub filter: Box<RawValue>,
    /// The merge patch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch: Option<Box<RawValue>>,
    /// The canary stages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary: Option<Canary>,
    /// Tasks per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Whether it takes what succeeded late.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub force: bool,
    /// Why it halted, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub halted: Option<Halt>,
}

impl Replay {
    /// Where it is.
    pub fn state(&self) -> ReplayState {
        let progress = &self.progress;
        match (progress.completed_at, progress.canceled_at, progress.halted) {
            (Some(_), Some(_), _) => ReplayState::Canceled,
            (Some(_), None, _) => ReplayState::Completed,
            (None, None, Some(_)) => ReplayState::Halted,
            (None, _, _) => ReplayState::Running,
        }
    }

    /// How many items have which verdict.
    pub fn counts(&self) -> ReplayCounts {
        let count = |verdict| self.having(verdict).len();
        ReplayCounts {
            frozen: self.request.frozen,
            waiting: count(ItemVerdict::Waiting),
            sent: self.verdicts.sent.len(),
            pending: count(ItemVerdict::Pending),
            succeeded: count(ItemVerdict::Succeeded),
            died_again: count(ItemVerdict::DiedAgain),
            refused: count(ItemVerdict::Refused),
            skipped: count(ItemVerdict::Skipped),
            canceled: count(ItemVerdict::Canceled),
        }
    }

    /// The replay as lists show it: without a long patch, so that a page of them stays readable.
    pub fn summary(&self) -> ReplayView {
        let view = self.view();
        ReplayView { patch: view.patch.filter(|patch| patch.get().len() <= PATCH_SHOWN_BYTES), ..view }
    }

    /// The replay as callers read it.
    pub fn view(&self) -> ReplayView {
        let (request, progress) = (&self.request, &self.progress);
        ReplayView {
            replay: request.id,
            state: self.state(),
            cancel_requested: progress.canceled_at.is_some(),
            jobs: self.jobs().map(|(_, job)| job).collect(),
            counts: self.counts(),
            created_at: request.created_at,
            completed_at: progress.completed_at,
            key: request.key.clone(),
            filter: request.body.filter.summary(),
            patch: request.body.patch.clone(),
            canary: request.body.canary.clone(),
            rate: request.body.rate,
            force: request.body.force,
            halted: progress.halted,
        }
    }
}
