//! Performing what happens.

use domain::ledger::Phase;

use crate::actions::{Action, Call};
use crate::message::Body;
use crate::run::{Remaining, Run, Slice};
use crate::setting::{OUTLIVES, Setting};
use crate::world::World;

/// What `world` becomes by `action`; `None` if it cannot happen after all.
pub fn next(setting: &Setting, world: &World, action: Action) -> Option<World> {
    let mut next = world.clone();
    next.faults -= action.faults();
    next.perform(setting, action)?;
    next.close(setting);
    Some(next)
}

impl Action {
    /// How many faults it is.
    fn faults(&self) -> u8 {
        match self {
            Self::Append(call) | Self::Claim(_, call) | Self::Archive(_, call) | Self::Wake(call) => call.faults(),
            Self::Settle(_, _, call) => call.faults(),
            Self::Kill(_) | Self::Cancel | Self::Pass => 0,
            Self::Die(_) | Self::Outlive(_) | Self::Disown(_) => 1,
            Self::Lose(_) | Self::Duplicate(_) | Self::Delay(_) | Self::GiveUp(_) => 1,
        }
    }
}

impl Call {
    fn faults(self) -> u8 {
        match self {
            Self::Answered => 0,
            Self::AnswerLost | Self::NotWritten | Self::DiesAfter(_) => 1,
        }
    }
}

impl World {
    fn perform(&mut self, setting: &Setting, action: Action) -> Option<()> {
        match action {
            Action::Append(call) => return self.append(setting, call),
            Action::Claim(at, call) => return self.claim(setting, at, call),
            Action::Archive(at, call) => return self.archive(setting, at, call),
            Action::Settle(at, slice, call) => {
                self.hand_backs -= u8::from(hands_back(&slice, &self.runs[at]));
                return self.settle(setting, at, slice, call);
            }
            Action::Wake(call) => return self.wake(setting, call),
            Action::Kill(at) => {
                let run = self.runs.remove(at);
                self.dies(setting, run);
            }
            Action::Die(at) => {
                let run = self.runs.remove(at);
                self.strike(run.lane, run.pack, run.claim);
                self.dies(setting, run);
            }
            Action::Outlive(at) => self.outlive(at),
            Action::Disown(at) => {
                self.outlive(at);
                self.runs[at].from = self.now;
                if let Some(message) = self.runs[at].message.take() {
                    self.redeliver(setting, message);
                }
            }
            Action::Lose(at) => drop(self.messages.remove(at)),
            Action::Duplicate(at) => {
                self.messages[at].twin = true;
                let mut copy = self.messages[at].clone();
                copy.delay(self.now);
                self.messages.push(copy);
            }
            Action::Delay(at) => self.messages[at].delay(self.now),
            Action::GiveUp(at) => {
                let Body::Pack { id, .. } = self.messages.remove(at).body else { return None };
                let now = self.now;
                self.call(|ledger| ledger.stranded(now, id));
            }
            Action::Cancel => self.cancel(),
            Action::Pass => self.now = self.next_instant(setting)?,
        }
        Some(())
    }

    /// The consumer at `at` does nothing before its lease is over, and something soon after.
    fn outlive(&mut self, at: usize) {
        let run = &mut self.runs[at];
        let lease = match self.ledger.pack(run.pack).map(|pack| &pack.phase) {
            Some(Phase::Claimed { until, .. }) => *until,
            Some(Phase::Waiting { .. }) | None => self.now,
        };
        run.from = lease;
        run.by = lease.after(OUTLIVES);
        let (lane, pack, claim) = (run.lane, run.pack, run.claim);
        self.strike(lane, pack, claim);
    }
}

/// Whether it is the first time that `run` hands back what this slice leaves.
fn hands_back(slice: &Slice, run: &Run) -> bool {
    let leaves = (slice.verdicts.len() as u32) < run.left.len();
    slice.rest == Remaining::HandedBack && leaves && run.unanswered.is_none()
}
