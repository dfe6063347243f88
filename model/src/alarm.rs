//! The clock and the ledger's alarm.

use domain::time::Timestamp;

use crate::actions::Call;
use crate::message::Body;
use crate::property::Rule;
use crate::setting::{CONSUMERS, START, Setting, TIMING};
use crate::variant::Variant;
use crate::world::World;

impl World {
    /// When the alarm goes off. Deleting the job long after it ended is left out.
    pub fn alarm(&self, setting: &Setting) -> Option<Timestamp> {
        if setting.variant == Variant::NoOutbox || !self.is_begun() {
            return None;
        }
        let timing = setting.variant.timing();
        self.ledger.next_wake(&timing).filter(|at| at.since(START) < TIMING.keep)
    }

    fn is_begun(&self) -> bool {
        self.ledger.job().packs > 0
    }

    /// Whether somebody has to do something before time passes.
    pub fn is_urgent(&self, setting: &Setting) -> bool {
        let free = self.runs.len() < CONSUMERS;
        let arrives = |body: &Body| free || matches!(body, Body::Letters { .. });
        !self.accepted
            || self.messages.iter().any(|message| message.by <= self.now && arrives(&message.body))
            || self.runs.iter().any(|run| run.by <= self.now)
            || self.alarm(setting).is_some_and(|at| at <= self.now)
    }

    /// The next instant at which anything may, or must, happen.
    pub fn next_instant(&self, setting: &Setting) -> Option<Timestamp> {
        let messages = self.messages.iter().flat_map(|message| [message.from, message.by]);
        let runs = self.runs.iter().flat_map(|run| [run.from, run.by]);
        messages.chain(runs).chain(self.alarm(setting)).filter(|at| *at > self.now).min()
    }

    /// The alarm goes off; its sends fare as told.
    pub fn wake(&mut self, setting: &Setting, call: Call) -> Option<()> {
        let timing = setting.variant.timing();
        let now = self.now;
        let before = self.ledger.clone();
        let woken = self.call(|ledger| ledger.wake(now, &timing));
        self.check_losses(setting, &before, &woken.records);
        self.record(&woken.records);
        // An alarm that does nothing and is due again at once would go off for ever.
        let idle = woken.sends.is_empty() && woken.records.is_empty() && *before == *self.ledger;
        self.broken.unless(!idle, Rule::Ends);
        match call {
            Call::Answered => self.send(setting, &woken.sends, usize::MAX),
            Call::DiesAfter(sends) if usize::from(sends) < woken.sends.len() => {
                self.send(setting, &woken.sends, sends.into());
            }
            Call::DiesAfter(_) | Call::AnswerLost | Call::NotWritten => return None,
        }
        Some(())
    }
}
