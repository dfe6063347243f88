//! Claim: a numbered, leased right to run a pack's unsettled tasks.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Ledger, Phase, Timing};
use crate::id::{ClaimNumber, PackId};
use crate::indexes::Indexes;
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
    /// It may not run yet; the outbox sends it when it may.
    NotDue,
    /// No such pack was ever born: not a message of ours.
    Unknown,
}

/// How much before its due time a message may arrive: clocks differ.
const EARLY: Duration = Duration::from_secs(2);

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
    ) -> ClaimAnswer {
        let lane = self.packs.get(&id).map_or(self.job.lane, |pack| pack.lane);
        self.arrived(now, lane, sent_at);
        let born = id.0 < self.job.packs;
        let Some(pack) = self.packs.get_mut(&id) else {
            return ClaimAnswer::Idle(if born { Idle::Settled } else { Idle::Unknown });
        };
        match &pack.phase {
            Phase::Waiting { .. } if pack.due > now.after(EARLY) => {
                let due = pack.due;
                pack.phase = Phase::Waiting { sent: None, next_send: due };
                self.changes.packs.insert(id);
                return ClaimAnswer::Idle(Idle::NotDue);
            }
            Phase::Claimed { message, delivery: held, until } if *until > now => {
                let same = *message == delivery.message;
                if same && *held == delivery.attempts {
                    return ClaimAnswer::Run {
                        claim: pack.claim,
                        indexes: pack.unsettled.clone(),
                        lease: until.since(now),
                    };
                }
                if !same {
                    return ClaimAnswer::Idle(Idle::Leased);
                }
                if *held > delivery.attempts {
                    return ClaimAnswer::Idle(Idle::Overtaken);
                }
            }
            Phase::Waiting { .. } | Phase::Claimed { .. } => {}
        }
        if let Phase::Claimed { until, .. } = &mut pack.phase {
            if self.job.canceled_at.is_some() {
                // The claim is lost and nothing may follow it: the alarm, now due, cancels its tasks.
                *until = now;
                self.changes.packs.insert(id);
                return ClaimAnswer::Idle(Idle::Canceled);
            }
            pack.losses += 1;
        }
        let lease = timing.lease_for(delivery.timeout);
        pack.claim = ClaimNumber(pack.claim.0 + 1);
        pack.phase =
            Phase::Claimed { message: delivery.message.clone(), delivery: delivery.attempts, until: now.after(lease) };
        self.changes.packs.insert(id);
        ClaimAnswer::Run { claim: pack.claim, indexes: pack.unsettled.clone(), lease }
    }
}
