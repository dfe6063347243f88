//! The waits of the ledger and of replays.

use domain::ledger::Timing;
use domain::limits::HELD_AFTER;
use domain::replay::Waits;

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

    /// The waits of replays.
    pub fn waits(&self) -> Waits {
        Waits { poll: self.replays.poll, poll_max: self.replays.poll_max, keep: self.archive.keep }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::id::JobId;
    use domain::kinds::Kind;
    use domain::lane::Lane;
    use domain::ledger::{Job, Ledger, NewChunk, NewPart, Source};
    use domain::time::Timestamp;

    use crate::Environment;

    #[test]
    fn an_hour_of_backlog_in_production_costs_at_most_twenty_probes() {
        let timing = Environment::Production.settings().timing();
        let start = Timestamp::from_millis(1_000_000_000_000);
        let mut ledger = Ledger::begin(Job::new(JobId::random(start, [7; 10]), None, Lane::Bulk, Source::Api, start));
        let chunk =
            |index| NewChunk { kind: Kind::Simulate, due: None, indexes: std::iter::once(index).collect(), bytes: 0 };
        let (key, content) = (String::new(), String::new());
        let part =
            NewPart { key, content, chunks: (0..1_000).map(chunk).collect(), seal: true, owner: Source::Api, at: None };
        ledger.append(start, part, &timing).unwrap();
        let (mut now, mut probes) = (start, 0);
        while now < start.after(Duration::from_secs(3_600)) {
            let woken = ledger.wake(now, &timing);
            probes += woken.sends.len();
            if woken.tell_index {
                ledger.indexed(ledger.job().index.version, ledger.indexed_state());
            }
            now = ledger.next_wake(&timing).unwrap();
        }
        assert!((1..=20).contains(&probes), "{probes}");
    }
}
