//! Fire times that no tick came for.

use domain::schedule::Outcome;
use serde_json::{Value, json};
use tests::schedules::schedule;

use super::{Day, client};

/// A schedule of the day's minutes from 12:00 to 12:29, of which no tick came for one before that of 12:29.
fn missed(name: &str, catch_up: &Value) -> Vec<String> {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    let changes = if catch_up.is_null() { json!({}) } else { json!({ "catch_up": catch_up }) };
    schedules.put(name, &schedule(&day.cron("0-29 12"), &changes));
    schedules.tick(day.at("12:29"));
    let runs = schedules.runs(name);
    assert!(runs.iter().all(|run| run.fired_at == day.at("12:29")), "{runs:?}");
    let newest = runs.first().unwrap();
    assert_eq!((newest.planned_at, newest.lateness_ms), (day.at("12:29"), 0));
    // Nobody comes back to them.
    schedules.tick(day.at("12:30"));
    assert_eq!(schedules.runs(name), runs);
    runs.iter().map(tests::schedules::Run::text).collect()
}

#[test]
fn without_a_word_the_newest_fire_time_is_made_up_for() {
    for (name, catch_up) in [("latest", Value::Null), ("latest-said", json!({ "policy": "latest" }))] {
        let runs = missed(name, &catch_up);
        assert_eq!((&*runs[0], &*runs[1]), ("fired", "skipped: missed"));
        assert_eq!(runs.len(), 6, "those that are skipped are not listed for ever: {runs:?}");
        assert!(
            runs[5].starts_with("skipped: missed, as were all since ") && runs[5].ends_with("T12:00:00.000Z"),
            "{runs:?}"
        );
    }
}

#[test]
fn a_late_tick_makes_up_for_one_fire_time_within_the_window_and_none_beyond_it() {
    for (name, catch_up, tick, expected) in [
        ("late", json!({ "policy": "latest" }), "12:59", "fired"),
        ("late-hour", json!({ "policy": "latest" }), "13:00", "fired"),
        ("too-late", json!({ "policy": "latest" }), "13:01", "skipped: missed"),
        ("window", json!({ "policy": "latest", "window_seconds": 7_200 }), "13:59", "fired"),
        ("narrow", json!({ "policy": "latest", "window_seconds": 120 }), "12:03", "skipped: missed"),
        ("narrow-all", json!({ "policy": "all", "window_seconds": 120 }), "12:03", "skipped: missed"),
        ("none", json!({ "policy": "none" }), "12:01", "skipped: missed"),
        ("none-on-time", json!({ "policy": "none" }), "12:00", "fired"),
    ] {
        let (client, day) = (client(), Day::begin());
        let schedules = client.schedules();
        schedules.put(name, &schedule(&day.cron("0 12"), &json!({ "catch_up": catch_up })));
        schedules.tick(day.at(tick));
        assert_eq!(schedules.outcomes(name), [expected], "{name}");
        let run = schedules.runs(name).remove(0);
        let late = day.at(tick).since(day.at("12:00"));
        assert_eq!((run.planned_at, u128::from(run.lateness_ms)), (day.at("12:00"), late.as_millis()), "{name}");
        assert_eq!(run.job.is_some(), run.outcome == Outcome::Fired);
    }
}

#[test]
fn with_none_what_is_missed_is_missed() {
    let runs = missed("missed-none", &json!({ "policy": "none" }));
    assert_eq!(runs[0], "fired", "that of the tick's own minute is not missed");
    assert!(runs[1..].iter().all(|run| run.starts_with("skipped: missed")), "{runs:?}");
}

#[test]
fn with_all_each_is_made_up_for_and_of_too_many_the_newest() {
    assert_eq!(missed("missed-all", &json!({ "policy": "all" })), vec!["fired"; 30]);
    let runs = missed("missed-max", &json!({ "policy": "all", "max": 25 }));
    assert_eq!((runs.len(), &runs[..25]), (30, &vec!["fired".to_owned(); 25][..]));
    assert_eq!(runs[25..], vec!["skipped: missed"; 5]);
    let runs = missed("missed-window", &json!({ "policy": "all", "window_seconds": 600 }));
    assert_eq!((&runs[..11], &*runs[11]), (&vec!["fired".to_owned(); 11][..], "skipped: missed"));
}
