//! When a call that failed for now is made again.

use std::time::Duration;

/// The waits before the second, third and fourth call.
const WAITS: [Duration; 3] = [Duration::from_millis(250), Duration::from_secs(1), Duration::from_secs(3)];

/// The longest wait that a server may ask for and get.
const LONGEST: Duration = Duration::from_secs(30);

/// How long to wait after the call number `calls` (from 1) failed and the server asked for `asked`; `None` is to
/// give up.
pub(crate) fn wait(calls: usize, asked: Option<Duration>) -> Option<Duration> {
    let wait = *WAITS.get(calls.checked_sub(1)?)?;
    match asked {
        Some(asked) if asked > LONGEST => None,
        Some(asked) => Some(asked),
        None => Some(wait),
    }
}

/// Reads a `Retry-After` in seconds. One that is a date is not understood: then our own waits count.
pub(crate) fn read_retry_after(header: &str) -> Option<Duration> {
    header.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_made_four_times_with_growing_waits() {
        let waits: Vec<_> = (1..=4).map(|calls| wait(calls, None).map(|wait| wait.as_millis())).collect();
        assert_eq!(waits, [Some(250), Some(1_000), Some(3_000), None]);
    }

    #[test]
    fn what_the_server_asks_for_counts_unless_it_is_too_long() {
        assert_eq!(wait(1, Some(Duration::from_secs(7))), Some(Duration::from_secs(7)));
        assert_eq!(wait(3, Some(Duration::ZERO)), Some(Duration::ZERO));
        assert_eq!(wait(1, Some(Duration::from_secs(31))), None);
        assert_eq!(wait(4, Some(Duration::ZERO)), None);
    }

    #[test]
    fn only_seconds_are_understood() {
        assert_eq!(read_retry_after(" 5 "), Some(Duration::from_secs(5)));
        assert_eq!(read_retry_after("Wed, 21 Oct 2026 07:28:00 GMT"), None);
    }
}
