//! The flow of a job's messages: what their arrivals say of those that have not arrived.
//!
//! A queue may lose messages without a word (a broker that restarts, a retention that ends). A message's arrival is the
//! proof that its lane flows: what was sent well before it and has not arrived is lost. Where nothing arrives at all,
//! one message is sent as a probe, ever more rarely: an outage must not become a storm.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Ledger, PackRecord, Phase, Timing};
use crate::id::PackId;
use crate::lane::Lane;
use crate::time::Timestamp;

/// What is known of the flow of a job's messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Flow {
    /// By lane, when the latest of the messages that arrived was sent.
    #[serde(default)]
    pub watermarks: BTreeMap<Lane, Timestamp>,
    /// When a message last arrived.
    #[serde(default)]
    pub last_arrival: Timestamp,
    /// When the last probe was sent.
    #[serde(default)]
    pub last_probe: Timestamp,
    /// Probes since the last arrival.
    #[serde(default)]
    pub probes: u32,
    /// Before this, no lost pack is sent again: they are sent at a rate.
    #[serde(default)]
    pub not_before: Timestamp,
}

/// Lost packs that are sent again in one second.
pub(super) const LOST_PER_SECOND: usize = 100;

impl Ledger {
    /// A message of the pack arrived by the lane that was sent at `sent_at`, whatever its claim is answered. A sender's
    /// clock may be ahead of ours: nothing was sent after it arrived. Where no other pack is under way there is none
    /// that the arrival could tell of, and no row is written for it.
    pub(super) fn arrived(&mut self, now: Timestamp, id: PackId, lane: Lane, sent_at: Timestamp) {
        let under_way = |pack: &PackRecord| matches!(pack.phase, Phase::Waiting { sent: Some(_), .. });
        let alone = !self.packs.iter().any(|(other, pack)| *other != id && under_way(pack));
        if alone && self.job.flow.probes == 0 {
            return;
        }
        let watermark = self.job.flow.watermarks.entry(lane).or_default();
        *watermark = sent_at.min(now).max(*watermark);
        self.job.flow.last_arrival = now.max(self.job.flow.last_arrival);
        self.job.flow.probes = 0;
        self.changes.job = true;
    }

    /// The packs whose messages are lost: sent longer than the grace before one that arrived.
    pub(super) fn lost(&self, timing: &Timing) -> impl Iterator<Item = PackId> + '_ {
        let grace = timing.grace;
        self.packs.iter().filter_map(move |(id, pack)| {
            let Phase::Waiting { sent: Some(sent), .. } = pack.phase else { return None };
            let watermark = self.job.flow.watermarks.get(&pack.lane)?;
            (sent.after(grace) < *watermark).then_some(*id)
        })
    }

    /// The pack whose message has been under way for longest, and since when.
    pub(super) fn longest_under_way(&self) -> Option<(PackId, Timestamp)> {
        let sent = self.packs.iter().filter_map(|(id, pack)| match pack.phase {
            Phase::Waiting { sent: Some(sent), .. } => Some((*id, sent)),
            Phase::Waiting { .. } | Phase::Claimed { .. } => None,
        });
        sent.min_by_key(|(id, sent)| (*sent, *id))
    }

    /// When the job has been quiet for so long that a probe is due; `None` if nothing is under way.
    pub(super) fn probe_due(&self, timing: &Timing) -> Option<Timestamp> {
        let (_, sent) = self.longest_under_way()?;
        let quiet_since = sent.max(self.job.flow.last_arrival).max(self.job.flow.last_probe);
        Some(quiet_since.after(quiet_wait(self.job.flow.probes, timing.quiet, timing.quiet_max)))
    }
}

/// How long it must be quiet before the next probe: `first`, doubling up to `longest`.
pub(super) fn quiet_wait(probes: u32, first: Duration, longest: Duration) -> Duration {
    let factor = 1_u32.checked_shl(probes).unwrap_or(u32::MAX);
    first.saturating_mul(factor).min(longest)
}
