//! Backfill: fire times of the past that are to fire after all.

use serde::Deserialize;

use crate::calendar::Calendar;
use crate::json_body;
use crate::limits::BACKFILL_FIRINGS;
use crate::submission::{Fault, Refusal};
use crate::time::{Timestamp, rfc3339};

/// The body of `POST /v1/schedules/{name}/backfill`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with from and to")]
pub struct BackfillRequest {
    /// The first fire time that counts.
    #[serde(with = "rfc3339")]
    pub from: Timestamp,
    /// The last one.
    #[serde(with = "rfc3339")]
    pub to: Timestamp,
}

/// 2020-01-01: what is known of time zones begins there.
const EARLIEST: Timestamp = Timestamp::from_millis(1_577_836_800_000);

impl BackfillRequest {
    /// Reads the body. What has not come yet is not made up for.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(body: &[u8], now: Timestamp) -> Result<Self, Refusal> {
        let request: Self = json_body::read(body)?;
        let fault = if request.to > now {
            Fault::new("to", format!("lies in the future; now is {now}"))
        } else if request.from > request.to {
            Fault::new("from", "lies after to")
        } else if request.from < EARLIEST {
            Fault::new("from", format!("lies before {EARLIEST}"))
        } else {
            return Ok(request);
        };
        Err(Refusal::Wrong(vec![fault]))
    }
}

/// The fire times of `request`, oldest first.
///
/// # Errors
/// More than one backfill may have.
pub fn fire_times(request: &BackfillRequest, calendar: &Calendar) -> Result<Vec<Timestamp>, Refusal> {
    let before = Timestamp::from_millis(request.from.as_millis() - 1);
    let upcoming = calendar.upcoming(before).take_while(|at| *at <= request.to);
    let times: Vec<Timestamp> = upcoming.take(BACKFILL_FIRINGS + 1).collect();
    match times.get(BACKFILL_FIRINGS) {
        None => Ok(times),
        Some(beyond) => Err(Refusal::Wrong(vec![Fault::new(
            "to",
            format!("more than {BACKFILL_FIRINGS} fire times: go on from {beyond} in another backfill"),
        )])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn field(body: &str) -> String {
        match BackfillRequest::read(body.as_bytes(), NOW) {
            Ok(_) => "fine".to_owned(),
            Err(Refusal::Unreadable(_)) => "unreadable".to_owned(),
            Err(Refusal::Wrong(faults)) => faults[0].field.clone(),
        }
    }

    #[test]
    fn what_lies_in_the_future_or_the_wrong_way_round_is_refused() {
        for (from, to, expected) in [
            ("2027-01-15T07:00:00Z", "2027-01-15T08:00:00Z", "fine"),
            ("2027-01-15T07:00:00Z", "2027-01-15T07:00:00Z", "fine"),
            ("2027-01-15T07:00:00Z", "2027-01-15T08:00:01Z", "to"),
            ("2027-01-15T07:00:01Z", "2027-01-15T07:00:00Z", "from"),
            ("2019-12-31T23:59:59Z", "2027-01-15T07:00:00Z", "from"),
            ("2026-02-30T00:00:00Z", "2027-01-15T07:00:00Z", "from"),
            ("yesterday", "2027-01-15T07:00:00Z", "from"),
        ] {
            assert_eq!(field(&format!(r#"{{"from":"{from}","to":"{to}"}}"#)), expected, "{from} {to}");
        }
        assert_eq!(field(r#"{"from":"2027-01-15T07:00:00Z"}"#), "");
        assert_eq!(field("x"), "unreadable");
    }

    #[test]
    fn both_ends_are_included_and_a_thousand_is_the_most() {
        let minutely = Calendar::new("* * * * *", "UTC").unwrap();
        let request = |minutes: u64| BackfillRequest {
            from: NOW,
            to: Timestamp::from_millis(NOW.as_millis() + minutes * 60_000),
        };
        assert_eq!(fire_times(&request(0), &minutely).unwrap(), [NOW]);
        assert_eq!(fire_times(&request(999), &minutely).unwrap().len(), 1_000);
        assert!(fire_times(&request(1_000), &minutely).is_err());
    }
}
