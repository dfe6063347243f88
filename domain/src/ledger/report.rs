//! What a consumer reports of the tasks it ran, and what is kept of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::id::ChunkId;
use crate::indexes::Indexes;
use crate::outcome::TaskError;
use crate::time::Timestamp;
use crate::verdict::Reason;

/// Verdicts on tasks of one claim. Errors stand once in a list, since many tasks of a pack fail alike.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// Tasks that succeeded with the output null.
    #[serde(default)]
    pub done: Indexes,
    /// Tasks that succeeded with another output.
    #[serde(default)]
    pub outputs: Vec<(u32, Box<RawValue>)>,
    /// Tasks to run again.
    #[serde(default)]
    pub retries: Vec<RetryGroup>,
    /// Tasks that will not be tried again, with the place of their error in `errors`.
    #[serde(default)]
    pub dead: Vec<(u32, Reason, u16)>,
    /// Tasks whose handler panicked, with the place of their error in `errors`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crashed: Vec<(u32, u16)>,
    /// What went wrong.
    #[serde(default)]
    pub errors: Vec<TaskError>,
}

/// Tasks to run again after the same wait.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RetryGroup {
    /// The wait, in milliseconds from the settlement on.
    #[serde(rename = "wait_ms", with = "crate::time::millis")]
    pub wait: Duration,
    /// The tasks, with the place of their error in the report's `errors`.
    pub tasks: Vec<(u32, u16)>,
}

/// What becomes of the tasks of a claim that no settlement has named yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// The consumer still works on them.
    Running,
    /// The consumer hands them back, uncharged.
    HandedBack,
}

impl RetryGroup {
    /// The tasks of all groups after the longest of their waits.
    pub fn together(groups: &[Self]) -> Self {
        Self {
            wait: groups.iter().map(|group| group.wait).max().unwrap_or_default(),
            tasks: groups.iter().flat_map(|group| group.tasks.iter().copied()).collect(),
        }
    }
}

impl Report {
    /// Leaves out what takes room: of a full ledger only how tasks end is kept.
    pub fn strip(&mut self) {
        self.done.extend(&self.outputs.drain(..).map(|(index, _)| index).collect());
        self.errors.iter_mut().for_each(|error| error.message = String::new());
    }

    /// All tasks that succeeded.
    pub fn succeeded(&self) -> Indexes {
        let mut done = self.done.clone();
        done.extend(&self.outputs.iter().map(|(index, _)| *index).collect());
        done
    }

    /// All tasks it names.
    pub fn named(&self) -> Indexes {
        let mut named = self.succeeded();
        let retried = self.retries.iter().flat_map(|group| group.tasks.iter().map(|(index, _)| *index));
        let crashed = self.crashed.iter().map(|(index, _)| *index);
        named.extend(&retried.chain(crashed).chain(self.dead.iter().map(|(index, ..)| *index)).collect());
        named
    }

    /// About how many bytes it has as JSON: what grows with outputs and errors, and a little for what does not.
    pub fn bytes(&self) -> usize {
        let outputs = self.outputs.iter().map(|(_, json)| json.get().len() + 16).sum::<usize>();
        let errors = self.errors.iter().map(|error| error.class.len() + error.message.len() + 32).sum::<usize>();
        let failed = self.retries.iter().map(|group| group.tasks.len()).sum::<usize>() + self.crashed.len();
        outputs + errors + 12 * failed + 24 * self.dead.len() + 24 * self.done.ranges() + 200
    }

    /// Whether every error it refers to is in its list.
    pub fn errors_resolve(&self) -> bool {
        let known = |at: &u16| usize::from(*at) < self.errors.len();
        self.dead.iter().all(|(.., at)| known(at))
            && self.retries.iter().flat_map(|group| &group.tasks).chain(&self.crashed).all(|(_, at)| known(at))
    }
}

/// What one call made final or charged: a row that results, histories and the audit are read from. Never changed
/// once written.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SettlementRecord {
    /// The chunk that all of its tasks are in, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunk: Option<ChunkId>,
    /// The attempt that it reports of.
    pub attempt: u8,
    /// When it was settled.
    pub at: Timestamp,
    /// Tasks that succeeded with the output null.
    #[serde(default, skip_serializing_if = "Indexes::is_empty")]
    pub done: Indexes,
    /// Tasks that succeeded with another output.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<(u32, Box<RawValue>)>,
    /// Tasks that were charged an attempt and run again, with the place of their error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retried: Vec<(u32, u16)>,
    /// Tasks that became dead letters, with the place of their error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dead: Vec<(u32, Reason, u16)>,
    /// Tasks that were charged a crash and run again, with the place of their error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crashed: Vec<(u32, u16)>,
    /// Tasks that were canceled.
    #[serde(default, skip_serializing_if = "Indexes::is_empty")]
    pub canceled: Indexes,
    /// Tasks that succeeded after they had been declared dead. They stay dead; their letters say so.
    #[serde(default, skip_serializing_if = "Indexes::is_empty")]
    pub late: Indexes,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<TaskError>,
}

impl SettlementRecord {
    /// The lowest and the highest task it names; `None` if it names none.
    pub fn span(&self) -> Option<(u32, u32)> {
        let sets = [&self.done, &self.canceled, &self.late];
        let lists = self
            .outputs
            .iter()
            .map(|(index, _)| *index)
            .chain(self.retried.iter().chain(&self.crashed).map(|(index, _)| *index))
            .chain(self.dead.iter().map(|(index, ..)| *index));
        let all = sets.iter().filter_map(|set| set.first()).chain(sets.iter().filter_map(|set| set.last()));
        all.chain(lists).fold(None, |span, index| match span {
            None => Some((index, index)),
            Some((low, high)) => Some((index.min(low), index.max(high))),
        })
    }
}
