//! What a replay does next.

use std::time::Duration;

use super::{ItemVerdict, Replay, Waits};
use crate::limits::REPLAY_PORTION;
use crate::time::Timestamp;

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Tell the journal and the index what they do not know.
    Tell,
    /// Decide items from this one on, at most this many: [`Replay::decided`].
    Decide {
        /// The first.
        from: u32,
        /// How many.
        most: u32,
    },
    /// Append what is decided to the stage's job: [`Replay::sent`].
    Append,
    /// Seal the job of this stage: [`Replay::sealed`].
    Seal(usize),
    /// Give back what may have been taken and is not decided, from this item on: [`Replay::released`].
    Release(u32),
    /// Cancel the jobs of its stages: [`Replay::jobs_canceled`].
    CancelJobs,
    /// Ask the ledgers what became of what is pending: [`Replay::ended`], [`Replay::polled`].
    Poll,
    /// Nothing before then; `None`: nothing until an operator says so.
    Wait(Option<Timestamp>),
    /// Delete all that is stored of it.
    Delete,
}

impl Replay {
    /// What to do at `now`. It may begin a stage, halt, or complete.
    pub fn next(&mut self, now: Timestamp, waits: &Waits) -> Step {
        let step = self.act(now, waits);
        // First what the journal does not have: nothing is sent that is not written there.
        let untold = !self.progress.entries.is_empty() || self.progress.told != Some(self.state());
        match step {
            _ if untold && self.progress.tell_at <= now => Step::Tell,
            _ if !self.progress.entries.is_empty() => Step::Wait(Some(self.progress.tell_at)),
            Step::Wait(at) if untold => {
                Step::Wait(Some(at.map_or(self.progress.tell_at, |at| at.min(self.progress.tell_at))))
            }
            step => step,
        }
    }

    fn act(&mut self, now: Timestamp, waits: &Waits) -> Step {
        if let Some(completed_at) = self.progress.completed_at {
            let delete_at = completed_at.after(waits.keep);
            return if delete_at <= now { Step::Delete } else { Step::Wait(Some(delete_at)) };
        }
        if self.progress.portion.is_some() {
            return Step::Append;
        }
        if self.progress.canceled_at.is_some() {
            return self.end_canceled(now, waits);
        }
        if self.progress.halted.is_some() {
            return Step::Wait(None);
        }
        loop {
            let Some(stage) = self.progress.stages.len().checked_sub(1) else {
                self.begin_stage();
                continue;
            };
            if self.room(stage) > 0 && self.progress.next < self.request.frozen {
                return self.send_more(now, stage);
            }
            if let Some(open) = self.progress.stages.get(stage).filter(|stage| !stage.sealed)
                && open.tasks > 0
            {
                return Step::Seal(stage);
            }
            if !self.having(ItemVerdict::Pending).is_empty() {
                return self.poll(now);
            }
            if self.progress.next >= self.request.frozen {
                return self.complete(now, waits);
            }
            if let Some(halt) = self.judge_canary(stage) {
                self.progress.halted = Some(halt);
                return Step::Wait(None);
            }
            self.begin_stage();
        }
    }

    fn send_more(&self, now: Timestamp, stage: usize) -> Step {
        let is_pending = !self.having(ItemVerdict::Pending).is_empty();
        if is_pending && self.progress.poll_at <= now {
            return Step::Poll;
        }
        if self.progress.send_at > now {
            let poll_at = is_pending.then_some(self.progress.poll_at);
            return Step::Wait(poll_at.into_iter().chain([self.progress.send_at]).min());
        }
        // A second's worth at once, so that a high rate costs no more than none.
        let at_once = self.request.body.rate.map_or(REPLAY_PORTION, |rate| (rate as u32).clamp(1, REPLAY_PORTION));
        let left = self.request.frozen - self.progress.next;
        Step::Decide { from: self.progress.next, most: at_once.min(self.room(stage)).min(left) }
    }

    fn end_canceled(&mut self, now: Timestamp, waits: &Waits) -> Step {
        if !self.having(ItemVerdict::Waiting).is_empty() {
            return Step::Release(self.progress.next);
        }
        if !self.progress.jobs_canceled {
            return Step::CancelJobs;
        }
        if !self.having(ItemVerdict::Pending).is_empty() {
            return self.poll(now);
        }
        self.complete(now, waits)
    }

    fn poll(&self, now: Timestamp) -> Step {
        if self.progress.poll_at <= now { Step::Poll } else { Step::Wait(Some(self.progress.poll_at)) }
    }

    fn complete(&mut self, now: Timestamp, waits: &Waits) -> Step {
        self.progress.completed_at = Some(now);
        Step::Wait(Some(now.after(waits.keep)))
    }

    /// How long sending `tasks` takes at the rate asked for.
    pub(super) fn time_of(&self, tasks: u32) -> Duration {
        self.request.body.rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(f64::from(tasks) / rate))
    }
}
