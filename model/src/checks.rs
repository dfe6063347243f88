//! What must hold in every state.

use domain::id::LetterPackId;
use domain::indexes::Indexes;
use domain::ledger::{LetterRecord, TaskState};

use crate::facts::End;
use crate::property::Rule;
use crate::setting::{Nature, START, Setting};
use crate::world::World;

/// More tasks than any setting has: none beyond them is in any pack.
const TASKS: usize = 8;

impl World {
    /// Everything that holds between two steps, and in the end.
    pub fn check(&mut self, setting: &Setting) {
        let counts = self.ledger.counts();
        let under_way = counts.queued + counts.running + counts.retrying;
        let ended = [(End::Succeeded, counts.succeeded), (End::Dead, counts.dead), (End::Canceled, counts.canceled)];
        let adds_up = counts.accepted == under_way + counts.succeeded + counts.dead + counts.canceled
            && ended.iter().all(|(end, count)| self.facts.ended(*end) == *count);
        self.broken.unless(adds_up, Rule::Counts);

        let mut places = [0_u8; TASKS];
        for (index, ..) in self.ledger.underway(0, TASKS as u32) {
            places[index as usize] += 1;
        }
        let in_place = |index: u32| {
            let under_way = self.facts.task(index).ended.is_none() && index < counts.accepted;
            places[index as usize] == u8::from(under_way)
        };
        self.broken.unless((0..TASKS as u32).all(in_place), Rule::NothingLost);

        let job = self.ledger.job();
        let canceled = |index| job.canceled_at.is_some() || job.canceling.contains(index);
        let mut under_way = self.ledger.underway(0, TASKS as u32);
        let waits = under_way.any(|(index, state, _)| state != TaskState::Running && canceled(index));
        drop(under_way);
        self.broken.unless(!waits, Rule::Canceled);

        let dead = self.facts.which(|task| task.ended == Some(End::Dead));
        self.broken.unless(self.kept(false) == dead.collect(), Rule::Letters);
        let late = self.facts.which(|task| task.late);
        self.broken.unless(self.kept(true) == late.collect(), Rule::Letters);

        self.broken.unless(self.now <= START.after(setting.longest()), Rule::Ends);
        if !self.is_urgent(setting) && self.next_instant(setting).is_none() {
            self.check_end(setting);
        }
    }

    /// Whose letters, or late successes, are archived or in the outbox.
    fn kept(&self, late: bool) -> Indexes {
        let mut kept = if late { self.archived_late.clone() } else { self.archived.clone() };
        self.outbox()
            .filter(|letters| letters.late_success == late)
            .for_each(|letters| kept.extend(&letters.unconfirmed));
        kept
    }

    /// The letters that the archive has not confirmed.
    fn outbox(&self) -> impl Iterator<Item = &LetterRecord> {
        (0..self.ledger.job().letters).filter_map(|id| self.ledger.letters(LetterPackId(id)))
    }

    /// Whether all tasks have ended and nothing is in the outbox. Late words may still come.
    pub fn is_settled(&self) -> bool {
        let ended = self.ledger.job().completed_at.is_some();
        ended && self.ledger.underway(0, u32::MAX).next().is_none() && self.outbox().next().is_none()
    }

    /// Nothing will happen any more: all must be well.
    fn check_end(&mut self, setting: &Setting) {
        let ended_ill = self.facts.which(|task| task.ended.is_some_and(|end| end != End::Succeeded));
        let mut harmed = ended_ill.filter(|index| setting.nature(*index) == Nature::Sound);
        self.broken.unless(setting.may_harm() || harmed.next().is_none(), Rule::Neighbours);
        self.broken.unless(self.is_settled(), Rule::Ends);
    }
}
