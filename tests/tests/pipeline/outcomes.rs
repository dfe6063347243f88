//! What becomes of tasks, and of the counts.

use domain::ledger::JobState;
use serde_json::{Value, json};
use tests::pipeline::Pipeline;

use crate::SOON;

/// Four sorts of tasks in turn: one succeeds, one succeeds the second time, one fails for good, one runs out of
/// attempts.
fn mixed(count: usize) -> Vec<Value> {
    let task = |index: usize| {
        let (payload, attempts) = match index % 4 {
            0 => (json!({ "output": { "n": index } }), 5),
            1 => (json!({ "fail_times": 1, "output": index }), 5),
            2 => (json!({ "fail": "permanent", "error": { "class": "gone", "message": "no such order" } }), 5),
            _ => (json!({ "fail": "retryable" }), 2),
        };
        json!({ "kind": "simulate", "payload": payload, "ref": format!("order-{index}"), "max_attempts": attempts })
    };
    (0..count).map(task).collect()
}

#[test]
fn a_mixed_job_ends_with_every_task_where_it_belongs_and_adds_up_whenever_it_is_read() {
    let client = Pipeline::shared().client();
    let job = client.submit(&mixed(400));
    // Looks at the counts all the way to the end.
    let counts = client.wait_until_ended(job, SOON).counts;
    assert_eq!((counts.accepted, counts.succeeded, counts.dead), (400, 200, 200));

    let results = client.results(job, "");
    assert_eq!(results.len(), 400);
    for (index, result) in results.iter().enumerate() {
        let (status, attempts, output, error) = match index % 4 {
            0 => ("succeeded", 1, json!({ "n": index }), Value::Null),
            1 => ("succeeded", 2, json!(index), Value::Null),
            2 => ("dead", 1, Value::Null, json!({ "class": "gone", "message": "no such order" })),
            _ => ("dead", 2, Value::Null, json!({ "class": "simulated", "message": "failed as asked to" })),
        };
        assert_eq!(result["task"], format!("{job}-{index}"));
        assert_eq!(result["index"], index);
        assert_eq!(result["ref"], format!("order-{index}"));
        assert_eq!(result["kind"], "simulate");
        assert_eq!(result["status"], status);
        assert_eq!(result["attempts"], attempts);
        assert_eq!((&result["output"], &result["error"]), (&output, &error), "task {index}");
    }
}

#[test]
fn a_job_reads_as_the_contract_says() {
    let client = Pipeline::shared().client();
    let submitted = client
        .call("POST", "/v1/jobs?name=nightly&lane=high&kind=simulate")
        .ndjson("{}\n\n  \n{\"payload\":{}}\n")
        .send()
        .expect(202)
        .json();
    let job = submitted["job"].as_str().unwrap();
    assert_eq!(
        submitted,
        json!({
            "job": job, "name": "nightly", "lane": "high", "accepted": 2, "state": "running",
            "links": { "job": format!("/v1/jobs/{job}"), "results": format!("/v1/jobs/{job}/results") },
        })
    );
    client.wait_until_ended(job.parse().unwrap(), SOON);

    let answer = client.get(&format!("/v1/jobs/{job}")).expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    let mut view = answer.json();
    for time in ["created_at", "sealed_at", "completed_at"] {
        let text = view[time].take();
        assert!(text.as_str().unwrap().ends_with('Z') && text.as_str().unwrap().len() == 24, "{time}: {text}");
    }
    let counts = json!({
        "accepted": 2, "queued": 0, "running": 0, "retrying": 0, "succeeded": 2, "dead": 0, "canceled": 0,
    });
    assert_eq!(
        view,
        json!({
            "job": job, "name": "nightly", "lane": "high", "source": "api", "state": "completed",
            "cancel_requested": false, "counts": counts,
            "created_at": null, "sealed_at": null, "completed_at": null,
        })
    );
}

#[test]
fn a_single_task_is_a_job_of_its_own() {
    let client = Pipeline::shared().client();
    let body = r#"{"kind": "simulate", "payload": {"output": [1, 2]}}"#;
    let submitted = client.call("POST", "/v1/tasks?lane=high").json(body).send().expect(202).json();
    let job = submitted["job"].as_str().unwrap();
    assert_eq!(submitted, json!({ "task": format!("{job}-0"), "job": job }));
    let job = job.parse().unwrap();
    assert_eq!(client.wait_until_ended(job, SOON).counts.succeeded, 1);
    assert_eq!(client.task(job, 0)["output"], json!([1, 2]));
}

#[test]
fn tasks_of_a_json_body_run_like_those_of_lines() {
    let client = Pipeline::shared().client();
    let body = json!({
        "name": "from JSON", "lane": "bulk",
        "tasks": [{ "kind": "simulate" }, { "kind": "simulate", "payload": { "fail": "permanent" } }],
    });
    // Line breaks inside of tasks are no line breaks of the pack.
    let body = serde_json::to_string_pretty(&body).unwrap();
    let job = client.call("POST", "/v1/jobs").header("content-encoding", "identity").json(body).accepted();
    let view = client.wait_until_ended(job, SOON);
    assert_eq!((view.counts.succeeded, view.counts.dead, view.state), (1, 1, JobState::Completed));
}

#[test]
fn an_output_too_large_to_keep_is_a_permanent_failure() {
    let client = Pipeline::shared().client();
    let task = |bytes: usize| json!({ "kind": "simulate", "payload": { "output": "x".repeat(bytes - 2) } });
    let job = client.submit(&[task(16 * 1024), task(16 * 1024 + 1)]);
    client.wait_until_ended(job, SOON);
    let results = client.results(job, "");
    assert_eq!(results[0]["output"].as_str().unwrap().len(), 16 * 1024 - 2);
    assert_eq!((&results[1]["attempts"], &results[1]["error"]["class"]), (&json!(1), &json!("output_too_large")));
}
