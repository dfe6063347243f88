//! What is refused, and what is said about it.

use proptest::prelude::*;

use crate::calendar::{Calendar, Cron, CronError};
use crate::time::Timestamp;

fn refused(cron: &str) -> String {
    let error = Calendar::new(cron, "Europe/Berlin").unwrap_err();
    let fields: Vec<_> = error.fields().collect();
    assert_eq!(fields.len(), 1);
    assert_eq!(fields[0].0, "cron");
    fields[0].1.clone()
}

#[test]
fn five_fields_are_expected() {
    for (cron, found) in [("", 0), (" \t ", 0), ("0 0 * *", 4), ("0 0 0 * * *", 6), ("0 0 0 * * * 2026", 7)] {
        assert_eq!(refused(cron), format!("expected five fields: minute hour day month weekday; found {found}"));
    }
}

#[test]
fn the_wrong_field_is_named() {
    for (cron, field) in [
        ("60 * * * *", "minute"),
        ("*/0 * * * *", "minute"),
        ("5-1 * * * *", "minute"),
        (", * * * *", "minute"),
        ("1,,2 * * * *", "minute"),
        ("MON * * * *", "minute"),
        ("L * * * *", "minute"),
        ("-1 * * * *", "minute"),
        ("99999999999 * * * *", "minute"),
        ("* 24 * * *", "hour"),
        ("* * 0 * *", "day"),
        ("* * 32 * *", "day"),
        ("* * * 13 *", "month"),
        ("* * * JAN1 *", "month"),
        ("* * * JANFEB *", "month"),
        ("* * * * 8", "weekday"),
        ("* * * * MON1", "weekday"),
        ("* * * * 1#6", "weekday"),
        ("* * * * 星期一", "weekday"),
        ("* * * * ſun", "weekday"),
        ("* * * * @daily", "weekday"),
    ] {
        let refused = refused(cron);
        assert!(refused.starts_with(&format!("{field}: ")), "{cron}: {refused}");
    }
    let expected = "hour: \"24\" is not understood; expected 0-23, *, a list 1,2, a range 1-3 or a step */5";
    assert_eq!(refused("* 24 * * *"), expected);
}

#[test]
fn an_unknown_nickname_hears_of_the_known() {
    for cron in ["@reboot", "@every 5m", "@"] {
        let refused = refused(cron);
        assert!(refused.starts_with(&format!("unknown nickname {cron:?}; known are @yearly,")), "{refused}");
    }
}

#[test]
fn long_texts_are_refused_by_their_length() {
    assert_eq!(refused(&"1".repeat(10_000)), "a cron expression of 10000 characters; expected at most 200");
    assert_eq!(refused(&"ü".repeat(201)), "a cron expression of 201 characters; expected at most 200");
    assert!(refused(&"ü".repeat(200)).starts_with("expected five fields"));
}

#[test]
fn what_never_fires_is_refused() {
    for cron in ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 31W 2 *", "0 0 1 1 +MON#2"] {
        assert_eq!(refused(cron), "it never fires: no such time exists", "{cron}");
    }
    // Each second Sunday in March, clocks in New York skip all of that hour; a time of day would fire after it.
    let rhythm = Calendar::new("*/30 2 8-14 3 +SUN", "America/New_York").unwrap_err();
    assert_eq!(rhythm.cron, Some(CronError::Never));
    assert!(Calendar::new("30 2 8-14 3 +SUN", "America/New_York").is_ok());
    assert!(Calendar::new("0 0 29 2 +MON", "UTC").is_ok());
}

#[test]
fn blanks_between_fields_may_be_any() {
    assert!(Cron::parse("\t0   0 *\t* *\n").is_ok());
}

#[test]
fn both_faults_are_told_at_once() {
    let error = Calendar::new("60 * * * *", "Europe/Paderborn").unwrap_err();
    assert_eq!(error.fields().map(|(field, _)| field).collect::<Vec<_>>(), ["cron", "timezone"]);
    assert!(error.to_string().contains("; timezone: unknown time zone \"Europe/Paderborn\"; expected"));
}

/// Reads `cron`, and if it is one, asks it for a few times.
fn try_out(cron: &str, zone: &str, ms: u64) {
    let Ok(calendar) = Calendar::new(cron, zone) else { return };
    let time = Timestamp::from_millis(ms);
    if let Some(next) = calendar.next(time) {
        assert!(next > time);
        assert_eq!(calendar.last(next), Some(next), "{cron} {zone} {ms}");
    }
    if let Some(last) = calendar.last(time) {
        assert!(last <= time);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn no_text_panics(cron in any::<String>(), zone in any::<String>(), ms in any::<u64>()) {
        try_out(&cron, "Europe/Berlin", ms);
        try_out("0 0 * * *", &zone, ms);
    }

    #[test]
    fn no_text_of_the_characters_of_cron_panics(
        cron in "[0-9*/,LW#+?@ -]{0,30}", fields in "([0-9*/,LW#+?-]{1,6} ){4}([0-9*/,L#+?-]|MON|SUN){1,3}", ms in any::<u64>()
    ) {
        try_out(&cron, "America/New_York", ms);
        try_out(&fields, "America/New_York", ms);
    }

    #[test]
    fn what_each_field_allows_is_read(
        cron in "(\\*|\\*/[1-9]|[1-5]?[0-9]|[0-9]-[1-5]0) (\\*|\\*/[1-9]|1?[0-9]|0-23) (\\*|L|[1-9]W|LW|2?[1-9]) (\\*|[1-9]|JAN|AUG-DEC) (\\*|\\+?[0-7]|FRIL|2#[1-5])",
        ms in 1_577_836_800_000..4_000_000_000_000_u64
    ) {
        prop_assert!(!matches!(Cron::parse(&cron), Err(error) if error != CronError::Never), "{cron}");
        try_out(&cron, "Europe/Berlin", ms);
    }
}
