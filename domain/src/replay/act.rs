//! What was done, and what operators and ledgers say.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{ItemVerdict, Portion, Progress, Replay, Request, Verdicts, Waits};
use crate::id::{JobId, ReplayId};
use crate::indexes::Indexes;
use crate::lane::Lane;
use crate::ledger::SettlementRecord;
use crate::time::Timestamp;
use crate::triage::{Action, NewEntry};

/// How many times as long as a poll took the next one waits at least.
const POLL_REST: u32 = 5;

/// The tasks of a job that have ended, as its ledger says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcomes {
    /// Ended well.
    pub succeeded: Indexes,
    /// Ended as dead letters.
    pub dead: Indexes,
    /// Ended by cancellation.
    pub canceled: Indexes,
}

/// A page of the tasks of a job that have ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomesPage {
    /// What the rows of the page say.
    pub outcomes: Outcomes,
    /// The row to go on after, if there are more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u32>,
}

impl Outcomes {
    /// Adds what another page says.
    pub fn extend(&mut self, page: &Self) {
        self.succeeded.extend(&page.succeeded);
        self.dead.extend(&page.dead);
        self.canceled.extend(&page.canceled);
    }

    /// Adds what one settlement made final.
    pub fn add(&mut self, record: &SettlementRecord) {
        self.succeeded.extend(&record.done);
        self.succeeded.extend(&record.outputs.iter().map(|(index, _)| *index).collect());
        self.dead.extend(&record.dead.iter().map(|(index, ..)| *index).collect());
        self.canceled.extend(&record.canceled);
    }
}

/// A portion that is to be appended.
#[derive(Clone, Debug)]
pub struct ToAppend {
    /// The replay.
    pub id: ReplayId,
    /// The lane that its tasks travel in.
    pub lane: Lane,
    /// The job of the stage.
    pub job: JobId,
    /// The stage, the first being 0.
    pub stage: usize,
    /// Portions of the stage before it.
    pub number: u32,
    /// Tasks of the stage before it.
    pub tasks: u32,
    /// What is decided.
    pub portion: Portion,
}

/// Items whose tasks have ended and that have no verdict yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Whose task succeeded.
    pub succeeded: Indexes,
    /// Whose task died.
    pub died_again: Indexes,
    /// Whose task was canceled.
    pub canceled: Indexes,
}

/// Why an operator's word comes at the wrong time. Nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// It has ended.
    #[error("the replay is completed: nothing of it is left to cancel or to resume")]
    Completed,
    /// It was canceled.
    #[error("the replay is canceled: start another one")]
    Canceled,
}

impl Replay {
    /// A replay that begins.
    pub fn begin(request: Request) -> Self {
        let (at, key, count) = (request.created_at, request.key.clone(), request.frozen);
        let mut replay = Self { request, progress: Progress::default(), verdicts: Verdicts::default() };
        replay.note(at, &key, Action::Replay, count);
        replay
    }

    fn note(&mut self, at: Timestamp, key: &str, action: Action, count: u32) {
        let number = self.progress.entries_made;
        self.progress.entries.push(NewEntry { at, key: key.to_owned(), action, count, number });
        self.progress.entries_made += 1;
    }

    /// It is to go on after it halted. One that has not halted goes on anyway.
    ///
    /// # Errors
    /// [`NotNow`].
    pub fn resume(&mut self, now: Timestamp, key: &str) -> Result<(), NotNow> {
        match (self.progress.completed_at, self.progress.canceled_at) {
            (_, Some(_)) => return Err(NotNow::Canceled),
            (Some(_), None) => return Err(NotNow::Completed),
            (None, None) => {}
        }
        if self.progress.halted.take().is_some() {
            self.begin_stage();
            self.note(now, key, Action::Resume, self.having(ItemVerdict::Waiting).len());
        }
        Ok(())
    }

    /// What waits is not sent, and what was sent is canceled where it does not run. Again changes nothing.
    ///
    /// # Errors
    /// [`NotNow::Completed`].
    pub fn cancel(&mut self, now: Timestamp, key: &str) -> Result<(), NotNow> {
        match (self.progress.completed_at, self.progress.canceled_at) {
            (_, Some(_)) => Ok(()),
            (Some(_), None) => Err(NotNow::Completed),
            (None, None) => {
                self.progress.canceled_at = Some(now);
                self.progress.poll_at = now;
                let count = self.having(ItemVerdict::Waiting).len() + self.having(ItemVerdict::Pending).len();
                self.note(now, key, Action::Cancel, count);
                Ok(())
            }
        }
    }

    /// Items are decided; what is taken of them is appended next.
    pub fn decided(&mut self, mut portion: Portion) {
        let Some(stage) = self.progress.stages.len().checked_sub(1) else { return };
        let counted = portion.taken.len() + portion.refused.len();
        portion.seals = portion.to >= self.request.frozen || counted >= self.room(stage);
        self.progress.portion = Some(portion);
    }

    /// What is decided and perhaps not appended yet.
    pub fn to_append(&self) -> Option<ToAppend> {
        let stage = self.progress.stages.len().checked_sub(1)?;
        let begun = self.progress.stages.get(stage)?;
        Some(ToAppend {
            id: self.request.id,
            lane: self.request.lane,
            job: self.job(stage),
            stage,
            number: begun.portions,
            tasks: begun.tasks,
            portion: self.progress.portion.clone()?,
        })
    }

    /// What was decided is appended.
    pub fn sent(&mut self, now: Timestamp, waits: &Waits) {
        let Some(portion) = self.progress.portion.take() else { return };
        let Some(stage) = self.progress.stages.last_mut() else { return };
        let tasks = portion.taken.len();
        stage.portions += 1;
        stage.tasks += tasks;
        stage.counted += tasks + portion.refused.len();
        stage.sealed |= portion.seals && tasks > 0;
        self.progress.next = portion.to;
        self.verdicts.sent.extend(&portion.taken);
        self.verdicts.refused.extend(&portion.refused);
        self.verdicts.skipped.extend(&portion.skipped);
        self.progress.send_at = self.progress.send_at.max(now).after(self.time_of(tasks));
        if tasks > 0 {
            self.poll_soon(now, waits);
        }
    }

    /// These of what was decided cannot be sent any more: they are given back.
    pub fn shrink(&mut self, lost: &Indexes) {
        if let Some(portion) = &mut self.progress.portion {
            portion.taken.subtract(lost);
            portion.refused.extend(lost);
        }
    }

    /// What was decided is not appended: somebody ended the job of the stage. It was taken, and is given back. Whoever did
    /// that meant something by it: what is left waits for an operator.
    pub fn turned_away(&mut self) {
        let Some(portion) = self.progress.portion.take() else { return };
        let Some(stage) = self.progress.stages.last_mut() else { return };
        stage.counted += portion.taken.len() + portion.refused.len();
        stage.sealed = true;
        self.progress.next = portion.to;
        self.verdicts.canceled.extend(&portion.taken);
        self.verdicts.refused.extend(&portion.refused);
        self.verdicts.skipped.extend(&portion.skipped);
        if self.progress.next < self.request.frozen {
            self.progress.halted = self.judge(self.progress.stages.len() - 1, 0.0);
        }
    }

    /// The job of a stage is sealed.
    pub fn sealed(&mut self, stage: usize) {
        if let Some(stage) = self.progress.stages.get_mut(stage) {
            stage.sealed = true;
        }
    }

    /// What waits is given back.
    pub fn released(&mut self) {
        let waiting = self.having(ItemVerdict::Waiting);
        self.verdicts.canceled.extend(&waiting);
        self.progress.next = self.request.frozen;
    }

    /// The jobs of its stages are told.
    pub fn jobs_canceled(&mut self) {
        self.progress.jobs_canceled = true;
        for stage in &mut self.progress.stages {
            stage.sealed = true;
        }
    }

    /// The items of a stage that have ended by the word of its ledger and have no verdict yet.
    pub fn ended(&self, stage: usize, outcomes: &Outcomes) -> Ended {
        let sent = self.sent_in(stage);
        let pending = self.having(ItemVerdict::Pending);
        let items = |tasks: &Indexes| sent.select(tasks).intersection(&pending);
        Ended {
            succeeded: items(&outcomes.succeeded),
            died_again: items(&outcomes.dead),
            canceled: items(&outcomes.canceled),
        }
    }

    /// These have their verdict: the index shows it.
    /// Asking took `took`: the ledgers have other things to do than to answer.
    pub fn polled(&mut self, now: Timestamp, ended: &Ended, took: Duration, waits: &Waits) {
        self.verdicts.succeeded.extend(&ended.succeeded);
        self.verdicts.died_again.extend(&ended.died_again);
        self.verdicts.canceled.extend(&ended.canceled);
        if *ended == Ended::default() {
            let max = u64::try_from(waits.poll_max.as_millis()).unwrap_or(u64::MAX);
            self.progress.poll_wait = self.progress.poll_wait.saturating_mul(2).min(max);
            self.progress.poll_at = now.after(Duration::from_millis(self.progress.poll_wait));
        } else {
            self.poll_soon(now, waits);
        }
        self.progress.poll_at = self.progress.poll_at.max(now.after(took * POLL_REST));
    }

    fn poll_soon(&mut self, now: Timestamp, waits: &Waits) {
        self.progress.poll_wait = u64::try_from(waits.poll.as_millis()).unwrap_or(u64::MAX);
        self.progress.poll_at = now.after(waits.poll);
    }

    /// The journal has these entries, and the index knows that the replay is in this state.
    pub fn told(&mut self, entries: u32, state: super::ReplayState) {
        self.progress.entries.retain(|entry| entry.number >= entries);
        self.progress.told = Some(state);
        self.progress.tell_at = Timestamp::default();
    }

    /// They are about to be told. Where that fails it is tried again later.
    pub fn tell(&mut self, now: Timestamp, again: Duration) {
        self.progress.version += 1;
        self.progress.tell_at = now.after(again);
    }
}
