//! A point in time, as it is typed.

use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::time::Timestamp;

use crate::span;

/// A point in time, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// A time.
    At(Timestamp),
    /// So long ago.
    Ago(Duration),
}

/// Text that is no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither an RFC 3339 time such as 2027-01-15T08:00:00Z nor a span back from now such as 30m, 12h or 7d")]
pub(crate) struct UnreadableMoment;

impl Moment {
    /// When that is.
    pub(crate) fn resolve(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(time) => time,
            // What would lie before 1970 is its first moment.
            Self::Ago(span) => Timestamp::default().after(now.since(Timestamp::default().after(span))),
        }
    }
}

impl FromStr for Moment {
    type Err = UnreadableMoment;

    fn from_str(text: &str) -> Result<Self, UnreadableMoment> {
        Timestamp::parse_rfc3339(text)
            .map(Self::At)
            .or_else(|| span::read(text).ok().map(Self::Ago))
            .ok_or(UnreadableMoment)
    }
}

/// The time it is.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::default().after(since)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_792_000_000_123);

    fn resolved(text: &str) -> Option<String> {
        text.parse::<Moment>().ok().map(|moment| moment.resolve(NOW).to_string())
    }

    #[test]
    fn a_span_counts_back_from_now() {
        for (text, time) in [
            ("0s", "2026-10-14T17:46:40.123Z"),
            ("30m", "2026-10-14T17:16:40.123Z"),
            ("12h", "2026-10-14T05:46:40.123Z"),
            ("7d", "2026-10-07T17:46:40.123Z"),
            ("1w", "2026-10-07T17:46:40.123Z"),
            ("99999999999w", "1970-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(resolved(text).as_deref(), Some(time), "{text}");
        }
    }

    #[test]
    fn a_time_is_taken_as_it_is_whatever_its_offset() {
        let expected = Some("2027-01-15T08:00:00.000Z".to_owned());
        for text in ["2027-01-15T08:00:00Z", "2027-01-15T09:00:00.000+01:00"] {
            assert_eq!(resolved(text), expected);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", "h", "12", "-1h", "+1h", "1.5h", "1 h", "12H", "2027-01-15", "tomorrow", "99999999999999999999w"]
        {
            assert_eq!(text.parse::<Moment>(), Err(UnreadableMoment), "{text}");
        }
    }
}
