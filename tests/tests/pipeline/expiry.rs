//! What happens to jobs that nobody touches any more, on a ledger whose clock can be set ahead.

use std::time::Duration;

use domain::id::JobId;
use serde_json::json;
use tests::client::Client;
use tests::patience::eventually;
use tests::pipeline::Setup;

use crate::SOON;
use crate::probe::ledger;
use crate::refusals::problem;

/// As in config/settings/development.toml.
const OPEN: Duration = Duration::from_secs(86_400);
const KEEP: Duration = Duration::from_secs(7 * 86_400);

/// Sets the clock of a ledger ahead and lets its alarm go off. What follows is a 404 of the ledger: no such call.
fn advance(client: &Client, job: JobId, by: Duration) {
    ledger(client, "POST", &format!("/advance?job={job}&ms={}", by.as_millis()), "").expect(404);
}

#[test]
fn an_open_job_is_sealed_in_the_end_and_a_job_that_ended_is_deleted() {
    let pipeline = Setup::new().faulty().start();
    let client = pipeline.client();
    let job = client.call("POST", "/v1/jobs?open=true&name=left").accepted();
    let part = || {
        let call = client.call("POST", &format!("/v1/jobs/{job}/tasks?kind=simulate"));
        call.header("idempotency-key", "one").ndjson("{}\n{\"payload\":{\"fail\":\"permanent\"}}\n").send()
    };
    part().expect(202);
    eventually("both have ended", SOON, || (client.job(job).counts.queued == 0).then_some(()));
    advance(&client, job, OPEN - Duration::from_secs(60));
    assert_eq!(client.get(&format!("/v1/jobs/{job}")).json()["state"], "open");
    advance(&client, job, Duration::from_secs(120));
    let view = client.get(&format!("/v1/jobs/{job}")).expect(200).json();
    assert_eq!((&view["state"], &view["sealed_by"]), (&json!("completed"), &json!("expiry")), "{view}");
    assert_eq!(part().expect(200).json()["duplicate"], true, "a known part is known after the seal too");
    let other = client.call("POST", &format!("/v1/jobs/{job}/tasks?kind=simulate")).header("idempotency-key", "two");
    problem("a new part", &other.ndjson("{}").send(), 409);

    eventually("its letter is archived", SOON, || (pipeline.archive().letters(job).len() == 1).then_some(()));
    advance(&client, job, KEEP - Duration::from_secs(600));
    client.get(&format!("/v1/jobs/{job}")).expect(200);
    let path = |rest: &str| format!("/v1/jobs/{job}{rest}");
    advance(&client, job, Duration::from_secs(600));
    eventually("it is deleted", SOON, || {
        advance(&client, job, Duration::from_secs(2));
        (client.get(&path("")).status == 410).then_some(())
    });
    for (method, path) in [
        ("GET", path("")),
        ("GET", path("/results")),
        ("GET", path("/audit")),
        ("POST", path("/cancel")),
        ("GET", format!("/v1/tasks/{job}-0")),
        ("POST", format!("/v1/tasks/{job}-0/cancel")),
    ] {
        problem(&format!("{method} {path}"), &client.call(method, &path).send(), 410);
    }
    problem("a part", &part(), 410);
    problem("a seal", &client.call("POST", &path("/seal")).json(json!({ "accepted": 2 })).send(), 410);
    problem("what never was", &client.get(&format!("/v1/jobs/{}", JobId::keyed("nobody", "expiry"))), 404);

    let listed = client.get("/v1/jobs").expect(200).json();
    assert_eq!(listed["jobs"], json!([]), "it is listed no more");
    let confirm = json!({ "v": 1, "messages": [{ "letters": 0, "tasks": [[1, 2]], "sent_at": 0 }] });
    ledger(&client, "POST", &format!("/confirm?job={job}"), &confirm.to_string()).expect(200);
    let claim = json!({ "v": 1, "claims": [{ "pack": 0, "delivery": { "message": "m", "attempts": 1, "timeout_ms": 1_000 }, "sent_at": 0 }] });
    let claimed = ledger(&client, "POST", &format!("/claim?job={job}"), &claim.to_string()).expect(200);
    assert_eq!(claimed.json()["answers"], json!([{ "idle": "unknown" }]), "a late message has nothing to do");
    problem("and nothing came back to life", &client.get(&path("")), 410);
}
