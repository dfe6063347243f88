//! Messages that are packs, and yet not what this release sends to this queue at this time.

use serde_json::json;
use tests::pipeline::Pipeline;
use tests::sink::Sink;

use crate::SOON;
use crate::probe::{golden_pack, send, text};

#[test]
fn a_message_of_the_first_release_still_runs() {
    let (pipeline, sink) = (Pipeline::probed(), Sink::start());
    let client = pipeline.client();
    // The task's own message is delayed, so that the old one comes first. On a machine too busy for that, again.
    let ran_old = (0..5).any(|_| {
        let payload = json!({ "url": sink.url("/new") });
        let job = client.submit([&json!({ "kind": "http.request", "payload": payload, "delay_seconds": 1 })]);
        send(&client, "LANE_DEFAULT", &[text(golden_pack(job, "http.request", &[json!({ "url": sink.url("/old") })]))]);
        assert_eq!(client.wait_until_ended(job, SOON).counts.succeeded, 1);
        let (old, new) = (sink.received("/old"), sink.received("/new"));
        if let Some(request) = old.first() {
            assert_eq!(request.header("webhook-id"), format!("{job}-0"));
            assert_eq!((old.len(), client.task(job, 0)["attempts"].as_u64()), (1, Some(1)));
        }
        old.len() > new.len()
    });
    assert!(ran_old);
}

#[test]
fn a_pack_that_comes_again_runs_nothing_again() {
    let (pipeline, sink) = (Pipeline::probed(), Sink::start());
    let client = pipeline.client();
    let payload = json!({ "url": sink.url("/once") });
    let job = client.submit([&json!({ "kind": "http.request", "payload": payload })]);
    let before = client.wait_until_ended(job, SOON);
    let copy = text(golden_pack(job, "http.request", &[payload]));
    send(&client, "LANE_DEFAULT", &[copy.clone(), copy]);
    let idle = pipeline.logs.wait_for("both copies come to nothing", 2, SOON, |event| {
        event["job"] == *job.to_string() && event["message"] == "nothing to do for this message"
    });
    assert!(idle.iter().all(|event| event["idle"] == "Settled"), "{idle:?}");
    assert_eq!(sink.received("/once").len(), 1);
    assert_eq!(client.job(job).counts, before.counts);
    assert_eq!(client.task(job, 0)["attempts"], 1);
}

#[test]
fn a_pack_of_a_job_that_does_not_exist_runs_nothing_and_creates_nothing() {
    let (pipeline, sink) = (Pipeline::probed(), Sink::start());
    let client = pipeline.client();
    let nobody = "0199f0c2a0007abc8def0123456789ac".parse().unwrap();
    let pack = golden_pack(nobody, "http.request", &[json!({ "url": sink.url("/never") })]);
    send(&client, "LANE_DEFAULT", &[text(pack)]);
    let idle = pipeline.logs.wait_for("it comes to nothing", 1, SOON, |event| {
        event["job"] == *nobody.to_string() && event["message"] == "nothing to do for this message"
    });
    assert_eq!(idle[0]["idle"], "Unknown");
    assert!(sink.received("/never").is_empty());
    assert_eq!(client.get(&format!("/v1/jobs/{nobody}")).status, 404);
}

#[test]
fn a_message_of_a_later_release_waits_for_that_release() {
    let pipeline = Pipeline::probed();
    let client = pipeline.client();
    let job = client.submit([&json!({ "kind": "simulate", "delay_seconds": 3_600 })]);
    let later =
        golden_pack(job, "simulate", &[json!({})]).replace("\"v\":1", "\"v\":9").replace("\"kind\"", "\"sort\"");
    for (binding, target) in [("LANE_DEFAULT", "consumers::batch"), ("DEAD_LETTERS", "dlq::batch")] {
        send(&client, binding, &[text(later.clone())]);
        let comes_again = pipeline.logs.wait_for("it comes again, and again", 3, SOON, |event| {
            event["target"] == target && event["message"] == "written by a later release; it comes again"
        });
        assert!(comes_again.iter().all(|event| event["message_id"] == comes_again[0]["message_id"]));
    }
    assert_eq!(client.job(job).counts.queued, 1);
    let letters = pipeline.archive().letters("message-");
    assert!(letters.values().all(|letter| letter["payload"] != later), "it is not malformed");
}

#[test]
fn a_pack_that_the_platform_gave_up_harms_nothing_and_is_no_dead_letter() {
    let (pipeline, sink) = (Pipeline::probed(), Sink::start());
    let client = pipeline.client();
    let payload = json!({ "url": sink.url("/once") });
    let task = |delay: u32| json!({ "kind": "http.request", "payload": payload, "delay_seconds": delay });
    let (ended, waiting) = (client.submit([&task(0)]), client.submit([&task(3)]));
    client.wait_until_ended(ended, SOON);
    let packs = [ended, waiting].map(|job| text(golden_pack(job, "http.request", std::slice::from_ref(&payload))));
    send(&client, "DEAD_LETTERS", &packs);
    for job in [ended, waiting] {
        pipeline.logs.wait_for("the ledger is told", 1, SOON, |event| {
            event["job"] == *job.to_string() && event["message"] == "given up by the platform"
        });
    }
    assert_eq!(client.wait_until_ended(waiting, SOON).counts.succeeded, 1);
    assert_eq!(client.job(ended).counts.succeeded, 1);
    assert_eq!(sink.received("/once").len(), 2, "each ran once");
    for job in [ended, waiting] {
        assert_eq!(client.task(job, 0)["attempts"], 1);
        assert!(pipeline.archive().letters(job).is_empty());
    }
}
