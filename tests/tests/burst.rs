//! More large requests at once than a Worker has memory for. In a binary of its own: a burst of 190 MB would disturb the
//! tests that measure time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what it did not expect")]

use std::thread;
use std::time::Duration;

use tests::pipeline::Pipeline;

/// How long a million tasks may take.
const MANY: Duration = Duration::from_secs(90);

#[test]
fn more_large_requests_at_once_than_fit_are_told_to_come_back() {
    let client = Pipeline::shared().client();
    let line = format!("{{\"kind\":\"simulate\",\"ref\":\"{}\"}}\n", "x".repeat(70));
    let body = line.repeat(15_500_000 / line.len());
    let answers = thread::scope(|scope| {
        let submit = || client.call("POST", "/v1/jobs?lane=bulk").ndjson(body.as_str()).send();
        let callers: Vec<_> = (0..12).map(|_| scope.spawn(submit)).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect::<Vec<_>>()
    });
    let (accepted, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 202);
    assert!(accepted.len() >= 4, "{} accepted", accepted.len());
    for answer in refused {
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (429, "application/problem+json"),
            "{}",
            answer.text()
        );
        assert_eq!(answer.header("retry-after"), "1");
    }
    for answer in accepted {
        client.wait_until_ended(answer.json()["job"].as_str().unwrap().parse().unwrap(), MANY);
    }
}
