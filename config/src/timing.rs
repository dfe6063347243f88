//! The waits of the ledger.

use domain::ledger::Timing;
use domain::limits::HELD_AFTER;

use crate::Settings;

impl Settings {
    /// The waits of the ledger.
    pub fn timing(&self) -> Timing {
        Timing {
            lease: self.claims.lease,
            margin: self.claims.margin,
            resend: self.outbox.resend,
            resend_max: self.outbox.resend_max,
            grace: self.recovery.grace,
            quiet: self.recovery.quiet,
            quiet_max: self.recovery.quiet_max,
            crash_wait: self.recovery.crash,
            open: self.expiry.open,
            keep: self.expiry.keep,
            held_after: HELD_AFTER,
        }
    }
}
