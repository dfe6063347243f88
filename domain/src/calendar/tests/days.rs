//! Which days an expression means, in UTC.

use super::{at, calendar};

/// The days of the next fire times, from 2026-01-01 on.
fn days(cron: &str, count: usize) -> Vec<String> {
    let calendar = calendar(cron, "UTC");
    calendar.upcoming(at("2025-12-31T23:59:59Z")).take(count).map(|time| calendar.date(time)).collect()
}

#[test]
fn nicknames_stand_for_their_fields() {
    for (nickname, fields) in [
        ("@hourly", "0 * * * *"),
        ("@DAILY", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        (" @Weekly ", "0 0 * * SUN"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 JAN *"),
        ("@annually", "0 0 1 1 *"),
    ] {
        assert_eq!(days(nickname, 50), days(fields, 50), "{nickname}");
    }
}

#[test]
fn names_are_numbers_whatever_their_case() {
    assert_eq!(days("0 0 * JAN-MAR,dec Mon-Fri", 300), days("0 0 * 1-3,12 1-5", 300));
    assert_eq!(days("0 0 * * SUN", 9), days("0 0 * * 0", 9));
    assert_eq!(days("0 0 * * FRI-SUN", 9), days("0 0 * * 5-7", 9));
}

#[test]
fn given_day_and_weekday_either_suffices() {
    assert_eq!(days("0 0 13 * FRI", 3), ["2026-01-02", "2026-01-09", "2026-01-13"]);
    assert_eq!(days("0 0 13 * ?", 2), ["2026-01-13", "2026-02-13"]);
}

#[test]
fn a_plus_joins_day_and_weekday() {
    assert_eq!(days("0 0 13 * +FRI", 3), ["2026-02-13", "2026-03-13", "2026-11-13"]);
}

#[test]
fn last_days_and_nearest_weekdays() {
    assert_eq!(days("0 0 L * *", 3), ["2026-01-31", "2026-02-28", "2026-03-31"]);
    assert_eq!(days("0 0 LW * *", 3), ["2026-01-30", "2026-02-27", "2026-03-31"]);
    assert_eq!(days("0 0 15W * *", 3), ["2026-01-15", "2026-02-16", "2026-03-16"]);
    assert_eq!(days("0 0 1W * *", 3), ["2026-01-01", "2026-02-02", "2026-03-02"]);
}

#[test]
fn last_and_numbered_weekdays_of_a_month() {
    for last_friday in ["0 0 * * 5L", "0 0 * * FRIL", "0 0 * * fril", "0 0 * * FRI#L"] {
        assert_eq!(days(last_friday, 3), ["2026-01-30", "2026-02-27", "2026-03-27"], "{last_friday}");
    }
    assert_eq!(days("0 0 * * MON#2", 3), ["2026-01-12", "2026-02-09", "2026-03-09"]);
    assert_eq!(days("0 0 * * 4#5", 2), ["2026-01-29", "2026-04-30"]);
}

#[test]
fn leap_days_are_found_over_decades() {
    assert_eq!(days("0 0 29 2 *", 2), ["2028-02-29", "2032-02-29"]);
    // 2100 is no leap year, so Mondays of that day are 40 years apart.
    let calendar = calendar("0 0 29 2 +MON", "UTC");
    let found = calendar.next(at("2088-03-01T00:00:00Z")).unwrap();
    assert_eq!(calendar.date(found), "2112-02-29");
    assert_eq!(calendar.date(calendar.last(at("2112-01-01T00:00:00Z")).unwrap()), "2072-02-29");
}

#[test]
fn next_is_after_and_last_is_not() {
    let calendar = calendar("0 * * * *", "UTC");
    let noon = at("2026-01-01T12:00:00Z");
    assert_eq!(calendar.next(noon), Some(at("2026-01-01T13:00:00Z")));
    assert_eq!(calendar.next(at("2026-01-01T11:59:59.999Z")), Some(noon));
    assert_eq!(calendar.last(noon), Some(noon));
    assert_eq!(calendar.last(at("2026-01-01T11:59:59.999Z")), Some(at("2026-01-01T11:00:00Z")));
}
