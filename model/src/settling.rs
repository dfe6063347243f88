//! A consumer settles what it ran, and sends what the ledger answers.

use domain::id::ChunkId;
use domain::indexes::Indexes;
use domain::ledger::{Past, Settle};

use crate::actions::Call;
use crate::facts::{End, Facts};
use crate::property::Rule;
use crate::run::{Remaining, Ruling, Run, Slice};
use crate::setting::{Nature, Setting};
use crate::variant::Variant;
use crate::world::World;

impl Past for Facts {
    fn dead(&self, tasks: &Indexes) -> Indexes {
        self.which(|task| task.ended == Some(End::Dead) && !task.late).filter(|index| tasks.contains(*index)).collect()
    }

    fn of_chunk(&self, _: ChunkId) -> Indexes {
        self.which(|_| true).collect()
    }
}

impl World {
    /// The consumer at `at` settles `slice`, sends what is answered and, if it has nothing left, acks.
    pub fn settle(&mut self, setting: &Setting, at: usize, slice: Slice, call: Call) -> Option<()> {
        let mut run = self.runs.remove(at);
        let sends = self.report(setting, &run, &slice);
        match call {
            Call::NotWritten => return None,
            Call::AnswerLost => {
                run.unanswered = Some(slice);
                self.runs.push(run);
            }
            Call::DiesAfter(some) if usize::from(some) > sends.len() => return None,
            Call::DiesAfter(some) => {
                self.send(setting, &sends, some.into());
                self.strike(run.lane, run.pack, run.claim);
                self.dies(setting, run);
            }
            Call::Answered => {
                self.send(setting, &sends, usize::MAX);
                run.unanswered = None;
                run.slice += 1;
                run.left.subtract(&slice.verdicts.iter().map(|(index, _)| *index).collect());
                if slice.rest == Remaining::Running && !run.left.is_empty() {
                    self.runs.push(run);
                }
            }
        }
        Some(())
    }

    /// The call itself, and what its answer must be.
    fn report(&mut self, setting: &Setting, run: &Run, slice: &Slice) -> Vec<domain::ledger::Send> {
        let current = self.ledger.pack(run.pack).map(|pack| pack.claim);
        let believed = match (setting.variant, current) {
            (Variant::FirstSettlementWins, Some(claim)) => claim,
            _ => run.claim,
        };
        let settle = Settle {
            pack: run.pack,
            claim: believed,
            attempt: run.attempt,
            slice: run.slice,
            report: slice.report(),
            rest: slice.rest(),
        };
        let (now, timing) = (self.now, setting.variant.timing());
        let past = self.facts.clone();
        let Ok(settled) = self.call(|ledger| ledger.settle(now, settle, &past, &timing)) else {
            self.broken.note(Rule::Once);
            return Vec::new();
        };
        if let Some(record) = &settled.record {
            let fails =
                record.retried.len() + record.crashed.len() + record.dead.len() + record.canceled.len() as usize;
            self.broken.unless(fails == 0 || current == Some(run.claim), Rule::Lease);
            let panics = |(index, _): &(u32, u16)| setting.nature(*index) == Nature::Panics;
            self.broken.unless(record.crashed.iter().all(panics), Rule::Neighbours);
        }
        self.record(&settled.record);
        for (index, ruling) in &slice.verdicts {
            let task = self.facts.task(*index);
            let counts = match task.ended {
                Some(End::Dead) => task.late,
                ended => ended.is_some(),
            };
            self.broken.unless(*ruling != Ruling::Done || counts, Rule::Once);
        }
        settled.sends
    }

    /// What must not be: whoever takes over a lost claim reports that its first task crashed.
    pub fn charge_loss(&mut self, setting: &Setting, run: &mut Run) {
        let first = run.left.take_first(1);
        let verdicts = first.iter().map(|index| (index, Ruling::Crashed)).collect();
        let sends = self.report(setting, run, &Slice { verdicts, rest: Remaining::Running });
        self.send(setting, &sends, usize::MAX);
        run.slice += 1;
    }
}
