//! When a failed task runs again: the curve, the jitter, and what the other side asked for.
//!
//! The curve is `backoff`'s, with its randomness off, no time limit and a clock that stands still, so that it is
//! a pure function; our own passed-in generator adds the jitter.

use std::time::Duration;

use backoff::Clock;
use backoff::backoff::Backoff;
use backoff::exponential::{ExponentialBackoff, ExponentialBackoffBuilder};
use instant::Instant;
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::limits::MESSAGE_DELAY;

/// How a kind's failed tasks are tried again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetryPolicy {
    /// The wait after the first attempt, in milliseconds.
    #[serde(rename = "initial_interval_ms", with = "crate::time::millis")]
    pub initial_interval: Duration,
    /// What the wait grows by with each attempt.
    pub multiplier: f64,
    /// How far the wait may be drawn from the curve, as a share of it: 0.5 is ± 50 %.
    pub randomization_factor: f64,
    /// The longest wait of the curve, in milliseconds.
    #[serde(rename = "max_interval_ms", with = "crate::time::millis")]
    pub max_interval: Duration,
    /// Attempts of a task that does not say.
    pub max_attempts: u8,
    /// No new attempt starts when this long has passed since the task was accepted, in milliseconds.
    #[serde(rename = "max_elapsed_ms", with = "crate::time::millis::option", default)]
    pub max_elapsed: Option<Duration>,
}

impl RetryPolicy {
    /// The curve: the wait after `attempt` failed, without jitter. The first attempt is 1.
    pub fn interval(&self, attempt: u8) -> Duration {
        let mut curve: ExponentialBackoff<StandingClock> = ExponentialBackoffBuilder::new()
            .with_initial_interval(self.initial_interval)
            .with_multiplier(self.multiplier)
            .with_randomization_factor(0.0)
            .with_max_interval(self.max_interval)
            .with_max_elapsed_time(None)
            .build();
        let mut interval = self.initial_interval;
        for _ in 0..attempt.max(1) {
            interval = curve.next_backoff().unwrap_or(self.max_interval);
        }
        interval.min(self.max_interval)
    }

    /// The wait after `attempt` failed, drawn around the curve. Drawn once for all tasks of a pack's attempt, so
    /// that they stay together.
    pub fn draw(&self, attempt: u8, rng: &mut impl Rng) -> Duration {
        let share = 1.0 + self.randomization_factor * rng.random_range(-1.0..=1.0);
        let drawn = self.interval(attempt).mul_f64(share);
        Duration::from_millis(u64::try_from(drawn.as_millis()).unwrap_or(u64::MAX))
    }
}

/// The wait when the other side asked for `after`: it moves the drawn wait upwards only, at most to a day, rounded
/// up so that neighbours share a pack.
pub fn honour(drawn: Duration, after: Option<Duration>) -> Duration {
    match after {
        Some(after) if after > drawn => round_up(after.min(MESSAGE_DELAY)).min(MESSAGE_DELAY),
        _ => drawn,
    }
}

/// Rounds up to a multiple of the largest power of two of seconds that is at most an eighth of `delay`.
fn round_up(delay: Duration) -> Duration {
    let step = (delay.as_secs() / 8).checked_ilog2().map_or(1, |log| 1_u64 << log);
    let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
    Duration::from_secs(seconds.next_multiple_of(step))
}

/// A clock that stands still: with no time limit set `backoff` reads it and nothing follows from it.
#[derive(Debug, Default)]
struct StandingClock(std::sync::OnceLock<Instant>);

impl Clock for StandingClock {
    fn now(&self) -> Instant {
        *self.0.get_or_init(|| backoff::SystemClock::default().now())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    fn policy() -> RetryPolicy {
        RetryPolicy {
            initial_interval: Duration::from_secs(1),
            multiplier: 2.0,
            randomization_factor: 0.5,
            max_interval: Duration::from_secs(30),
            max_attempts: 5,
            max_elapsed: None,
        }
    }

    #[test]
    fn the_curve_doubles_up_to_its_maximum() {
        let seconds: Vec<u64> = (1..=8).map(|attempt| policy().interval(attempt).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn an_initial_interval_above_the_maximum_is_capped() {
        let policy = RetryPolicy { initial_interval: Duration::from_secs(60), ..policy() };
        assert_eq!(policy.interval(1), Duration::from_secs(30));
    }

    #[test]
    fn what_the_other_side_asks_for_only_moves_upwards() {
        let drawn = Duration::from_secs(4);
        assert_eq!(honour(drawn, None), drawn);
        assert_eq!(honour(drawn, Some(Duration::from_secs(1))), drawn);
        assert_eq!(honour(drawn, Some(Duration::from_millis(6_500))), Duration::from_secs(7));
        assert_eq!(honour(drawn, Some(Duration::from_secs(u64::MAX))), MESSAGE_DELAY);
    }

    #[test]
    fn neighbours_that_ask_for_about_the_same_share_a_due_time() {
        let due: Vec<u64> =
            (113..=128).map(|s| honour(Duration::ZERO, Some(Duration::from_secs(s))).as_secs()).collect();
        assert_eq!(due.iter().collect::<std::collections::BTreeSet<_>>().len(), 2, "{due:?}");
    }

    proptest! {
        #[test]
        fn jitter_stays_within_its_factor(attempt in 1..100_u8, seed: u64, factor in 0.0..1.0_f64) {
            let policy = RetryPolicy { randomization_factor: factor, ..policy() };
            let curve = policy.interval(attempt).as_secs_f64();
            let drawn = policy.draw(attempt, &mut StdRng::seed_from_u64(seed)).as_secs_f64();
            prop_assert!(drawn >= curve * (1.0 - factor) - 0.001 && drawn <= curve * (1.0 + factor) + 0.001);
        }

        #[test]
        fn rounding_never_shortens_and_adds_at_most_an_eighth_or_a_second(ms in 0..86_400_000_u64) {
            let delay = Duration::from_millis(ms);
            let rounded = round_up(delay);
            prop_assert!(rounded >= delay);
            prop_assert!(rounded - delay <= (delay / 8).max(Duration::from_secs(1)));
        }
    }
}
