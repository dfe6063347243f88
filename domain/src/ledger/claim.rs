//! Claim: a numbered, leased right to run a pack's unsettled tasks.

use std::cmp::Ordering;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Ledger, Phase, SettlementRecord, Timing};
use crate::id::{ClaimNumber, PackId};
use crate::indexes::Indexes;
use crate::lane::Lane;
use crate::time::Timestamp;

/// One arrival of a message at a consumer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Delivery {
    /// The message's id, given by the queue.
    pub message: String,
    /// Which arrival of this message it is, counted by the queue; the first is 1.
    pub attempts: u32,
    /// The longest timeout among the tasks it brings, in milliseconds: the lease must have room for it.
    #[serde(rename = "timeout_ms", with = "crate::time::millis")]
    pub timeout: Duration,
    /// The lane it came by; older releases do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<Lane>,
}

/// The answer to a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimAnswer {
    /// Run these.
    Run {
        /// The claim's number.
        claim: ClaimNumber,
        /// The tasks to run.
        indexes: Indexes,
        /// What is left of the lease, in milliseconds.
        #[serde(rename = "lease_ms", with = "crate::time::millis")]
        lease: Duration,
    },
    /// There is nothing to do for this message: ack it.
    Idle(Idle),
}

/// Why there is nothing to do for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Idle {
    /// All of its tasks have ended or moved on to a later pack.
    Settled,
    /// Another message holds the pack's lease.
    Leased,
    /// A later delivery of the same message holds the pack's lease.
    Overtaken,
    /// The job is canceled and runs nothing any more.
    Canceled,
    /// It travels by another lane now: it is in quarantine.
    Moved,
    /// It may not run yet; the outbox sends it when it may.
    NotDue,
    /// No such pack was ever born: not a message of ours.
    Unknown,
}

/// How much before its due time a message may arrive: clocks differ.
const EARLY: Duration = Duration::from_secs(2);

/// What became of a claim.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Its answer.
    pub answer: ClaimAnswer,
    /// What the loss of the claim before it made final, to be stored.
    pub record: Option<SettlementRecord>,
}

impl Ledger {
    /// Claims a pack for a delivery. The same delivery again (its answer was lost) gets the same claim; a later
    /// delivery of the same message takes over at once, because the earlier one is over; another message has to
    /// wait for the lease to end. A canceled job gives no new claims.
    pub fn claim(
        &mut self,
        now: Timestamp,
        id: PackId,
        delivery: &Delivery,
        sent_at: Timestamp,
        timing: &Timing,
    ) -> Claimed {
        if id.0 >= self.job.packs {
            return Claimed { answer: ClaimAnswer::Idle(Idle::Unknown), record: None };
        }
        let lane = delivery.lane.or(self.packs.get(&id).map(|pack| pack.lane)).unwrap_or(self.job.lane);
        self.arrived(now, id, lane, sent_at);
        if let Some(answer) = self.held(now, id, delivery) {
            return Claimed { answer, record: None };
        }
        let lost = self.packs.get(&id).is_some_and(|pack| matches!(pack.phase, Phase::Claimed { .. }));
        let record = if lost { self.lose(now, id, timing) } else { None };
        let answer = match self.turned_away(now, id, lane, sent_at) {
            Some(idle) => ClaimAnswer::Idle(idle),
            None => self.grant(now, id, delivery, timing),
        };
        Claimed { answer, record }
    }

    /// What to tell a delivery of a pack whose lease holds, unless the delivery takes it over.
    fn held(&self, now: Timestamp, id: PackId, delivery: &Delivery) -> Option<ClaimAnswer> {
        let pack = self.packs.get(&id)?;
        let Phase::Claimed { message, delivery: held, until, .. } = &pack.phase else { return None };
        if *until <= now {
            return None;
        }
        if *message != delivery.message {
            return Some(ClaimAnswer::Idle(Idle::Leased));
        }
        match delivery.attempts.cmp(held) {
            Ordering::Less => Some(ClaimAnswer::Idle(Idle::Overtaken)),
            Ordering::Greater => None,
            Ordering::Equal => {
                let (claim, indexes) = (pack.claim, pack.unsettled.clone());
                Some(ClaimAnswer::Run { claim, indexes, lease: until.since(now) })
            }
        }
    }

    /// Why a pack that waits, or is gone, is not to run for a message that was sent at `sent_at`, if so.
    fn turned_away(&mut self, now: Timestamp, id: PackId, lane: Lane, sent_at: Timestamp) -> Option<Idle> {
        let Some(pack) = self.packs.get_mut(&id) else {
            return Some(if self.job.canceled_at.is_some() { Idle::Canceled } else { Idle::Settled });
        };
        if pack.lane != lane {
            return Some(Idle::Moved);
        }
        if pack.due <= now.after(EARLY) {
            return None;
        }
        // An older message than the one under way says nothing of that one.
        if !matches!(pack.phase, Phase::Waiting { sent: Some(sent), .. } if sent > sent_at) {
            pack.phase = Phase::Waiting { sent: None, next_send: pack.due };
            self.changes.packs.insert(id);
        }
        Some(Idle::NotDue)
    }

    /// Gives a claim of a pack that waits.
    fn grant(&mut self, now: Timestamp, id: PackId, delivery: &Delivery, timing: &Timing) -> ClaimAnswer {
        let Some(pack) = self.packs.get_mut(&id) else { return ClaimAnswer::Idle(Idle::Settled) };
        let lease = timing.lease_for(delivery.timeout);
        pack.claim = ClaimNumber(pack.claim.0 + 1);
        pack.phase = Phase::Claimed {
            message: delivery.message.clone(),
            delivery: delivery.attempts,
            until: now.after(lease),
            started: false,
        };
        self.changes.packs.insert(id);
        ClaimAnswer::Run { claim: pack.claim, indexes: pack.unsettled.clone(), lease }
    }
}
