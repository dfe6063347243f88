//! What is measured, minute by minute.

use std::time::Duration;

use crate::moment::Moment;

/// One minute of a run, as simulated.
#[derive(Clone, Debug, Default)]
pub struct Minute {
    /// Tasks accepted.
    pub accepted: u64,
    /// Tasks that succeeded.
    pub succeeded: u64,
    /// Tasks that died.
    pub dead: u64,
    /// Attempts that ended.
    pub attempts: u64,
    /// Messages that the lanes took, or refused until the sender gave up.
    pub sent: u64,
    /// Time that consumers' invocations ran, added up.
    pub consumers: Duration,
    /// Time that requests to the downstream took, added up.
    pub requests: Duration,
    /// Messages of letters, the same way.
    pub letters_sent: u64,
    /// Time that the archive's invocations ran, added up.
    pub archivers: Duration,
    /// Puts to KV.
    pub puts: u64,
    /// Time that D1 worked.
    pub database: Duration,
    /// Requests of the ledger that had the most of them.
    pub busiest_ledger: u64,
    /// Requests of all ledgers.
    pub ledgers: u64,
    /// Tasks that have not ended, when it ends.
    pub open: u64,
    /// Bytes that wait in the fullest lane, when it ends.
    pub backlog_bytes: u64,
    /// How long the first in line has waited there, when it ends.
    pub age: Duration,
}

/// What is measured.
#[derive(Clone, Debug, Default)]
pub struct Gauges {
    /// Minute by minute.
    pub minutes: Vec<Minute>,
    /// Messages of packs, and of letters, that were not taken by their queue in time: the outbox has them.
    pub refused: u64,
    /// Messages that arrived and had nothing to do.
    pub idle: u64,
    /// Tasks that were handed back, uncharged.
    pub handed_back: u64,
    /// Messages of packs that arrived.
    pub deliveries: u64,
    /// The longest invocation of a consumer.
    pub longest: Duration,
    /// The most tasks that one invocation ran.
    pub most_tasks: u64,
    /// The most requests that one invocation made.
    pub most_requests: u64,
    /// The most operations on KV that one invocation made.
    pub most_puts: u64,
}

impl Gauges {
    /// The minute of `at`.
    pub fn at(&mut self, at: Moment) -> &mut Minute {
        self.minute(at.minute())
    }

    /// Adds the time from `from` to `to` to each minute that it lies in.
    pub fn spread(&mut self, from: Moment, to: Moment, field: impl Fn(&mut Minute) -> &mut Duration) {
        for minute in from.minute()..=to.minute() {
            let begins = Moment(minute as u64 * 60_000_000).max(from);
            let ends = Moment((minute as u64 + 1) * 60_000_000).min(to);
            *field(self.minute(minute)) += ends.since(begins);
        }
    }

    /// The sum of what `field` counts.
    pub fn total(&self, field: impl Fn(&Minute) -> u64) -> u64 {
        self.minutes.iter().map(field).sum()
    }

    fn minute(&mut self, minute: usize) -> &mut Minute {
        if self.minutes.len() <= minute {
            self.minutes.resize_with(minute + 1, Minute::default);
        }
        &mut self.minutes[minute]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn time_that_is_spread_over_minutes_stays_as_long(from in 0..500_000_000_u64, took in 0..900_000_000_u64) {
            let mut gauges = Gauges::default();
            gauges.spread(Moment(from), Moment(from + took), |minute| &mut minute.consumers);
            let total: Duration = gauges.minutes.iter().map(|minute| minute.consumers).sum();
            prop_assert_eq!(total, Duration::from_micros(took));
            prop_assert!(gauges.minutes.iter().all(|minute| minute.consumers <= Duration::from_secs(60)));
        }
    }
}
