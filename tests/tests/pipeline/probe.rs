//! Reaches behind the front door, through the Worker in `tests/probe/`.

use domain::id::JobId;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::client::Client;

/// The golden message of the first release, as old as messages can be.
const GOLDEN: &str = include_str!("../../../domain/golden/pack-v1.ndjson");

/// A text message.
pub fn text(body: impl Into<String>) -> Value {
    json!({ "body": body.into(), "contentType": "text" })
}

/// Sends messages to a queue in one batch.
pub fn send(client: &Client, binding: &str, messages: &[Value]) {
    let path = format!("/probe/queue/{binding}");
    client.call("POST", &path).json(Value::from(messages)).send().expect(200);
}

/// Calls the ledger Worker by HTTP.
pub fn ledger(client: &Client, method: &str, path: &str, body: &str) -> Answer {
    client.call(method, &format!("/probe/ledger{path}")).body(body).send()
}

/// The first pack of `job`, with these payloads, as the first release wrote it: the golden message with as little
/// changed as must be.
pub fn golden_pack(job: JobId, kind: &str, payloads: &[Value]) -> String {
    let mut lines = GOLDEN.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut header = lines.next().unwrap();
    assert_eq!(header["v"], 1, "the golden message is of the first release");
    for (name, value) in [("job", json!(job)), ("pack", json!(0)), ("kind", json!(kind)), ("lane", json!("default"))] {
        header[name] = value;
    }
    header["attempt"] = json!(1);
    header["base"] = json!(0);
    let mut line = lines.next().unwrap();
    let tasks = payloads.iter().enumerate().map(|(index, payload)| {
        line["i"] = json!(index);
        line["p"] = payload.clone();
        format!("{line}\n")
    });
    let tasks: String = tasks.collect();
    format!("{header}\n{tasks}")
}
