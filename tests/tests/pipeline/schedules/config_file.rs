//! The schedules of `config/schedules.toml`: those of development.

use domain::time::Timestamp;
use serde_json::json;
use tests::pipeline::Setup;
use tests::schedules::{path, schedule};

use crate::SOON;
use crate::refusals::problem;

#[test]
fn a_schedule_of_the_config_file_is_there_from_the_start_and_can_be_run_and_resumed_but_not_changed() {
    let pipeline = Setup::new().start();
    let client = pipeline.client();
    let schedules = client.schedules();
    let listed = client.triage().all("/v1/schedules", "", 200);
    assert_eq!(listed.len(), 1, "{listed:?}");
    let shown = schedules.get("example");
    assert_eq!(listed[0]["name"], "example");
    assert_eq!(
        (&shown["source"], &shown["paused"], &shown["paused_by"]),
        (&json!("config"), &json!(true), &json!("hand"))
    );
    assert_eq!((shown["next"].as_array().unwrap().len(), listed[0]["next"].as_array().unwrap().len()), (5, 1));
    assert!(schedules.runs("example").is_empty());

    for _ in 0..2 {
        problem("PUT", &schedules.try_put("example", &schedule("@yearly", &json!({}))), 409);
        problem("DELETE", &client.call("DELETE", &path("example")).send(), 409);
        // The same once a tick has stored it.
        schedules.tick(Timestamp::from_millis(0));
    }
    assert_eq!(schedules.get("example")["cron"], shown["cron"]);

    let job = schedules.run("example");
    assert_eq!(client.wait_until_ended(job, SOON).counts.succeeded, 10);
    let references: Vec<String> =
        client.results(job, "").iter().map(|result| result["ref"].as_str().unwrap().to_owned()).collect();
    assert!(references[0].starts_with("example 20") && references[9].ends_with(" #10"), "{references:?}");
    assert_eq!(schedules.runs("example")[0].job, Some(job));

    let resumed = schedules.say("example", "resume").expect(200).json();
    assert_eq!(resumed["paused"], false);
    // A tick compares it with the file, and leaves this alone.
    let next = Timestamp::parse_rfc3339(resumed["next"][0].as_str().unwrap()).unwrap();
    schedules.tick(next);
    let run = schedules.runs("example").remove(0);
    assert_eq!((run.planned_at, run.text()), (next, "fired".to_owned()));
    assert_eq!(client.wait_until_ended(run.job.unwrap(), SOON).counts.succeeded, 10);
    assert_eq!(schedules.say("example", "pause").expect(200).json()["paused"], true);
    problem("DELETE", &client.call("DELETE", &path("example")).send(), 409);

    let state = pipeline.stop();
    let pipeline = Setup::new().on(state).start();
    let client = pipeline.client();
    assert_eq!(
        (&client.schedules().get("example")["paused"], client.schedules().runs("example").len()),
        (&json!(true), 2)
    );
}

#[test]
fn a_schedule_of_the_config_file_can_be_the_first_thing_that_is_run_resumed_or_backfilled() {
    for word in ["run", "resume", "backfill"] {
        let pipeline = Setup::new().start();
        let client = pipeline.client();
        let schedules = client.schedules();
        match word {
            "backfill" => assert_eq!(schedules.backfill("example", "2026-11-16T00:00:00Z", "2026-11-20T23:00:00Z"), 5),
            word => assert_eq!(schedules.say("example", word).status, if word == "run" { 202 } else { 200 }),
        }
        let shown = schedules.get("example");
        assert_eq!((&shown["source"], &shown["paused"]), (&json!("config"), &json!(word != "resume")), "{word}");
        assert_eq!(client.triage().all("/v1/schedules", "", 200).len(), 1);
    }
}
