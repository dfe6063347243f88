//! A message arrives at a consumer, which claims its pack.

use domain::id::PackId;
use domain::lane::Lane;
use domain::ledger::{ClaimAnswer, Claimed, Delivery, Idle, Ledger, PackRecord, Phase, SettlementRecord};
use domain::verdict::Reason;

use crate::actions::Call;
use crate::message::Body;
use crate::property::Rule;
use crate::run::{Remaining, Run, Slice};
use crate::setting::{Nature, Setting, TIMEOUT};
use crate::variant::Variant;
use crate::world::World;

impl World {
    /// The message at `at` arrives.
    pub fn claim(&mut self, setting: &Setting, at: usize, call: Call) -> Option<()> {
        let message = self.messages.remove(at);
        let Body::Pack { id, lane, attempt, .. } = message.body else { return None };
        if call == Call::NotWritten {
            self.redeliver(setting, message);
            return Some(());
        }
        let asking =
            Delivery { message: message.id(), attempts: message.failed + 1, timeout: TIMEOUT, lane: Some(lane) };
        let now = self.now;
        let before = self.ledger.clone();
        let timing = setting.variant.timing();
        let Claimed { answer, record } = self.call(|ledger| ledger.claim(now, id, &asking, message.sent_at, &timing));
        self.check_losses(setting, &before, record.as_slice());
        self.record(&record);
        self.check_claim(before.pack(id), &asking, &answer);
        if let ClaimAnswer::Run { .. } = answer {
            // A caller who did not hear asks again at once.
            let again = self.ledger.as_ref().clone().claim(now, id, &asking, message.sent_at, &timing);
            self.broken.unless(again.answer == answer && again.record.is_none(), Rule::Lease);
        }
        match (answer, call) {
            (_, Call::AnswerLost) => self.redeliver(setting, message),
            (ClaimAnswer::Idle(Idle::Leased), _) if setting.variant == Variant::RetriesHeldLease => {
                self.redeliver(setting, message);
            }
            (ClaimAnswer::Idle(_), _) => {}
            (ClaimAnswer::Run { claim, indexes, .. }, _) => {
                if message.twin {
                    // When one of the two comes again, it takes over from the other, which lives.
                    self.strike(lane, id, claim);
                }
                let message = Some(message);
                let mut run = Run {
                    message,
                    pack: id,
                    lane,
                    attempt,
                    claim,
                    left: indexes,
                    slice: 0,
                    // In quarantine it says that it starts before it does.
                    unanswered: (lane == Lane::Quarantine)
                        .then(|| Slice { verdicts: Vec::new(), rest: Remaining::Running }),
                    from: now,
                    by: now,
                };
                let lost = before.pack(id).is_some_and(|pack| matches!(pack.phase, Phase::Claimed { .. }));
                if lost && setting.variant == Variant::LossCharged {
                    self.charge_loss(setting, &mut run);
                }
                self.runs.push(run);
            }
        }
        Some(())
    }

    /// A claim hands out what has not ended, and what nobody else holds.
    fn check_claim(&mut self, before: Option<&PackRecord>, asking: &Delivery, answer: &ClaimAnswer) {
        let ClaimAnswer::Run { indexes, .. } = answer else { return };
        let runs_again = indexes.iter().any(|index| self.facts.task(index).ended.is_some());
        self.broken.unless(!runs_again && !indexes.is_empty(), Rule::Once);
        let Some(before) = before else { return self.broken.note(Rule::Once) };
        self.broken.unless(indexes.intersection(&before.unsettled) == *indexes, Rule::Once);
        if let Phase::Claimed { message, until, .. } = &before.phase {
            self.broken.unless(*message == asking.message || *until <= self.now, Rule::Lease);
        }
    }

    /// A lost claim charges nobody an attempt; in quarantine it charges a crash to poison, or to whom a fault struck.
    pub fn check_losses(&mut self, setting: &Setting, before: &Ledger, records: &[SettlementRecord]) {
        for record in records {
            let dead = record.dead.iter();
            let charged = record.retried.is_empty() && dead.clone().all(|(_, reason, _)| *reason == Reason::Crashed);
            self.broken.unless(charged, Rule::Neighbours);
            let crashed = record.crashed.iter().map(|(index, _)| *index).chain(dead.map(|(index, ..)| *index));
            for index in crashed.filter(|index| setting.nature(*index) != Nature::Poison) {
                let mut packs = (0..before.job().packs).map(PackId).filter_map(|id| Some((id, before.pack(id)?)));
                let struck =
                    packs.any(|(id, pack)| pack.unsettled.contains(index) && self.struck.contains(&(id, pack.claim)));
                self.broken.unless(struck, Rule::Neighbours);
            }
        }
    }

    /// A fault strikes a claim. In quarantine that may charge whoever ran: it cannot be told from poison.
    pub fn strike(&mut self, lane: Lane, pack: PackId, claim: domain::id::ClaimNumber) {
        if lane == Lane::Quarantine {
            self.struck.insert((pack, claim));
        }
    }

    /// The consumer that took `message` is no more: the queue delivers it again.
    pub fn dies(&mut self, setting: &Setting, run: Run) {
        if let Some(message) = run.message {
            self.redeliver(setting, message);
        }
    }
}
