//! Payloads and secrets are in no log, at any level.

use serde_json::{Value, json};
use tests::keys::entry;
use tests::pipeline::Setup;
use tests::sink::{Reply, Sink};

use crate::SOON;

/// What callers say that is no business of whoever reads the logs.
const MARK: &str = "sesame";
/// The same, inside of a secret.
const SECRET: &str = "whsec_b3BlbiBzZXNhbWUsIHlvdSByb2NrLCBvcGVuIHVwISE=";

#[test]
fn no_log_line_tells_a_payload_a_header_or_a_secret() {
    let keys = Value::from(vec![entry("ops", "key-sesame", &["submit", "read", "triage"])]);
    let pipeline = Setup::new()
        .probed()
        .env("LOG_LEVEL", "trace")
        .env("API_KEYS", keys.to_string())
        .env("WEBHOOK_SECRET", SECRET)
        .start();
    let (client, sink) = (pipeline.client_with("key-sesame"), Sink::start());
    sink.answer("/sesame", [Reply::status(503).body("sesame"), Reply::status(200).body("sesame")]);
    sink.answer("/no-sesame", [Reply::status(404).body("sesame")]);
    // A class is a name that operators group by, not a payload.
    let error = json!({ "class": "busy", "message": "sesame" });
    let request = |path: &str| {
        let headers = json!({ "x-token": "sesame", "authorization": "Bearer sesame" });
        json!({ "url": sink.url(path) + "?token=sesame", "headers": headers, "body": { "sesame": "sesame" } })
    };
    let tasks = [
        json!({ "kind": "simulate", "payload": { "output": "sesame" }, "ref": "sesame" }),
        json!({ "kind": "simulate", "payload": { "fail_times": 1, "error": error } }),
        json!({ "kind": "simulate", "payload": { "fail": "permanent", "error": error } }),
        json!({ "kind": "http.request", "payload": request("/sesame") }),
        json!({ "kind": "http.request", "payload": request("/no-sesame") }),
        json!({ "kind": "http.request", "payload": { "url": "http://127.0.0.1:1/sesame" }, "max_attempts": 1 }),
    ];
    let body = tasks.iter().map(|task| format!("{task}\n")).collect::<String>();
    let call = client.call("POST", "/v1/jobs?name=sesame").header("idempotency-key", "sesame");
    let job = call.header("x-sesame", "sesame").ndjson(body).accepted();
    let counts = client.wait_until_ended(job, SOON).counts;
    assert_eq!((counts.succeeded, counts.dead), (3, 3));

    // What is refused is not told either, nor what nobody can decode.
    for line in [
        "sesame",
        r#"{"kind":"sesame"}"#,
        r#"{"kind":"simulate","sesame":1}"#,
        r#"{"kind":"http.request","payload":{"url":"sesame"}}"#,
    ] {
        assert_eq!(client.call("POST", "/v1/jobs").ndjson(line).send().status, 422);
    }
    assert_eq!(client.get("/v1/sesame?sesame=sesame").status, 404);
    assert_eq!(pipeline.client_with("wrong-sesame").get("/v1/sesame").status, 401);
    for binding in ["LANE_DEFAULT", "DEAD_LETTERS"] {
        crate::probe::send(
            &client,
            binding,
            &[crate::probe::text("sesame"), crate::probe::text("{\"v\":1,\"job\":\"sesame\"}\nsesame")],
        );
    }
    pipeline.logs.wait_for("malformed messages are archived", 4, SOON, |event| {
        event["message"].as_str().is_some_and(|message| message.starts_with("malformed"))
            || event.to_string().contains("malformed; archived")
    });
    pipeline.logs.wait_for("the dead letters are archived", 1, SOON, |event| {
        event["job"] == *job.to_string() && event["message"] == "archived"
    });

    // Nor what operators search for, patch with and replay.
    let triage = client.triage();
    triage.wait_for_letters(&format!("job={job}&q=sesame"), 1);
    let patch = json!({ "fail": null, "output": "sesame" });
    let replay = json!({ "filter": { "job": job, "kind": "simulate", "q": "sesame" }, "patch": patch });
    triage.dry_run(&replay);
    let replay = triage.replay(&replay);
    assert_eq!(triage.wait_for_replay(&replay, "completed", SOON)["counts"]["succeeded"], 1);
    triage.discard(&json!({ "tasks": ["sesame"], "q": "sesame" }));
    triage.try_replay(&json!({ "filter": { "job": job, "sesame": 1 } })).expect(422);
    client.get("/v1/dead-letters/sesame").expect(404);

    let texts = pipeline.logs.texts();
    assert!(texts.iter().any(|line| line.contains("\"level\":\"DEBUG\"")), "the logs are at their most talkative");
    for line in texts {
        assert!(!line.contains(MARK) && !line.contains(&SECRET["whsec_".len()..]), "{line}");
    }
}
