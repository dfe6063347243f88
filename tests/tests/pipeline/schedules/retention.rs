//! Runs are kept for a while.

use domain::time::Timestamp;
use serde_json::json;
use tests::schedules::schedule;

use super::{DAY, Day, client, now};

/// How long, in development: `schedules.keep_ms`.
const KEPT: u64 = 30 * DAY;

#[test]
fn runs_that_were_recorded_long_ago_leave_with_the_next_tick() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    schedules.put("old", &schedule(&day.cron("0-3 12"), &json!({ "catch_up": { "policy": "all" } })));
    schedules.tick(day.at("12:03"));
    assert_eq!(schedules.outcomes("old"), vec!["fired"; 4]);
    // Fire times are of the future here: what counts is when they were recorded.
    let record = |time: &str, at: u64| {
        let sql = "UPDATE runs SET recorded_at = ? WHERE schedule = 'old' AND planned_at = ? RETURNING outcome";
        let call = json!([[{ "sql": sql, "values": [at, day.at(time).as_millis()] }]]);
        let rows = client.call("POST", "/probe/index").json(call).send().expect(200).json();
        assert_eq!(rows, json!([[[{ "outcome": "fired" }]]]));
    };
    record("12:00", 0);
    record("12:01", now().as_millis() - KEPT - 60_000);
    record("12:02", now().as_millis() - KEPT + 60_000);
    // Not before the time of the present, whatever a tick says.
    schedules.tick(day.at("12:04"));
    let left: Vec<Timestamp> = schedules.runs("old").iter().map(|run| run.planned_at).collect();
    assert_eq!(left, [day.at("12:03"), day.at("12:02")]);
    schedules.delete("old");
}
