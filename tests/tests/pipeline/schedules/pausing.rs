//! Schedules that are paused by hand.

use domain::time::Timestamp;
use serde_json::json;
use tests::schedules::schedule;

use super::{Day, client};

#[test]
fn a_schedule_that_is_paused_skips_its_fire_times_until_it_is_resumed() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    schedules.put("paused", &schedule(&day.cron("* 12"), &json!({})));
    let paused = schedules.say("paused", "pause").expect(200);
    assert_eq!(paused.json(), schedules.get("paused"));
    assert_eq!((&paused.json()["paused"], &paused.json()["paused_by"]), (&json!(true), &json!("hand")));
    schedules.tick(day.at("12:00"));
    schedules.tick(day.at("12:01"));
    assert_eq!(schedules.outcomes("paused"), ["skipped: paused", "skipped: paused"]);

    let again = schedules.say("paused", "pause").expect(200);
    assert_eq!(again.header("etag"), paused.header("etag"), "it is paused already");
    let resumed = schedules.say("paused", "resume").expect(200);
    assert_eq!((&resumed.json()["paused"], resumed.json().get("paused_by")), (&json!(false), None));
    assert_ne!(resumed.header("etag"), paused.header("etag"));
    schedules.tick(day.at("12:02"));
    assert_eq!(schedules.outcomes("paused"), ["skipped: paused", "skipped: paused", "fired"]);
    schedules.delete("paused");
}

#[test]
fn what_was_missed_while_it_was_paused_is_not_made_up_for() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    let all = json!({ "catch_up": { "policy": "all" }, "paused": true });
    schedules.put("paused-gap", &schedule(&day.cron("* 12"), &all));
    schedules.tick(day.at("12:02"));
    schedules.say("paused-gap", "resume").expect(200);
    schedules.tick(day.at("12:03"));
    let paused = "skipped: paused";
    assert_eq!(schedules.outcomes("paused-gap"), [paused, paused, paused, "fired"]);
    schedules.delete("paused-gap");
}

#[test]
fn saving_a_schedule_keeps_its_pause_unless_the_body_says() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    let cron = day.cron("0 12");
    let put = |changes| schedules.put("keeps", &schedule(&cron, &changes))["paused"].clone();
    assert_eq!(put(json!({})), false);
    schedules.say("keeps", "pause").expect(200);
    assert_eq!(put(json!({ "lane": "bulk" })), true, "kept");
    assert_eq!(schedules.get("keeps")["paused_by"], "hand");
    assert_eq!(put(json!({ "paused": false })), false);
    assert_eq!(put(json!({})), false);
    assert_eq!(put(json!({ "paused": true })), true);
    schedules.tick(day.at("12:00"));
    assert_eq!(schedules.outcomes("keeps"), ["skipped: paused"]);
}

#[test]
fn a_schedule_whose_cron_is_changed_fires_by_the_new_one() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    schedules.put("moved", &schedule(&day.cron("0 12"), &json!({})));
    let moved = schedules.put("moved", &schedule(&day.cron("30 12"), &json!({})));
    let next = moved["next"][0].as_str().and_then(Timestamp::parse_rfc3339);
    assert_eq!(next, Some(day.at("12:30")));
    schedules.tick(day.at("12:00"));
    assert!(schedules.runs("moved").is_empty());
    schedules.tick(day.at("12:30"));
    assert_eq!(schedules.outcomes("moved"), ["fired"]);
}

#[test]
fn nobody_pauses_or_resumes_what_is_not_there() {
    let client = client();
    for word in ["pause", "resume", "run"] {
        assert_eq!(client.schedules().say("nobody", word).status, 404, "{word}");
    }
}
