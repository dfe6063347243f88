//! Results and single tasks.

use domain::calls::{PAGE_BYTES, PAGE_TASKS};
use domain::lane::Lane;
use serde_json::{Value, json};
use tests::command_line::monotask;
use tests::patience::eventually;
use tests::pipeline::{Pipeline, Setup};

use crate::SOON;
use crate::probe::ledger;
use crate::refusals::problem;

fn indexes(results: &[Value]) -> Vec<u64> {
    results.iter().map(|result| result["index"].as_u64().unwrap()).collect()
}

#[test]
fn results_longer_than_a_page_are_streamed_whole_and_in_order() {
    let client = Pipeline::shared().client();
    let count = PAGE_TASKS * 2 + 1_000;
    let dead = [10, PAGE_TASKS - 1, PAGE_TASKS, count - 1];
    let task = |index| match dead.contains(&index) {
        true => "{\"payload\":{\"fail\":\"permanent\"}}\n",
        false => "{}\n",
    };
    let body: String = (0..count).map(task).collect();
    let job = client.call("POST", "/v1/jobs?kind=simulate").ndjson(body).accepted();
    client.wait_until_ended(job, SOON);

    let answer = client.get(&format!("/v1/jobs/{job}/results")).expect(200);
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    assert!(indexes(&answer.lines()).into_iter().eq(0..u64::from(count)));

    let around = client.results(job, &format!("?from={}&limit=20", PAGE_TASKS - 10));
    assert!(indexes(&around).into_iter().eq(u64::from(PAGE_TASKS) - 10..u64::from(PAGE_TASKS) + 10));
    assert!(indexes(&client.results(job, "?status=dead")).into_iter().eq(dead.map(u64::from)));
    let next = client.results(job, "?status=dead&from=11&limit=2");
    assert_eq!(indexes(&next), [u64::from(PAGE_TASKS) - 1, u64::from(PAGE_TASKS)]);
    assert_eq!(client.results(job, "?status=succeeded&limit=3").len(), 3);
    assert!(client.results(job, "?status=canceled").is_empty());
    assert!(client.results(job, &format!("?from={count}")).is_empty());
}

#[test]
fn large_outputs_end_a_page_and_not_the_results() {
    let client = Pipeline::shared().client();
    let tasks: Vec<Value> = (0..900)
        .map(|index| json!({ "kind": "simulate", "payload": { "output": format!("{index} {}", "x".repeat(12_000)) } }))
        .collect();
    let job = client.submit(&tasks);
    client.wait_until_ended(job, SOON);
    let answer = client.get(&format!("/v1/jobs/{job}/results")).expect(200);
    assert!(answer.body.len() > PAGE_BYTES * 2, "more than two pages");
    for (index, result) in answer.lines().iter().enumerate() {
        assert_eq!(result["output"], tasks[index]["payload"]["output"]);
    }
    assert_eq!(answer.lines().len(), 900);
}

#[test]
fn a_last_line_says_that_results_are_whole_where_it_is_asked_for() {
    let client = Pipeline::shared().client();
    let job = client.submit(&vec![json!({ "kind": "simulate" }); 20]);
    client.wait_until_ended(job, SOON);
    for (query, lines) in [("?end=true", 20), ("?end=true&from=5&limit=3", 3), ("?end=true&status=dead", 0)] {
        let results = client.results(job, query);
        assert_eq!(
            (results.len(), results.last()),
            (lines + 1, Some(&json!({ "end": true, "lines": lines }))),
            "{query}"
        );
    }
    assert_eq!(client.results(job, "?end=false").len(), 20);
    problem("end", &client.get(&format!("/v1/jobs/{job}/results?end=yes")), 422);
}

#[test]
fn results_that_end_early_are_told_from_whole_ones() {
    let pipeline = Setup::new().faulty().start();
    let client = pipeline.client();
    let count = PAGE_TASKS + 1_000;
    let job = client.call("POST", "/v1/jobs?kind=simulate").ndjson("{}\n".repeat(count as usize)).accepted();
    client.wait_until_ended(job, SOON);
    let path = format!("/v1/jobs/{job}/results?end=true");
    assert_eq!(client.get(&path).expect(200).lines().len(), count as usize + 1);

    ledger(&client, "POST", &format!("/spoil-last-row?job={job}"), "").expect(404);
    // Whether the connection breaks off, or some proxy ends it well: the last line is not there.
    if let Ok(answer) = client.call("GET", &path).try_send() {
        let lines = answer.lines();
        assert!(lines.len() < count as usize && lines.iter().all(|line| line.get("end").is_none()), "{}", lines.len());
    }
    let output = monotask(&pipeline).args(["results", &job.to_string()]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("the server cannot") || said.contains("not whole"), "{said}");
}

#[test]
fn tasks_whose_due_times_lie_across_each_other_are_read_one_by_one() {
    let client = Pipeline::shared().client();
    let task = |index| json!({ "kind": "simulate", "delay_seconds": 3_600 + index % 500, "ref": format!("{index}") });
    let tasks: Vec<Value> = (0..20_000).map(task).collect();
    let job = client.submit(&tasks);
    assert_eq!(client.task(job, 7_777)["ref"], "7777");
    let results = client.results(job, "");
    assert!(results.iter().enumerate().all(|(index, result)| result["ref"] == *format!("{index}")));
    assert_eq!(results.len(), 20_000);
    client.call("POST", &format!("/v1/jobs/{job}/cancel")).send().expect(202);
}

#[test]
fn a_task_shows_its_payload_as_it_came_and_every_failed_attempt() {
    let client = Pipeline::shared().client();
    let payload =
        r#"{"output":{"b":1.50,"a":90071992547409931},"fail_times":2,"error":{"class":"busy","message":"ü"}}"#;
    let line = format!(r#"{{"kind":"simulate","payload":{payload},"ref":"order \"7\""}}"#);
    let job = client.call("POST", "/v1/jobs").ndjson(line).accepted();
    client.wait_until_ended(job, SOON);
    let answer = client.get(&format!("/v1/tasks/{job}-0")).expect(200);
    assert!(answer.text().contains(&format!(r#""payload":{payload}"#)), "{}", answer.text());
    assert!(answer.text().contains(r#""output":{"b":1.50,"a":90071992547409931}"#), "{}", answer.text());

    let task = answer.json();
    assert_eq!(task["ref"], "order \"7\"");
    assert_eq!((&task["status"], &task["attempts"], task.get("error")), (&json!("succeeded"), &json!(3), None));
    let history = task["history"].as_array().unwrap();
    assert_eq!(history.len(), 2);
    for (at, failed) in history.iter().enumerate() {
        assert_eq!(failed["attempt"], at + 1);
        assert_eq!(failed["error"], json!({ "class": "busy", "message": "ü" }));
    }
    assert!(history[0]["at"].as_str() < history[1]["at"].as_str(), "RFC 3339 in UTC sorts by time");
}

#[test]
fn tasks_that_have_not_ended_show_where_they_are() {
    let client = Pipeline::shared().client();
    for (status, attempts, task) in [
        ("queued", 0, json!({ "kind": "simulate", "delay_seconds": 3_600 })),
        ("running", 1, json!({ "kind": "simulate", "payload": { "sleep_ms": 5_000 } })),
        ("retrying", 1, json!({ "kind": "simulate", "payload": { "fail_times": 1, "retry_after": 3_600 } })),
    ] {
        let job = client.submit_to(Lane::Bulk, [&task]);
        let found = eventually(&format!("the task is {status}"), SOON, || {
            client.results(job, &format!("?status={status}")).pop()
        });
        assert_eq!((&found["status"], &found["attempts"]), (&json!(status), &json!(attempts)));
        assert_eq!(client.task(job, 0)["status"], status);
        assert_eq!(client.job(job).completed_at, None);
    }
}
