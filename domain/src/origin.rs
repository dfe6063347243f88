//! Where a dead letter is that may be replayed. It leaves `replayed` by the word of the very task that replays it:
//! words come late, and more than once, and by then another replay may have taken it.
//!
//! `model/` checks this rule in every history of a small replay; `triage/statements/` says it to the database. There the
//! replay stands for its task: it sends a letter once.

use serde::{Deserialize, Serialize};

use crate::id::TaskId;

/// Where a dead letter is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// It waits to be replayed or discarded.
    #[default]
    Open,
    /// This task replays it.
    Replayed(TaskId),
    /// A replay of it succeeded.
    Resolved,
    /// An operator gave it up.
    Discarded,
}

/// How the replay of a dead letter ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplayEnd {
    /// The task that replayed it succeeded.
    Succeeded,
    /// It died, or was canceled: the letter may be replayed again.
    Failed,
}

impl Origin {
    /// What it is to be set to when `by` takes it; `None` if another replay has it, or nobody may. Taking it again
    /// changes nothing.
    #[must_use]
    pub fn taken(self, by: TaskId) -> Option<Self> {
        match self {
            Self::Open => Some(Self::Replayed(by)),
            Self::Replayed(holder) if holder == by => Some(self),
            Self::Replayed(_) | Self::Resolved | Self::Discarded => None,
        }
    }

    /// What it is to be set to when `by` has ended; `None` if it is not, or no longer, `by` that replays it.
    #[must_use]
    pub fn reported(self, by: TaskId, end: ReplayEnd) -> Option<Self> {
        match self {
            Self::Replayed(holder) if holder == by => Some(match end {
                ReplayEnd::Succeeded => Self::Resolved,
                ReplayEnd::Failed => Self::Open,
            }),
            Self::Open | Self::Replayed(_) | Self::Resolved | Self::Discarded => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(index: u32) -> TaskId {
        TaskId { job: "0199f0c2a0007abc8def0123456789ab".parse().unwrap(), index }
    }

    #[test]
    fn one_replay_takes_a_letter_and_may_take_it_again() {
        let taken = Origin::Open.taken(task(1)).unwrap();
        assert_eq!(taken.taken(task(1)), Some(taken));
        assert_eq!(taken.taken(task(2)), None);
    }

    #[test]
    fn a_replay_that_fails_reopens_its_letter_and_no_other_task_does() {
        let taken = Origin::Replayed(task(2));
        assert_eq!(taken.reported(task(1), ReplayEnd::Failed), None);
        assert_eq!(taken.reported(task(2), ReplayEnd::Failed), Some(Origin::Open));
        assert_eq!(Origin::Open.reported(task(2), ReplayEnd::Failed), None);
    }

    #[test]
    fn what_is_resolved_or_discarded_stays_so() {
        let resolved = Origin::Replayed(task(1)).reported(task(1), ReplayEnd::Succeeded).unwrap();
        for end in [resolved, Origin::Discarded] {
            assert_eq!(end.taken(task(2)), None);
            assert_eq!(end.reported(task(1), ReplayEnd::Failed), None);
        }
    }
}
