//! The second net: the cron tick finds jobs whose alarm is gone.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;
use tests::patience::eventually;
use tests::pipeline::Setup;

use crate::SOON;
use crate::probe::ledger;

#[test]
fn a_job_whose_alarm_is_lost_goes_on_at_the_next_tick_that_is_due() {
    let pipeline = Setup::new().faulty().start();
    let client = pipeline.client();
    // Its only pack is held by somebody who is never heard of again: only an alarm can send it once more.
    let job = client.submit([&json!({ "kind": "simulate", "delay_seconds": 1, "timeout_seconds": 1 })]);
    let delivery = json!({ "message": "lost", "attempts": 1, "timeout_ms": 1_000 });
    let claim = json!({ "v": 1, "claims": [{ "pack": 0, "delivery": delivery, "sent_at": 0 }] });
    let claimed = ledger(&client, "POST", &format!("/claim?job={job}"), &claim.to_string()).expect(200);
    assert!(claimed.text().contains("\"run\""), "{}", claimed.text());
    eventually("the index knows the job", SOON, || {
        (client.get("/v1/jobs").expect(200).text().contains(&job.to_string())).then_some(())
    });
    ledger(&client, "POST", &format!("/lose-alarm?job={job}"), "").expect(404);

    let later = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_secs(3_600);
    let tick = format!("/cdn-cgi/handler/scheduled?cron=*+*+*+*+*&time={}", later.as_millis());
    client.get(&tick).expect(200);
    assert_eq!(client.wait_until_ended(job, Duration::from_secs(60)).counts.succeeded, 1);
    assert_eq!(pipeline.logs.events(|event| event["message"] == "the alarm was gone; set again").len(), 1);
}

#[test]
fn cron_ticks_come_by_themselves_at_the_full_minute() {
    let pipeline = Setup::new().env("LOG_LEVEL", "debug").start();
    let ticks = pipeline.logs.wait_for("a tick", 1, Duration::from_secs(90), |event| event["message"] == "tick");
    assert!(ticks[0]["planned"].as_str().unwrap().ends_with(":00.000Z"), "{ticks:?}");
}
