//! A replay: a frozen set of dead letters sent again, stage by stage, with a verdict per item. A pure state machine; the
//! object of the replay performs what it decides.
//!
//! Items are numbered from 0 in the order in which they died. Those before `next` are decided: sent, refused or skipped. A
//! stage sends a run of items as tasks of one job, in order, so that which task replays which item follows from the set of
//! those sent: nothing is stored for each item but its place in one of six sets.

mod act;
mod item;
mod stage;
mod step;
mod verdicts;
mod view;

#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::ReplayId;
use crate::indexes::Indexes;
use crate::lane::Lane;
use crate::time::Timestamp;
use crate::triage::{NewEntry, ReplayRequest};

pub use act::{Ended, NotNow, Outcomes, OutcomesPage, ToAppend};
pub use item::{ItemRules, RefusedItem, ReplayTask, pack};
pub use stage::{Halt, Stage};
pub use step::Step;
pub use verdicts::{ItemVerdict, Verdicts};
pub use view::{ReplayCounts, ReplayState, ReplayView};

/// A replay as it was asked for; it never changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// The replay.
    pub id: ReplayId,
    /// The API key's id.
    pub key: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Hash of what the request said: a repeat must say the same.
    pub content: String,
    /// What the request said.
    pub body: ReplayRequest,
    /// The lane that its tasks travel in: that of its letters, or `default` where they differ.
    pub lane: Lane,
    /// Items.
    pub frozen: u32,
}

/// Where a replay is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Its stages so far.
    pub stages: Vec<Stage>,
    /// Items before this one are decided.
    pub next: u32,
    /// Items that are decided and perhaps not appended yet: written before they are, so that a repeat says the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portion: Option<Portion>,
    /// Why it waits for an operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub halted: Option<Halt>,
    /// When it was asked to be canceled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canceled_at: Option<Timestamp>,
    /// Whether the jobs of its stages were told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub jobs_canceled: bool,
    /// When its last item had its verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// Nothing is sent before: the rate.
    #[serde(default)]
    pub send_at: Timestamp,
    /// The ledgers are asked again then.
    #[serde(default)]
    pub poll_at: Timestamp,
    /// How long it waited for that, in milliseconds.
    #[serde(default)]
    pub poll_wait: u64,
    /// Entries that the journal does not have yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<NewEntry>,
    /// Entries made so far.
    #[serde(default)]
    pub entries_made: u32,
    /// What the index was last told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<ReplayState>,
    /// Counts what it is told.
    #[serde(default)]
    pub version: u32,
    /// Not told again before this.
    #[serde(default)]
    pub tell_at: Timestamp,
}

/// A run of items that are decided: each is taken, refused, or skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portion {
    /// The item after the last one; the first is the first that is not decided.
    pub to: u32,
    /// Those that this replay has.
    pub taken: Indexes,
    /// Those that their kind refuses, or that need `force`.
    #[serde(default, skip_serializing_if = "Indexes::is_empty")]
    pub refused: Indexes,
    /// Those that were open no longer.
    #[serde(default, skip_serializing_if = "Indexes::is_empty")]
    pub skipped: Indexes,
    /// Whether the stage's job gets no more after it.
    pub seals: bool,
}

/// The waits of a replay; from `config`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    /// How long after something was sent, or has ended, the ledgers are asked.
    pub poll: Duration,
    /// The longest such wait; it doubles up to here while nothing ends.
    pub poll_max: Duration,
    /// How long a replay is kept after it ended.
    pub keep: Duration,
}

/// A replay.
#[derive(Clone, Debug)]
pub struct Replay {
    /// As it was asked for.
    pub request: Request,
    /// Where it is.
    pub progress: Progress,
    /// Which item has which verdict.
    pub verdicts: Verdicts,
}
