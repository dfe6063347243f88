//! The time of the simulation.

use std::time::Duration;

use domain::time::Timestamp;

/// What the ledgers' clocks show when the simulation begins.
const BEGINNING: u64 = 1_800_000_000_000;

/// A point in simulated time: microseconds since the beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub u64);

impl Moment {
    /// This point and `duration` more.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0 + duration.as_micros() as u64)
    }

    /// How far this point lies after `earlier`; zero if it does not.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// The minute that it lies in, counted from the beginning.
    pub fn minute(self) -> usize {
        (self.0 / 60_000_000) as usize
    }

    /// What our clocks show.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_millis(BEGINNING + self.0 / 1_000)
    }

    /// The first point at which our clocks show `at`.
    pub fn of(at: Timestamp) -> Self {
        Self(at.as_millis().saturating_sub(BEGINNING) * 1_000)
    }
}
