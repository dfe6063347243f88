//! How much a history may cost: bounds that are reasoned here and held by every history.

use std::time::Duration;

use domain::ledger::CRASHES;

use crate::setting::{Cancel, Nature, START, Setting, TIMING};

/// Messages of one pack that need no fault: its birth.
const BIRTH: u32 = 1;
/// Messages of one pack because it holds poison: its move to quarantine.
const CONFINED: u32 = 1;
/// Messages of one pack because it is handed back.
const HANDED_BACK: u32 = 1;
/// Probes of one pack in an outage of an hour: after 40 s, then after twice as long each, 40 (2^n - 1) <= 3,600.
const PROBES: u32 = 6;
/// Failed deliveries of one message because its pack holds poison: two until it is moved to quarantine; there each brings
/// one task less.
const KILLS: u32 = 2;
/// How long a history may take without an outage: a few leases, strandings and probes, one after another.
const LONGEST: Duration = Duration::from_secs(900);

impl Setting {
    /// How many messages one pack, which is one attempt of its tasks, may need: each fault costs at most one
    /// more.
    pub fn most_messages(&self) -> u32 {
        let confined = if self.has_poison() { CONFINED } else { 0 };
        let probes = if self.outage.is_some() { PROBES } else { 0 };
        BIRTH + confined + probes + u32::from(self.faults) + HANDED_BACK * u32::from(self.hand_backs)
    }

    /// How often one pack of letters may be sent: as it is born, and once more for each fault. None is sent twice where
    /// nothing is lost.
    pub fn most_letters(&self) -> u32 {
        BIRTH + u32::from(self.faults)
    }

    /// How often one message may fail to be acked.
    pub fn most_failures(&self) -> u32 {
        let kills = if self.has_poison() { KILLS } else { 0 };
        kills + u32::from(self.faults)
    }

    /// How long a history may take: after an outage, the next probe may be far away, and so again with each fault.
    pub fn longest(&self) -> Duration {
        let outage = self.outage.map(|end| end.since(START) + TIMING.quiet_max * (1 + u32::from(self.faults)));
        LONGEST + outage.unwrap_or_default()
    }

    /// Whether a sound task may end otherwise than well: by a cancel, or in quarantine with poison where enough faults
    /// strike just it.
    pub fn may_harm(&self) -> bool {
        self.cancel != Cancel::Never || (self.has_poison() && self.faults >= CRASHES)
    }

    fn has_poison(&self) -> bool {
        self.packs.iter().any(|pack| pack.contains(&Nature::Poison))
    }
}
