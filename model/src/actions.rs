//! What may happen next.

use crate::choices::{kills, slices};
use crate::message::Body;
use crate::run::Slice;
use crate::setting::{CONSUMERS, Cancel, Fault, Setting};
use crate::world::World;

/// One step of one of those who take part. Numbers are places among the messages and the claims of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// The producer appends and sends.
    Append(Call),
    /// A pack arrives at a consumer, which claims it.
    Claim(usize, Call),
    /// Letters arrive at the archive.
    Archive(usize, Call),
    /// A consumer settles, sends on and acks.
    Settle(usize, Slice, Call),
    /// A task kills its consumer. No fault: that is its nature.
    Kill(usize),
    /// A consumer dies while it runs its tasks.
    Die(usize),
    /// A consumer lives on after its lease.
    Outlive(usize),
    /// The queue takes a consumer for dead that is not.
    Disown(usize),
    /// A message vanishes.
    Lose(usize),
    /// A message arrives twice.
    Duplicate(usize),
    /// A message arrives late.
    Delay(usize),
    /// The platform gives a message up.
    GiveUp(usize),
    /// The alarm goes off.
    Wake(Call),
    /// The caller cancels.
    Cancel,
    /// Nobody has anything to do before the next instant.
    Pass,
}

/// How a call to the ledger, and what follows from it, fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Well.
    Answered,
    /// It is written; the caller never hears of it.
    AnswerLost,
    /// The ledger dies before it is written, or the caller before it calls.
    NotWritten,
    /// It is written and answered; who is to send what it says dies after so many.
    DiesAfter(u8),
}

/// No settlement answers with more to send than this, in a job this small.
const SENDS: u8 = 2;

/// Collects what may happen next in `world`.
pub fn actions(setting: &Setting, world: &World, actions: &mut Vec<Action>) {
    if world.broken.any() {
        return;
    }
    let mut next = Next { setting, world, actions };
    next.submission();
    next.messages();
    next.runs();
    next.alarm();
    if !world.is_urgent(setting) && world.next_instant(setting).is_some() {
        next.actions.push(Action::Pass);
    }
}

struct Next<'w> {
    setting: &'w Setting,
    world: &'w World,
    actions: &'w mut Vec<Action>,
}

impl Next<'_> {
    fn may(&self, fault: Fault) -> bool {
        // Once all has ended and is archived, a fault has nothing left to harm; late words may change that.
        self.world.faults > 0 && self.setting.sorts.contains(&fault) && !self.world.is_settled()
    }

    fn fault(&mut self, fault: Fault, action: Action) {
        if self.may(fault) {
            self.actions.push(action);
        }
    }

    fn submission(&mut self) {
        if !self.world.accepted {
            self.actions.push(Action::Append(Call::Answered));
            self.fault(Fault::LedgerDied, Action::Append(Call::AnswerLost));
            for sends in 0..SENDS {
                self.fault(Fault::Died, Action::Append(Call::DiesAfter(sends)));
            }
        } else if self.world.cancel != Cancel::Never {
            self.actions.push(Action::Cancel);
        }
    }

    fn messages(&mut self) {
        for (at, message) in self.world.messages.iter().enumerate() {
            let again = at > 0 && self.world.messages[at - 1] == *message;
            if again || !message.may_arrive(self.world.now) {
                continue;
            }
            match &message.body {
                Body::Pack { .. } => {
                    if self.world.runs.len() < CONSUMERS {
                        self.actions.push(Action::Claim(at, Call::Answered));
                        self.fault(Fault::LedgerDied, Action::Claim(at, Call::AnswerLost));
                        self.fault(Fault::LedgerDied, Action::Claim(at, Call::NotWritten));
                    }
                    self.fault(Fault::GivenUp, Action::GiveUp(at));
                }
                Body::Letters { .. } => {
                    self.actions.push(Action::Archive(at, Call::Answered));
                    self.fault(Fault::Died, Action::Archive(at, Call::NotWritten));
                    self.fault(Fault::LedgerDied, Action::Archive(at, Call::AnswerLost));
                }
            }
            self.fault(Fault::Lost, Action::Lose(at));
            if !message.is_delayed() {
                self.fault(Fault::Duplicated, Action::Duplicate(at));
                self.fault(Fault::Delayed, Action::Delay(at));
            }
        }
    }

    fn runs(&mut self) {
        for (at, run) in self.world.runs.iter().enumerate() {
            let again = at > 0 && self.world.runs[at - 1] == *run;
            if again || run.from > self.world.now {
                continue;
            }
            if kills(self.setting, run) {
                self.actions.push(Action::Kill(at));
            }
            for slice in slices(self.setting, self.world, run) {
                self.actions.push(Action::Settle(at, slice.clone(), Call::Answered));
                self.fault(Fault::LedgerDied, Action::Settle(at, slice.clone(), Call::AnswerLost));
                for sends in 0..=SENDS {
                    self.fault(Fault::Died, Action::Settle(at, slice.clone(), Call::DiesAfter(sends)));
                }
            }
            if run.message.is_some() {
                self.fault(Fault::Died, Action::Die(at));
                if run.from == run.by {
                    self.fault(Fault::Outlived, Action::Outlive(at));
                    self.fault(Fault::Outlived, Action::Disown(at));
                }
            }
        }
    }

    fn alarm(&mut self) {
        if self.world.alarm(self.setting).is_some_and(|at| at <= self.world.now) {
            self.actions.push(Action::Wake(Call::Answered));
            for sends in 0..SENDS {
                self.fault(Fault::LedgerDied, Action::Wake(Call::DiesAfter(sends)));
            }
        }
    }
}
