//! `GET /v1/jobs`: the index of jobs.

use domain::id::JobId;
use serde_json::{Value, json};
use tests::client::Client;
use tests::patience::eventually;
use tests::pipeline::{Pipeline, Setup};

use crate::SOON;
use crate::refusals::problem;

fn page(client: &Client, query: &str) -> (Vec<JobId>, Option<String>) {
    let answer = client.get(&format!("/v1/jobs{query}")).expect(200).json();
    let jobs = answer["jobs"].as_array().unwrap().iter().map(|job| job["job"].as_str().unwrap().parse().unwrap());
    (jobs.collect(), answer["cursor"].as_str().map(str::to_owned))
}

#[test]
fn jobs_are_listed_newest_first_page_by_page_and_by_state() {
    let pipeline = Setup::new().start();
    let client = pipeline.client();
    let submit = |name: &str, task: Value| {
        client.call("POST", &format!("/v1/jobs?name={name}")).ndjson(task.to_string()).accepted()
    };
    let first = submit("first", json!({ "kind": "simulate" }));
    client.wait_until_ended(first, SOON);
    let second = submit("second", json!({ "kind": "simulate", "delay_seconds": 3_600 }));
    let alone = client.call("POST", "/v1/tasks").json(json!({ "kind": "simulate" })).accepted();
    let third = client.call("POST", "/v1/jobs?open=true&name=third").accepted();
    eventually("the index knows all of them", SOON, || (page(&client, "").0 == [third, second, first]).then_some(()));

    let (newest, cursor) = page(&client, "?limit=2");
    assert_eq!(newest, [third, second]);
    assert_eq!(page(&client, &format!("?limit=2&cursor={}", cursor.unwrap())), (vec![first], None));
    assert_eq!(page(&client, "?limit=3").1, None, "there is no more");
    for (query, expected) in [
        ("?state=open", vec![third]),
        ("?state=running", vec![second]),
        ("?state=completed", vec![first]),
        ("?state=canceled", vec![]),
        ("?source=api", vec![third, second, first]),
        ("?source=cron", vec![]),
        ("?state=running&source=api", vec![second]),
    ] {
        assert_eq!(page(&client, query).0, expected, "{query}");
    }
    assert_eq!(client.get(&format!("/v1/jobs/{alone}")).status, 200, "a task alone is a job that is not listed");

    let listed = client.get("/v1/jobs").expect(200).json();
    for (at, job) in [third, second, first].into_iter().enumerate() {
        assert_eq!(listed["jobs"][at], client.get(&format!("/v1/jobs/{job}")).expect(200).json());
    }
    client.call("POST", &format!("/v1/jobs/{second}/cancel")).send().expect(202);
    eventually("a job moves on in the index", SOON, || (page(&client, "?state=canceled").0 == [second]).then_some(()));
}

#[test]
fn a_listing_that_is_asked_wrongly_says_what_it_can_be_asked() {
    let client = Pipeline::shared().client();
    for (query, field, hint) in [
        ("?state=done", "state", "open, running, completed, canceled"),
        ("?source=me", "source", "api, cron, replay"),
        ("?limit=0", "limit", "1"),
        ("?limit=201", "limit", "200"),
        ("?limit=x", "limit", "1"),
        ("?cursor=7", "cursor", "the page before"),
        ("?cursor=", "cursor", "the page before"),
        ("?sort=up", "sort", "state, source, limit, cursor"),
        ("?state=open&state=open", "state", "twice"),
    ] {
        let errors = problem(query, &client.get(&format!("/v1/jobs{query}")), 422);
        assert_eq!(errors[0]["field"], field, "{query}");
        assert!(errors[0]["detail"].as_str().unwrap().contains(hint), "{query}: {errors:?}");
    }
}
