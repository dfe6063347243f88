//! Machines that must fail: each proves that the check would see what it is there to see.

use domain::ledger::Timing;

use crate::setting::TIMING;

/// How the machine is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// As the Workers drive it.
    AsBuilt,
    /// No alarm ever comes: what was not sent, or not heard of, stays so.
    NoOutbox,
    /// Whoever settles first is believed, whichever claim he has.
    FirstSettlementWins,
    /// Whoever takes over a lost claim charges its first task a crash.
    LossCharged,
    /// A message whose pack is leased to another comes again instead of being acked.
    RetriesHeldLease,
    /// A quiet job is probed as often after an hour as in the beginning.
    ProbesWithoutBackOff,
}

impl Variant {
    /// The ledger's waits.
    pub fn timing(self) -> Timing {
        match self {
            Self::ProbesWithoutBackOff => Timing { quiet_max: TIMING.quiet, ..TIMING },
            _ => TIMING,
        }
    }
}
