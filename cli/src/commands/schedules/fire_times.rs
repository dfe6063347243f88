//! The fire times of a schedule, as people read them.

use std::time::Duration;

use domain::calendar::Calendar;
use domain::time::Timestamp;

use crate::table::second;

/// How the fire times of a schedule are told: in its time zone, or in UTC alone where that is its time zone, or where the
/// server knows one that this program does not.
pub(super) struct FireTimes(Option<Calendar>);

impl FireTimes {
    /// Those of a schedule with this cron expression in this time zone.
    pub(super) fn of(cron: &str, timezone: &str) -> Self {
        Self(Calendar::new(cron, timezone).ok().filter(|_| timezone != "UTC"))
    }

    /// What clocks show there.
    pub(super) fn local(&self, at: Timestamp) -> String {
        self.0.as_ref().map_or_else(|| second(at), |calendar| calendar.local(at))
    }

    /// What clocks show there, and UTC.
    pub(super) fn both(&self, at: Timestamp) -> String {
        match &self.0 {
            Some(calendar) => format!("{}  {}", calendar.local(at), second(at)),
            None => second(at),
        }
    }
}

/// How far ahead something is, in the one unit that matters.
pub(super) fn ahead(span: Duration) -> String {
    let minutes = span.as_secs() / 60;
    match minutes {
        0 => "now".to_owned(),
        1..60 => format!("{minutes} min"),
        60..2_880 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_millis(1_792_000_000_000);

    #[test]
    fn times_are_told_in_the_zone_of_the_schedule_and_in_utc() {
        let berlin = FireTimes::of("0 9 * * 1-5", "Europe/Berlin");
        assert_eq!(berlin.local(AT), "2026-10-14T19:46:40+02:00");
        assert_eq!(berlin.both(AT), "2026-10-14T19:46:40+02:00  2026-10-14T17:46:40Z");
    }

    #[test]
    fn utc_is_told_once_and_stands_in_for_what_is_not_known() {
        for (cron, zone) in [("0 9 * * *", "UTC"), ("0 9 * * *", "Europe/Atlantis"), ("@solstice", "Europe/Berlin")] {
            let times = FireTimes::of(cron, zone);
            assert_eq!((times.local(AT), times.both(AT)), (second(AT), second(AT)), "{cron} {zone}");
        }
    }

    #[test]
    fn how_far_ahead_has_one_unit() {
        for (seconds, text) in [
            (0, "now"),
            (59, "now"),
            (60, "1 min"),
            (3_599, "59 min"),
            (3_600, "1 h"),
            (172_799, "47 h"),
            (172_800, "2 d"),
        ] {
            assert_eq!(ahead(Duration::from_secs(seconds)), text);
        }
    }
}
