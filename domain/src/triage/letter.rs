//! Dead letters as the index shows them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::LetterState;
use super::slot::Slot;
use super::words::words;
use crate::dead_letter::DeadLetter;
use crate::fingerprint::Fingerprint;
use crate::id::{JobId, ReplayId, TaskId};
use crate::kinds::Kind;
use crate::lane::Lane;
use crate::outcome::TaskError;
use crate::time::{Timestamp, rfc3339};
use crate::verdict::Reason;

/// A dead letter as the index shows it: all but what only the archive has.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IndexedLetter {
    /// The task, `<job>-callback`, or `message-<message id>`.
    pub task: String,
    /// Its job; null where nobody could decode it.
    pub job: Option<JobId>,
    /// Its place in the job; null where it has none.
    pub index: Option<u32>,
    /// The caller's name for it.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// Its kind.
    pub kind: Option<Kind>,
    /// The lane it travelled in.
    pub lane: Option<Lane>,
    /// Why it was given up the last time.
    pub reason: Reason,
    /// What it shares with all that died of the same.
    pub fingerprint: Fingerprint,
    /// What went wrong last.
    pub error: TaskError,
    /// Runs of its last life.
    pub attempts: u8,
    /// When it was given up the last time.
    #[serde(with = "rfc3339")]
    pub died_at: Timestamp,
    /// Where it is.
    pub state: LetterState,
    /// Its replays, oldest first.
    pub replays: Vec<ReplayOf>,
    /// It succeeded after all, after it had been given up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late_success: bool,
    /// The key of the bundle that has it.
    #[serde(default, skip_serializing)]
    pub bundle: String,
}

/// One replay of a dead letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayOf {
    /// The replay.
    pub replay: ReplayId,
    /// When it took the letter.
    #[serde(with = "rfc3339")]
    pub taken_at: Timestamp,
    /// The task that it sent, once that has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskId>,
    /// What came of it.
    pub verdict: ReplayVerdict,
    /// The cause of its next death.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// The key of the bundle that has the letter of its next death.
    #[serde(default, skip_serializing)]
    pub bundle: Option<String>,
}

/// What came of one replay of a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplayVerdict {
    /// It is under way.
    Pending,
    /// It succeeded.
    Succeeded,
    /// It died once more.
    DiedAgain,
    /// It was canceled before it ended.
    Canceled,
}

impl ReplayVerdict {
    /// The verdict's name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::DiedAgain => "died_again",
            Self::Canceled => "canceled",
        }
    }
}

/// Dead letters of one cause.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Group {
    /// What they share.
    pub fingerprint: Fingerprint,
    /// Their kind.
    pub kind: Option<Kind>,
    /// Why they were given up.
    pub reason: Reason,
    /// The error of one of them.
    pub error: TaskError,
    /// How many they are.
    pub count: u32,
    /// When the first was given up.
    #[serde(with = "rfc3339")]
    pub first_died_at: Timestamp,
    /// When the last was given up.
    #[serde(with = "rfc3339")]
    pub last_died_at: Timestamp,
    /// One of them, the last to arrive.
    pub sample_task: String,
}

/// A row of the index as it is written.
#[derive(Serialize)]
pub(super) struct NewRow<'a> {
    task: &'a str,
    /// Its number among the letters of its owner.
    number: u32,
    kind: Option<&'static str>,
    lane: Option<&'static str>,
    r#ref: Option<Cow<'a, str>>,
    reason: &'static str,
    fingerprint: Fingerprint,
    class: &'a str,
    message: &'a str,
    words: String,
    attempts: u8,
    died_at: u64,
    late: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin_owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin_number: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replay: Option<ReplayId>,
}

impl<'a> NewRow<'a> {
    pub(super) fn of(letter: &'a DeadLetter<'a>) -> Self {
        let origin = letter.origin.as_ref().map(|origin| Slot::of(&origin.task));
        Self {
            task: &letter.task,
            number: Slot::of(&letter.task).number,
            kind: letter.kind.map(Kind::name),
            lane: letter.lane.map(Lane::name),
            r#ref: letter.reference.as_deref().map(Cow::Borrowed),
            reason: letter.reason.name(),
            fingerprint: Fingerprint::of(letter.kind, letter.reason, &letter.error),
            class: &letter.error.class,
            message: &letter.error.message,
            words: words(&letter.error.class, &letter.error.message),
            attempts: letter.history.last().map_or(0, |last| last.attempt),
            died_at: letter.died_at.as_millis(),
            late: letter.late_success.into(),
            origin_owner: origin.map(|origin| origin.owner),
            origin_number: origin.map(|origin| origin.number),
            replay: letter.origin.as_ref().map(|origin| origin.replay),
        }
    }
}
