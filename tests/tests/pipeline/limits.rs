//! A job that holds as much as it may.

use std::time::Duration;

use domain::calls::JOB_FULL;
use domain::limits::{JOB_PACKS, JOB_TASKS, REQUEST_PACKS};
use serde_json::json;
use tests::pipeline::Setup;

use crate::refusals::problem;

/// As many packs as a request may have, whose tasks lie across each other, far from due.
fn part(tasks: u32) -> String {
    (0..tasks).map(|task| format!("{{\"delay_seconds\":{}}}\n", 864_000 + task % REQUEST_PACKS as u32)).collect()
}

#[test]
fn a_job_at_its_limits_is_refused_more_and_read_audited_and_canceled_after_a_restart() {
    let pipeline = Setup::new().start();
    let client = pipeline.client();
    let job = client.call("POST", "/v1/jobs?open=true").accepted();
    let parts = JOB_PACKS / REQUEST_PACKS as u32;
    let body = part(JOB_TASKS / parts);
    let append = |key: &str, body: &str| {
        let path = format!("/v1/jobs/{job}/tasks?kind=simulate");
        client.call("POST", &path).header("idempotency-key", key).ndjson(body).send()
    };
    for number in 0..parts {
        append(&number.to_string(), &body).expect(202);
    }
    let refused = append("more", "{}\n");
    problem("more", &refused, 413);
    assert_eq!(refused.json()["code"], JOB_FULL);
    append("0", &body).expect(200);
    client.call("POST", &format!("/v1/jobs/{job}/seal")).json(json!({ "accepted": JOB_TASKS })).send().expect(200);

    let pipeline = Setup::new().on(pipeline.stop()).start();
    let client = pipeline.client();
    let counts = client.job(job).counts;
    assert_eq!((counts.accepted, counts.queued), (JOB_TASKS, JOB_TASKS));
    let last = JOB_TASKS - 1;
    assert_eq!(client.task(job, last)["status"], "queued");
    let results = client.results(job, &format!("?from={}&end=true", JOB_TASKS - 40_000));
    assert_eq!((results.len(), &results[40_000]["lines"]), (40_001, &json!(40_000)));
    assert_eq!(client.get(&format!("/v1/jobs/{job}/audit")).expect(200).json()["clean"], true);
    client.call("POST", &format!("/v1/jobs/{job}/cancel")).send().expect(202);
    let ended = client.wait_until_ended(job, Duration::from_secs(60));
    assert_eq!(ended.counts.canceled, JOB_TASKS);
    assert_eq!(client.get(&format!("/v1/jobs/{job}/audit")).expect(200).json()["clean"], true);
}
