//! Dead letters in the archive, read with wrangler's own command for KV.

use std::collections::BTreeSet;

use domain::id::JobId;
use serde_json::{Value, json};
use tests::patience::eventually;
use tests::pipeline::Pipeline;

use crate::SOON;

/// Waits until the log says that the archive has `count` letters of `job`.
fn wait_until_archived(pipeline: &Pipeline, job: JobId, count: u64) {
    eventually(&format!("{count} letters are archived"), SOON, || {
        let archived = pipeline.logs.of_job(job, "archived");
        let sum: u64 = archived.iter().map(|event| event["archived"].as_u64().unwrap()).sum();
        (sum >= count).then_some(())
    });
}

#[test]
fn a_dead_letter_tells_why_and_what_went_wrong_in_every_attempt() {
    let pipeline = Pipeline::shared();
    let client = pipeline.client();
    let permanent = json!({ "fail": "permanent", "error": { "class": "gone", "message": "no such order" } });
    let retryable = json!({ "fail": "retryable", "error": { "class": "busy", "message": "try later" } });
    let job = client.submit(&[
        json!({ "kind": "simulate" }),
        json!({ "kind": "simulate", "payload": permanent, "ref": "order-1" }),
        json!({ "kind": "simulate", "payload": retryable, "max_attempts": 3 }),
    ]);
    client.wait_until_ended(job, SOON);
    wait_until_archived(pipeline, job, 2);

    let letters = pipeline.archive().letters(job);
    let names: Vec<&String> = letters.keys().collect();
    assert_eq!(names, [&format!("{job}-1"), &format!("{job}-2")], "what succeeded leaves no letter");
    let letter = &letters[&format!("{job}-1")];
    let gone = json!({ "class": "gone", "message": "no such order" });
    assert_eq!(
        letter,
        &json!({
            "task": format!("{job}-1"), "job": job, "index": 1, "ref": "order-1", "kind": "simulate",
            "lane": "default", "payload": permanent, "reason": "permanent", "error": gone,
            "history": [{ "attempt": 1, "at": letter["died_at"], "error": gone }], "died_at": letter["died_at"],
        })
    );
    let letter = &letters[&format!("{job}-2")];
    let busy = json!({ "class": "busy", "message": "try later" });
    assert_eq!((&letter["reason"], &letter["error"], &letter["ref"]), (&json!("exhausted"), &busy, &Value::Null));
    let history = letter["history"].as_array().unwrap();
    assert_eq!(history.iter().map(|failed| &failed["attempt"]).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(history.iter().all(|failed| failed["error"] == busy));
    assert_eq!(history[2]["at"], letter["died_at"]);
}

#[test]
fn hundreds_of_dead_letters_of_one_job_all_arrive() {
    let pipeline = Pipeline::shared();
    let client = pipeline.client();
    let dies = |index: usize| json!({ "kind": "simulate", "payload": { "fail": "permanent", "output": index } });
    let tasks: Vec<Value> = (0..450).map(dies).collect();
    let job = client.submit(&tasks);
    assert_eq!(client.wait_until_ended(job, SOON).counts.dead, 450);
    wait_until_archived(pipeline, job, 450);
    let found: BTreeSet<String> = pipeline.archive().letters(job).into_keys().collect();
    assert_eq!(found, (0..450).map(|index| format!("{job}-{index}")).collect());
    let keys = pipeline.archive().keys(&format!("letters/{job}/"));
    assert!(keys.len() <= 5, "a value for each message of letters: {keys:?}");
}

#[test]
fn a_letter_with_a_large_payload_and_a_long_error_is_kept_whole() {
    let pipeline = Pipeline::shared();
    let client = pipeline.client();
    // The longest payload, and an error message of the longest.
    let message = format!("{}\u{1f600}\"\n", "é".repeat(500));
    let payload = json!({
        "fail": "retryable", "error": { "class": "c".repeat(100), "message": message }, "output": "x".repeat(98_000),
    });
    let job = client.submit([&json!({ "kind": "simulate", "payload": payload, "max_attempts": 2 })]);
    client.wait_until_ended(job, SOON);
    wait_until_archived(pipeline, job, 1);
    let letter = pipeline.archive().letter(&format!("{job}-0")).unwrap();
    assert_eq!(letter["payload"], payload);
    assert_eq!(letter["error"]["message"], *message);
    assert_eq!(letter["history"].as_array().unwrap().len(), 2);
}
