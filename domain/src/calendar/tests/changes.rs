//! Where clocks are put forward or back, in zones that do it differently.

use super::{at, calendar, upcoming};

#[test]
fn a_time_of_day_that_is_skipped_fires_once_right_after() {
    let fires = upcoming("30 2 * * *", "Europe/Berlin", "2026-03-27T12:00:00Z", 3);
    assert_eq!(fires, ["2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]);
    let fires = upcoming("0 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", 2);
    assert_eq!(fires, ["2026-03-08T03:00:00-04:00", "2026-03-09T02:00:00-04:00"]);
    let fires = upcoming("0 2,14 * * *", "America/New_York", "2026-03-08T00:00:00Z", 3);
    assert_eq!(fires, ["2026-03-08T03:00:00-04:00", "2026-03-08T14:00:00-04:00", "2026-03-09T02:00:00-04:00"]);
    let fires = upcoming("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", 2);
    assert_eq!(fires, ["2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"]);
}

#[test]
fn a_time_of_day_that_comes_twice_fires_at_the_first() {
    let fires = upcoming("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2);
    assert_eq!(fires, ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"]);
    let fires = upcoming("0 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", 2);
    assert_eq!(fires, ["2026-11-01T01:00:00-04:00", "2026-11-02T01:00:00-05:00"]);
    let fires = upcoming("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00Z", 2);
    assert_eq!(fires, ["2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"]);
}

#[test]
fn a_rhythm_skips_what_clocks_skip() {
    let fires = upcoming("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 3);
    assert_eq!(fires, ["2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"]);
    let fires = upcoming("*/20 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", 2);
    assert_eq!(fires, ["2026-10-04T02:40:00+11:00", "2026-10-05T02:00:00+11:00"]);
}

#[test]
fn a_rhythm_fires_again_when_its_times_come_again() {
    let fires = upcoming("30 * * * *", "Europe/Berlin", "2026-10-24T23:59:59Z", 3);
    assert_eq!(fires, ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:30:00+01:00"]);
    let fires = upcoming("*/30 1 * * *", "America/New_York", "2026-11-01T00:00:00Z", 4);
    let offsets: Vec<&str> = fires.iter().map(|time| &time[11..]).collect();
    assert_eq!(offsets, ["01:00:00-04:00", "01:30:00-04:00", "01:00:00-05:00", "01:30:00-05:00"]);
    let fires = upcoming("*/15 1 * * *", "Australia/Lord_Howe", "2026-04-04T13:59:59Z", 6);
    let times: Vec<&str> = fires.iter().map(|time| &time[11..16]).collect();
    assert_eq!(times, ["01:00", "01:15", "01:30", "01:45", "01:30", "01:45"]);
}

#[test]
fn a_skipped_time_may_fire_on_the_next_day() {
    // Clocks in Greenland go from Saturday 22:59 to Sunday 00:00.
    let fires = upcoming("30 23 * * SAT", "America/Scoresbysund", "2026-03-28T12:00:00Z", 2);
    assert_eq!(fires, ["2026-03-29T00:00:00-01:00", "2026-04-04T23:30:00-01:00"]);
}

#[test]
fn a_gap_may_be_longer_than_two_hours() {
    let fires = upcoming("10 0 * * *", "Antarctica/Casey", "2021-10-02T00:00:00Z", 2);
    assert_eq!(fires, ["2021-10-03T03:01:00+11:00", "2021-10-04T00:10:00+11:00"]);
}

#[test]
fn ramadan_puts_clocks_back_in_morocco() {
    let fires = upcoming("30 2 * * *", "Africa/Casablanca", "2026-02-14T12:00:00Z", 2);
    assert_eq!(fires, ["2026-02-15T02:30:00+01:00", "2026-02-16T02:30:00+00:00"]);
    let fires = upcoming("30 2 * * *", "Africa/Casablanca", "2026-03-21T12:00:00Z", 1);
    assert_eq!(fires, ["2026-03-22T03:00:00+01:00"]);
}

#[test]
fn zones_without_changes_have_none() {
    for (zone, offset) in [
        ("America/Sao_Paulo", "-03:00"),
        ("Asia/Kathmandu", "+05:45"),
        ("Pacific/Apia", "+13:00"),
        ("UTC", "+00:00"),
        ("Etc/GMT+5", "-05:00"),
    ] {
        let fires = upcoming("30 2 * * *", zone, "2026-01-01T00:00:00Z", 365);
        assert!(fires.iter().all(|time| time.ends_with(&format!("T02:30:00{offset}"))), "{zone}");
        assert_eq!(fires.len(), 365);
    }
}

#[test]
fn the_day_is_the_one_of_the_zone() {
    let noon = at("2026-03-29T12:30:00.999Z");
    assert_eq!(calendar("@daily", "Pacific/Kiritimati").date(noon), "2026-03-30");
    assert_eq!(calendar("@daily", "Pacific/Pago_Pago").date(noon), "2026-03-29");
    assert_eq!(calendar("@daily", "Asia/Kathmandu").local(noon), "2026-03-29T18:15:00+05:45");
}

#[test]
fn no_calendar_begins_before_2020() {
    let calendar = calendar("0 0 * * *", "UTC");
    assert_eq!(calendar.next(at("1970-01-01T00:00:00Z")), Some(at("2020-01-01T00:00:00Z")));
    assert_eq!(calendar.last(at("2020-01-01T00:00:00Z")), Some(at("2020-01-01T00:00:00Z")));
    assert_eq!(calendar.last(at("2019-12-31T23:59:59.999Z")), None);
}

#[test]
fn the_end_of_time_is_no_panic() {
    let calendar = calendar("* * * * *", "Europe/Berlin");
    for ms in [u64::MAX, i64::MAX as u64, 253_402_300_799_999] {
        let end = crate::time::Timestamp::from_millis(ms);
        assert_eq!(calendar.next(end), None);
        assert!(calendar.last(end).is_some());
        assert_eq!(calendar.local(end), end.to_string());
        assert_eq!(calendar.date(end), end.to_string());
    }
}
