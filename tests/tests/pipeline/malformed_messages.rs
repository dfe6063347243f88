//! Messages that nobody can decode.

use domain::id::JobId;
use serde_json::{Value, json};
use tests::patience::eventually;
use tests::pipeline::Pipeline;

use crate::SOON;
use crate::probe::{golden_pack, send, text};

/// Waits until a `malformed` letter of each body in `bodies` is in the archive; the letters in that order.
fn letters(pipeline: &Pipeline, bodies: &[&str]) -> Vec<Value> {
    eventually("every malformed message is archived", SOON, || {
        let letters = pipeline.archive().letters("message-");
        let find = |body: &&str| letters.values().find(|letter| letter["payload"] == **body).cloned();
        bodies.iter().map(find).collect()
    })
}

#[test]
fn what_nobody_can_decode_is_archived_as_it_came_and_harms_no_neighbour() {
    let pipeline = Pipeline::probed();
    let client = pipeline.client();
    let line = json!({ "kind": "simulate", "payload": { "output": "mine" }, "delay_seconds": 1 });
    let job = client.submit([&line]);
    let pack = golden_pack(job, "simulate", &[json!({ "output": "mine" })]);

    let truncated = &pack[..pack.len() - 10];
    let header_only = "{\"v\":1,\"job\":\"nobody\"}\n";
    // Each body is one of its own, so that its letter can be told from others.
    let (rubbish, bytes, object) = ("no pack at all \u{1} \"ü\"", "a pack of bytes", json!({ "is": ["no", "pack"] }));
    let messages = [
        text(rubbish),
        text(truncated),
        text(pack.clone()),
        json!({ "body": bytes, "contentType": "bytes" }),
        json!({ "body": object, "contentType": "json" }),
        text(header_only),
    ];
    // The bulk lane waits a second for a batch to fill: all of them arrive together.
    send(&client, "LANE_BULK", &messages);

    // The neighbour runs: it and the message that the producers sent, one of them for nothing.
    assert_eq!(client.wait_until_ended(job, SOON).counts.succeeded, 1);
    pipeline.logs.wait_for("one message for nothing", 1, SOON, |event| {
        event["job"] == *job.to_string() && event["message"] == "nothing to do for this message"
    });
    assert_eq!(pipeline.logs.of_ended_job(job, "settling").len(), 1);
    assert_eq!((&client.task(job, 0)["output"], &client.task(job, 0)["attempts"]), (&json!("mine"), &json!(1)));

    let object = object.to_string();
    for letter in letters(pipeline, &[rubbish, truncated, bytes, &object, header_only]) {
        let task = letter["task"].as_str().unwrap();
        assert!(task.starts_with("message-"), "{letter}");
        assert_eq!((&letter["reason"], &letter["lane"]), (&json!("malformed"), &json!("bulk")), "{letter}");
        for unknown in ["job", "index", "ref", "kind"] {
            assert_eq!(letter[unknown], Value::Null, "{unknown}: {letter}");
        }
        assert_eq!((&letter["history"], &letter["error"]["class"]), (&json!([]), &json!("malformed")));
    }
}

#[test]
fn what_nobody_can_decode_among_dead_letters_is_archived_too() {
    let pipeline = Pipeline::probed();
    let client = pipeline.client();
    let nobody: JobId = "0199f0c2a0007abc8def0123456789ab".parse().unwrap();
    let torn = format!(
        "{{\"v\":1,\"job\":\"{nobody}\",\"born\":0,\"letters\":0,\"sent_at\":0}}\n{{\"task\":\"{nobody}-0\",\"torn\":"
    );
    let bodies = ["no letter at all", torn.as_str()];
    send(&client, "DEAD_LETTERS", &bodies.map(text));
    for letter in letters(pipeline, &bodies) {
        assert_eq!((&letter["reason"], &letter["lane"]), (&json!("malformed"), &Value::Null), "{letter}");
    }
}
