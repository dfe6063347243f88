//! Signatures, checked by the implementation that the Standard Webhooks project publishes for JavaScript.

use std::io::Write;
use std::process::Stdio;

use serde_json::json;
use tests::pipeline::Setup;
use tests::root;
use tests::sink::{Received, Sink};

use crate::SOON;

const NEW: &str = "whsec_bmV3IHNlY3JldCBvZiBhIGxpdHRsZSBsZW5ndGg=";
const OLD: &str = "whsec_b2xkIHNlY3JldCBvZiBhIGxpdHRsZSBsZW5ndGg=";
/// What `make dev` signs with.
pub const DEVELOPMENT: &str = "whsec_bW9ub3Rhc2stZGV2ZWxvcG1lbnQtc2VjcmV0";
const OTHER: &str = "whsec_c29tZSBvdGhlciBzZWNyZXQgb2Ygbm9ib2R5Li4=";

/// Verifies a request as its receiver would: the exit code says whether it is genuine.
const VERIFY: &str = "
    const { Webhook, WebhookVerificationError } = require('standardwebhooks');
    const { secret, headers, body } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
    try { new Webhook(secret).verify(body, headers, { jsonParse: false }); }
    catch (error) { process.exit(error instanceof WebhookVerificationError ? 9 : 1); }
";

/// Whether a receiver that knows `secret` would believe that we sent `body` with the headers of `request`.
pub fn is_genuine(request: &Received, body: &str, secret: &str) -> bool {
    let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let headers: serde_json::Map<_, _> =
        names.iter().map(|name| ((*name).to_owned(), request.header(name).into())).collect();
    let mut node = tests::node().args(["-e", VERIFY]).current_dir(root()).stdin(Stdio::piped()).spawn().unwrap();
    let input = json!({ "secret": secret, "headers": headers, "body": body }).to_string();
    node.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    match node.wait().unwrap().code() {
        Some(0) => true,
        Some(9) => false,
        code => panic!("the check itself failed: {code:?}"),
    }
}

#[test]
fn requests_are_signed_with_both_secrets_while_rotating() {
    let pipeline = Setup::new().env("WEBHOOK_SECRET", format!("{NEW} {OLD}")).start();
    let (client, sink) = (pipeline.client(), Sink::start());
    let bodies = [json!({ "order": 7, "name": "ü" }), json!("sent as it is: \"ü\"\n"), json!(null)];
    let tasks = bodies.iter().enumerate().map(|(index, body)| {
        json!({ "kind": "http.request", "payload": { "url": sink.url(&format!("/{index}")), "body": body } })
    });
    let job = client.submit(&tasks.collect::<Vec<_>>());
    assert_eq!(client.wait_until_ended(job, SOON).counts.succeeded, 3);

    for (index, body) in [r#"{"name":"ü","order":7}"#, "sent as it is: \"ü\"\n", ""].into_iter().enumerate() {
        let request = sink.received(&format!("/{index}")).pop().unwrap();
        assert_eq!(request.header("webhook-id"), format!("{job}-{index}"), "receivers tell repeats by it");
        if index != 2 {
            assert_eq!(request.body, body);
        }
        for secret in [NEW, OLD] {
            assert!(is_genuine(&request, &request.body, secret), "task {index}");
        }
        assert!(!is_genuine(&request, &request.body, OTHER));
        assert!(!is_genuine(&request, &format!("{} ", request.body), NEW), "another body");
    }
}
