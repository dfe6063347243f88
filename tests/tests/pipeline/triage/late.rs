//! A task that succeeds after it had been declared dead.

use serde_json::{Value, json};
use tests::client::Client;
use tests::patience::eventually;
use tests::pipeline::Setup;

use crate::SOON;
use crate::probe::{ledger, send, text};

/// Claims the only pack of `job` for the delivery number `attempts` of a message of nobody.
fn claim(client: &Client, job: &str, attempts: u32) {
    let delivery = json!({ "message": "m1", "attempts": attempts, "timeout_ms": 1_000 });
    let call = json!({ "v": 1, "claims": [{ "pack": 0, "delivery": delivery, "sent_at": 0 }] });
    let claimed = ledger(client, "POST", &format!("/claim?job={job}"), &call.to_string()).expect(200);
    assert!(claimed.text().contains("\"run\""), "{}", claimed.text());
}

/// Settles it, and sends what the ledger answers, as a consumer would.
fn settle(client: &Client, job: &str, claim: u32, report: &Value) {
    let settle =
        json!({ "pack": 0, "claim": claim, "attempt": 1, "slice": 0, "report": report, "rest": "handed_back" });
    let call = json!({ "v": 1, "settle": settle });
    let reply = ledger(client, "POST", &format!("/settle?job={job}"), &call.to_string()).expect(200).json();
    let letters: Vec<Value> =
        reply["messages"].as_array().unwrap().iter().map(|message| text(message["body"].as_str().unwrap())).collect();
    assert!(!letters.is_empty(), "{reply}");
    send(client, "DEAD_LETTERS", &letters);
}

#[test]
fn a_task_that_succeeds_after_it_was_declared_dead_says_so_and_is_replayed_by_force_only() {
    let pipeline = Setup::new().faulty().start();
    let client = pipeline.client();
    let triage = client.triage();
    let job = client.submit([&json!({ "kind": "simulate", "delay_seconds": 1, "timeout_seconds": 1 })]).to_string();
    claim(&client, &job, 1);
    // Its message comes once more: whoever has it now takes over.
    claim(&client, &job, 2);
    let error = json!({ "class": "busy", "message": "gave up" });
    settle(&client, &job, 2, &json!({ "dead": [[0, "permanent", 0]], "errors": [error] }));
    let query = format!("job={job}");
    let letter = triage.wait_for_letters(&query, 1).remove(0);
    assert_eq!((&letter["state"], &letter["late_success"]), (&json!("open"), &Value::Null));

    // And then the first one says that it worked.
    settle(&client, &job, 1, &json!({ "done": [[0, 1]] }));
    let letter = eventually("it is known to have succeeded late", SOON, || {
        triage.dead_letters(&query).pop().filter(|letter| letter["late_success"] == true)
    });
    assert_eq!(letter["state"], "open", "whether that is enough an operator says");
    let record = triage.record(&format!("{job}-0"));
    assert_eq!((&record["error"], &record["late_success"]), (&error, &json!(true)));

    let body = json!({ "filter": { "job": job } });
    let dry_run = triage.dry_run(&body);
    assert!(dry_run["refused"][0]["detail"].as_str().unwrap().contains("\"force\": true"), "{dry_run}");
    let replay = triage.replay(&body);
    assert_eq!(triage.wait_for_replay(&replay, "completed", SOON)["counts"]["refused"], 1);
    assert!(triage.items(&replay, "verdict=refused")[0]["detail"].as_str().unwrap().contains("force"));
    assert_eq!(triage.record(&format!("{job}-0"))["state"], "open");

    let forced = triage.replay(&json!({ "filter": { "job": job }, "force": true }));
    assert_eq!(triage.wait_for_replay(&forced, "completed", SOON)["counts"]["succeeded"], 1);
    let record = triage.record(&format!("{job}-0"));
    assert_eq!((&record["state"], &record["late_success"]), (&json!("resolved"), &json!(true)));
}
