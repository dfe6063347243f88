//! Which item has which verdict.

use serde::{Deserialize, Serialize};

use super::Replay;
use crate::id::TaskId;
use crate::indexes::Indexes;

/// Sets of items. What is in none of them waits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Verdicts {
    /// Were sent; what has become of them is in one of the others, or pending.
    pub sent: Indexes,
    /// Succeeded.
    pub succeeded: Indexes,
    /// Died once more.
    pub died_again: Indexes,
    /// Canceled, before or after they were sent.
    pub canceled: Indexes,
    /// Were not sent: their kind refuses them, or they succeeded late.
    pub refused: Indexes,
    /// Were not sent: they were open no longer.
    pub skipped: Indexes,
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemVerdict {
    /// It is not decided yet.
    Waiting,
    /// Its task is under way.
    Pending,
    /// Its task succeeded.
    Succeeded,
    /// Its task died.
    DiedAgain,
    /// It was not sent: its kind refuses it, or it succeeded late.
    Refused,
    /// It was not sent: it was open no longer.
    Skipped,
    /// It was canceled before it ended.
    Canceled,
}

impl ItemVerdict {
    /// Every verdict.
    pub const ALL: [Self; 7] =
        [Self::Waiting, Self::Pending, Self::Succeeded, Self::DiedAgain, Self::Refused, Self::Skipped, Self::Canceled];

    /// The verdict's name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::DiedAgain => "died_again",
            Self::Refused => "refused",
            Self::Skipped => "skipped",
            Self::Canceled => "canceled",
        }
    }
}

impl Replay {
    /// The items with this verdict.
    pub fn having(&self, verdict: ItemVerdict) -> Indexes {
        let verdicts = &self.verdicts;
        match verdict {
            ItemVerdict::Waiting => {
                let mut waiting = Indexes::new();
                waiting.insert_range(self.progress.next, self.request.frozen);
                waiting.subtract(&verdicts.canceled);
                waiting
            }
            ItemVerdict::Pending => {
                let mut pending = verdicts.sent.clone();
                for ended in [&verdicts.succeeded, &verdicts.died_again, &verdicts.canceled] {
                    pending.subtract(ended);
                }
                pending
            }
            ItemVerdict::Succeeded => verdicts.succeeded.clone(),
            ItemVerdict::DiedAgain => verdicts.died_again.clone(),
            ItemVerdict::Refused => verdicts.refused.clone(),
            ItemVerdict::Skipped => verdicts.skipped.clone(),
            ItemVerdict::Canceled => verdicts.canceled.clone(),
        }
    }

    /// What became of an item.
    pub fn verdict(&self, item: u32) -> ItemVerdict {
        let verdicts = &self.verdicts;
        [
            (&verdicts.succeeded, ItemVerdict::Succeeded),
            (&verdicts.died_again, ItemVerdict::DiedAgain),
            (&verdicts.canceled, ItemVerdict::Canceled),
            (&verdicts.refused, ItemVerdict::Refused),
            (&verdicts.skipped, ItemVerdict::Skipped),
            (&verdicts.sent, ItemVerdict::Pending),
        ]
        .into_iter()
        .find(|(set, _)| set.contains(item))
        .map_or(ItemVerdict::Waiting, |(_, verdict)| verdict)
    }

    /// The tasks that replay `items`, in their order: all of them were sent.
    pub fn replay_tasks(&self, items: &Indexes) -> Vec<TaskId> {
        let stages = 0..self.progress.stages.len();
        let of_stage = |stage: usize| {
            let job = self.job(stage);
            self.sent_in(stage).ranks(items).into_iter().map(move |index| TaskId { job, index })
        };
        stages.flat_map(of_stage).collect()
    }

    /// The task that replays an item, if it was sent.
    pub fn replay_task(&self, item: u32) -> Option<TaskId> {
        if !self.verdicts.sent.contains(item) {
            return None;
        }
        let stage = self.progress.stages.iter().rposition(|stage| stage.first <= item)?;
        let before = self.verdicts.sent.rank(self.progress.stages[stage].first);
        Some(TaskId { job: self.job(stage), index: self.verdicts.sent.rank(item) - before })
    }
}
