//! A job outlives a deploy, and four Workers never deploy at one instant.

use domain::ledger::JobState;
use serde_json::{Value, json};
use tests::patience::eventually;
use tests::pipeline::Setup;

use crate::probe::ledger;
use crate::{SOON, panics};

/// Whether the event is of an error that says `text`.
fn says(event: &Value, text: &str) -> bool {
    event["error"].as_str().is_some_and(|error| error.contains(text))
}

#[test]
fn a_job_that_an_earlier_release_wrote_goes_on_and_reads_as_before() {
    let pipeline = Setup::new().faulty().start();
    let client = pipeline.client();
    let job = client.call("POST", "/v1/jobs?open=true").ndjson("").accepted();
    let append = |key: &str, tasks: &[Value], status: u16| {
        let lines: String = tasks.iter().map(|task| format!("{task}\n")).collect();
        let call = client.call("POST", &format!("/v1/jobs/{job}/tasks")).header("idempotency-key", key);
        call.ndjson(lines).send().expect(status).json()
    };
    let output = |n: u32| json!({ "kind": "simulate", "payload": { "output": { "n": n } } });
    let first = [output(0), json!({ "kind": "simulate", "payload": { "fail": "permanent" } }), output(2)];
    append("b", &first, 202);
    append("a", &[output(3), json!({ "kind": "simulate", "delay_seconds": 5, "payload": { "output": 4 } })], 202);
    eventually("all but one have ended", SOON, || {
        let counts = client.job(job).counts;
        (counts.succeeded == 3 && counts.dead == 1).then_some(())
    });
    let before = client.results(job, "");

    ledger(&client, "POST", &format!("/write-as-version-1?job={job}"), "").expect(404);
    assert_eq!(client.results(job, ""), before);
    assert_eq!(append("b", &first, 200)["accepted"], 3, "a part is known by its key");
    append("c", &[output(5)], 202);
    let seal = client.call("POST", &format!("/v1/jobs/{job}/seal")).json(json!({ "accepted": 6 }));
    seal.send().expect(200);
    let view = client.wait_until_ended(job, SOON);
    assert_eq!((view.state, view.counts.succeeded, view.counts.dead), (JobState::Completed, 5, 1));
    let after = client.results(job, "");
    let outputs: Vec<&Value> = after.iter().map(|result| &result["output"]).collect();
    assert_eq!([outputs[0], outputs[2], outputs[3], outputs[5]].map(|output| &output["n"]), [0, 2, 3, 5]);
    assert_eq!(outputs[4], 4);
    let upgrades = pipeline.logs.events(|event| event["message"] == "the rows of a job are brought up to date");
    assert_eq!(upgrades.len(), 1, "once, and not at every read");
}

#[test]
fn a_job_that_a_later_release_wrote_is_not_touched() {
    let pipeline = panics::pipeline();
    let client = pipeline.client();
    let job = client.submit(&[json!({ "kind": "simulate" })]);
    client.wait_until_ended(job, SOON);
    ledger(&client, "POST", &format!("/write-as-later-version?job={job}"), "").expect(404);
    ledger(&client, "GET", &format!("/job?job={job}"), "").expect(500);
    pipeline.logs.wait_for("what to do", 1, SOON, |event| says(event, "deploy that version of the ledger"));
    client.get(&format!("/v1/jobs/{job}")).expect(503);
}

#[test]
fn a_settlement_in_the_words_of_an_earlier_release_counts_and_one_of_a_later_release_waits() {
    let pipeline = panics::pipeline();
    let client = pipeline.client();
    let job = client.submit(&[json!({ "kind": "simulate", "delay_seconds": 1, "timeout_seconds": 1 })]);
    let call = |path: &str, body: Value| ledger(&client, "POST", &format!("{path}?job={job}"), &body.to_string());
    let delivery = json!({ "message": "by hand", "attempts": 1, "timeout_ms": 1_000 });
    call("/claim", json!({ "v": 1, "claims": [{ "pack": 0, "delivery": delivery, "sent_at": 0 }] })).expect(200);
    let settle = |pack: u32| json!({ "pack": pack, "claim": 1, "attempt": 1, "slice": 0, "report": { "done": [[0, 1]] }, "rest": "handed_back" });
    // An error, so that its sender repeats it.
    call("/settle", json!({ "v": 3, "settles": [settle(0)] })).expect(500);
    pipeline
        .logs
        .wait_for("the version", 1, SOON, |event| says(event, "a call of version 3; this ledger understands up to 2"));
    call("/settle", json!({ "v": 1, "settle": settle(9) })).expect(409);
    assert_eq!(client.job(job).counts.succeeded, 0);
    call("/settle", json!({ "v": 1, "settle": settle(0) })).expect(200);
    assert_eq!(client.job(job).counts.succeeded, 1);
    // The words of today: of what comes together, one that is refused holds up no other.
    let together = call("/settle", json!({ "v": 2, "settles": [settle(9), settle(0)] })).expect(200).json();
    assert_eq!(together["refused"], json!(["there is no such pack", null]));
}
