//! Jitter: a firing put off by a share of its `jitter_seconds`, so that schedules of one fire time do not all begin at once.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::ScheduleName;
use crate::time::Timestamp;

/// How a firing is put off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Whole minutes: a later tick fires it.
    pub tick: Duration,
    /// The seconds beyond them: its tasks start so much later.
    pub tasks: Duration,
}

/// How the firing of `schedule` at `at` is put off: drawn from its key, so that whoever asks gets the same answer.
pub fn hold(schedule: &ScheduleName, at: Timestamp, jitter_seconds: u32) -> Hold {
    let digest =
        Sha256::new().chain_update(schedule.as_str()).chain_update("@").chain_update(at.to_string()).finalize();
    let drawn = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let seconds = drawn % (u64::from(jitter_seconds) + 1);
    Hold { tick: Duration::from_secs(seconds / 60 * 60), tasks: Duration::from_secs(seconds % 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(minute: u64, jitter: u32) -> u64 {
        let name: ScheduleName = "nightly".parse().unwrap();
        let hold = hold(&name, Timestamp::from_millis(minute * 60_000), jitter);
        assert_eq!(hold.tick.as_secs() % 60, 0);
        assert!(hold.tasks < Duration::from_secs(60));
        (hold.tick + hold.tasks).as_secs()
    }

    #[test]
    fn no_jitter_puts_nothing_off() {
        assert!((0..100).all(|minute| seconds(minute, 0) == 0));
    }

    #[test]
    fn firings_are_spread_over_the_whole_jitter_and_no_further() {
        let drawn: Vec<u64> = (0..2_000).map(|minute| seconds(minute, 300)).collect();
        assert!(drawn.iter().all(|seconds| *seconds <= 300));
        let mean = drawn.iter().sum::<u64>() / 2_000;
        assert!((140..=160).contains(&mean), "{mean}");
        assert!(drawn.contains(&0) && drawn.contains(&300));
    }
}
