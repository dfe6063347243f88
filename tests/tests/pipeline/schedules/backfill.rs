//! Fire times of the past that are to fire after all.

use std::collections::BTreeSet;

use domain::schedule::Outcome;
use domain::time::Timestamp;
use serde_json::{Value, json};
use tests::client::Client;
use tests::patience::eventually;
use tests::schedules::schedule;
use tests::sink::{Reply, Sink};

use super::{DAY, Day, MINUTE, client, minutes, now, today};
use crate::SOON;
use crate::refusals::problem;

/// Noon, ten days ago, and a cron of the five minutes from there, once a year.
fn past() -> (Timestamp, String) {
    let noon = Timestamp::from_millis(today().as_millis() - 10 * DAY + 720 * MINUTE);
    let (text, number) = (noon.to_string(), |digits: &str| digits.parse::<u8>().unwrap());
    (noon, format!("0-4 12 {} {} *", number(&text[8..10]), number(&text[5..7])))
}

fn backfill(client: &Client, name: &str, from: Timestamp, to: Timestamp) -> u64 {
    client.schedules().backfill(name, &from.to_string(), &to.to_string())
}

#[test]
fn a_backfill_makes_one_job_of_each_fire_time_and_no_second_one() {
    let (client, _alone) = (client(), Day::begin());
    let schedules = client.schedules();
    let (noon, cron) = past();
    // Neither a pause nor overlap nor jitter nor catch-up has anything to do with it.
    let changes =
        json!({ "paused": true, "overlap": "skip", "jitter_seconds": 3_600, "catch_up": { "policy": "none" } });
    schedules.put("backfilled", &schedule(&cron, &changes));
    assert_eq!(
        backfill(&client, "backfilled", noon.after(minutes(1)), noon.after(minutes(3))),
        3,
        "both ends included"
    );
    assert_eq!(
        backfill(&client, "backfilled", noon, noon.after(minutes(60))),
        2,
        "those that wait already do not count"
    );
    assert_eq!(backfill(&client, "backfilled", noon, noon.after(minutes(60))), 0);
    schedules.tick(now());
    // Should a tick of the present have been first, it may still be at it.
    let runs = eventually("all have ended", SOON, || Some(schedules.runs("backfilled")).filter(|runs| runs.len() == 5));
    let planned: Vec<Timestamp> = runs.iter().rev().map(|run| run.planned_at).collect();
    assert_eq!(planned, (0..5).map(|minute| noon.after(minutes(minute))).collect::<Vec<_>>());
    assert!(runs.iter().all(|run| run.outcome == Outcome::Fired && run.lateness_ms > 9 * DAY), "{runs:?}");
    let jobs: BTreeSet<String> = runs.iter().map(|run| run.job.unwrap().to_string()).collect();
    assert_eq!(jobs.len(), 5);
    for run in &runs {
        assert_eq!(client.wait_until_ended(run.job.unwrap(), SOON).counts.succeeded, 1);
    }
    assert_eq!(backfill(&client, "backfilled", noon, noon.after(minutes(60))), 0, "all have fired");
    schedules.tick(now());
    assert_eq!(schedules.runs("backfilled"), runs);
    let shown = schedules.get("backfilled");
    assert_eq!((&shown["last_job"], &shown["pending"]), (&Value::Null, &json!(0)), "no fire time waits for a backfill");
    schedules.delete("backfilled");
}

#[test]
fn what_was_skipped_fires_after_all_and_what_has_fired_does_not() {
    let (client, _alone) = (client(), Day::begin());
    let schedules = client.schedules();
    let (noon, cron) = past();
    // A tick of the present would find the past that is set below.
    eventually("the next minute is not near", SOON, || (now().as_millis() % MINUTE < 50_000).then_some(()));
    schedules.put("skipped", &schedule(&cron, &json!({ "catch_up": { "policy": "none" } })));
    let sql = "UPDATE schedules SET next_at = ? WHERE name = 'skipped'";
    let call = json!([[{ "sql": sql, "values": [noon.as_millis()] }]]);
    client.call("POST", "/probe/index").json(call).send().expect(200);
    schedules.tick(noon);
    schedules.say("skipped", "pause").expect(200);
    schedules.tick(noon.after(minutes(1)));
    schedules.say("skipped", "resume").expect(200);
    schedules.tick(noon.after(minutes(4)));
    let (paused, missed) = ("skipped: paused", "skipped: missed");
    assert_eq!(schedules.outcomes("skipped"), ["fired", paused, missed, missed, "fired"]);
    let before = schedules.runs("skipped");

    assert_eq!(backfill(&client, "skipped", noon, noon.after(minutes(4))), 3);
    assert_eq!(schedules.outcomes("skipped"), ["fired", "fired"], "what is still to come is no run");
    assert_eq!(schedules.get("skipped")["pending"], 3);
    schedules.tick(now());
    let after = eventually("all have ended", SOON, || Some(schedules.runs("skipped")).filter(|runs| runs.len() == 5));
    assert_eq!(schedules.outcomes("skipped"), vec!["fired"; 5]);
    assert_eq!((&after[0], &after[4]), (&before[0], &before[4]), "their jobs are the same");
    schedules.delete("skipped");
}

#[test]
fn what_failed_is_tried_again() {
    let (client, _alone, sink) = (client(), Day::begin(), Sink::start());
    let schedules = client.schedules();
    let (noon, cron) = past();
    sink.answer("/", [Reply::status(404), Reply::status(200).body("{}")]);
    let input = json!({ "url": sink.url("/"), "kind": "simulate" });
    schedules.put("failed", &schedule(&cron, &json!({ "generator": "http", "input": input })));
    for expected in ["failed: the generator failed: answered 404", "fired"] {
        assert_eq!(backfill(&client, "failed", noon, noon), 1);
        schedules.tick(now());
        eventually("it has ended", SOON, || (schedules.outcomes("failed") == [expected]).then_some(()));
    }
    assert_eq!(backfill(&client, "failed", noon, noon), 0);
    schedules.delete("failed");
}

#[test]
fn a_backfill_that_cannot_be_is_refused_and_begins_nothing() {
    let client = client();
    let schedules = client.schedules();
    schedules.put("minutely", &schedule("* * * * *", &json!({ "paused": true })));
    let (noon, _) = past();
    let past = |minute: u64| noon.after(minutes(minute)).to_string();
    let ahead = Timestamp::from_millis(now().as_millis() + 2 * MINUTE).to_string();
    for (body, field, hint) in [
        (json!({ "from": past(0), "to": past(1_000) }), "to", "1000"),
        (json!({ "from": past(0), "to": ahead }), "to", "future"),
        (json!({ "from": past(1), "to": past(0) }), "from", "after"),
        (json!({ "from": "2019-12-31T00:00:00Z", "to": past(0) }), "from", "2020"),
        (json!({ "from": "yesterday", "to": past(0) }), "from", ""),
        (json!({ "from": 0, "to": past(0) }), "from", ""),
        (json!({ "from": past(0) }), "", "`to`"),
        (json!({ "from": past(0), "to": past(1), "rate": 1 }), "rate", ""),
    ] {
        let answer = client.call("POST", "/v1/schedules/minutely/backfill").json(&body).send();
        let errors = problem(&body.to_string(), &answer, 422);
        assert_eq!((errors.len(), &errors[0]["field"]), (1, &json!(field)), "{body}: {errors:?}");
        assert!(errors[0]["detail"].as_str().unwrap().replace(',', "").contains(hint), "{errors:?}");
    }
    problem("no JSON", &client.call("POST", "/v1/schedules/minutely/backfill").json("{").send(), 400);
    assert_eq!(schedules.get("minutely")["pending"], 0);
    assert_eq!(schedules.backfill("minutely", &past(0), &past(0)), 1);
    schedules.delete("minutely");
}
