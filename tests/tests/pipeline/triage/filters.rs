//! Filters: each alone, together, and at their edges.

use std::time::Duration;

use domain::time::Timestamp;
use serde_json::{Value, json};
use tests::client::Client;
use tests::pipeline::Pipeline;
use tests::sink::{Reply, Sink};
use tests::triage::{dies, encode, names};

/// Whether a letter is as a filter says.
type Meets<'m> = &'m dyn Fn(&Value) -> bool;

/// The indexes of the letters of `job` that `query` shows, the least first.
fn found(client: &Client, job: &str, query: &str) -> Vec<u64> {
    let letters = client.triage().dead_letters(query).into_iter();
    let mut indexes: Vec<u64> =
        letters.filter(|letter| letter["job"] == *job).map(|letter| letter["index"].as_u64().unwrap()).collect();
    indexes.sort_unstable();
    indexes
}

#[test]
fn each_filter_alone_shows_what_meets_it_and_together_what_meets_all() {
    let (client, sink) = (Pipeline::shared().client(), Sink::start());
    let triage = client.triage();
    sink.answer("/teapot", [Reply::status(418)]);
    let job = triage.let_die(&[
        dies("filters", "discarded soon"),
        dies("filters", "stays open"),
        json!({ "kind": "http.request", "payload": { "url": sink.url("/teapot") } }),
        json!({ "kind": "simulate", "payload": { "fail": "retryable" }, "max_attempts": 1 }),
    ]);
    let other = triage.let_die([&dies("filters", "stays open")]);
    let entry = triage.discard(&json!({ "tasks": [format!("{job}-0")] }))["journal"].clone();
    let fingerprint = triage.record(&format!("{job}-1"))["fingerprint"].as_str().unwrap().to_owned();
    let job = job.to_string();

    let alone: [(&str, Vec<u64>, Meets<'_>); 8] = [
        ("state=open", vec![1, 2, 3], &|letter| letter["state"] == "open"),
        ("state=discarded", vec![0], &|letter| letter["state"] == "discarded"),
        ("kind=http.request", vec![2], &|letter| letter["kind"] == "http.request"),
        ("reason=exhausted", vec![3], &|letter| letter["reason"] == "exhausted"),
        ("q=filters", vec![0, 1], &|letter| letter.to_string().contains("filters")),
        (&format!("fingerprint={fingerprint}"), vec![1], &|letter| letter["fingerprint"] == *fingerprint),
        (&format!("journal={entry}"), vec![0], &|letter| letter["state"] == "discarded"),
        (&format!("job={job}"), vec![0, 1, 2, 3], &|letter| letter["job"] == *job),
    ];
    for (query, expected, meets) in alone {
        assert_eq!(found(&client, &job, query), expected, "{query}");
        let all = triage.dead_letters(query);
        names(&all, "task");
        assert!(all.iter().all(meets), "{query}: {all:?}");
    }
    for (query, expected) in [
        ("state=open&kind=simulate", vec![1, 3]),
        ("state=open&kind=simulate&reason=permanent", vec![1]),
        ("kind=simulate&reason=permanent", vec![0, 1]),
        ("kind=http.request&reason=exhausted", vec![]),
        ("q=filters&state=open", vec![1]),
        ("state=replayed", vec![]),
        ("state=resolved", vec![]),
        (&format!("fingerprint={fingerprint}&state=open&kind=simulate&reason=permanent&q=open"), vec![1]),
        (&format!("fingerprint={fingerprint}&state=discarded"), vec![]),
        (&format!("journal={entry}&state=open"), vec![]),
    ] {
        assert_eq!(found(&client, &job, &format!("job={job}&{query}")), expected, "{query}");
        let count: u64 =
            triage.groups(&format!("job={job}&{query}")).iter().map(|group| group["count"].as_u64().unwrap()).sum();
        assert_eq!(count, expected.len() as u64, "groups of {query}");
    }
    assert_eq!(found(&client, &other.to_string(), &format!("job={job}")), [0; 0]);
    assert_eq!(triage.dead_letters("job=0199f0c2a0007abc8def0123456789ad"), [Value::Null; 0]);
}

#[test]
fn since_is_the_first_moment_and_until_the_one_after_the_last() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let job = triage.let_die([&dies("edges", "of time")]).to_string();
    let died_at = Timestamp::parse_rfc3339(triage.record(&format!("{job}-0"))["died_at"].as_str().unwrap()).unwrap();
    let (before, after) = (Timestamp::from_millis(died_at.as_millis() - 1), died_at.after(Duration::from_millis(1)));
    // The same moment, told by a clock elsewhere.
    let elsewhere = died_at.after(Duration::from_secs(7_200)).to_string().replace('Z', "+02:00");
    let at = |name: &str, time: &str| format!("job={job}&{name}={}", encode(time));
    for (query, expected) in [
        (at("since", &died_at.to_string()), 1),
        (at("since", &after.to_string()), 0),
        (at("since", &before.to_string()), 1),
        (at("since", &elsewhere), 1),
        (at("until", &died_at.to_string()), 0),
        (at("until", &after.to_string()), 1),
        (at("until", &elsewhere), 0),
        (format!("{}&until={}", at("since", &died_at.to_string()), after), 1),
        (format!("{}&until={}", at("since", &died_at.to_string()), died_at), 0),
        (format!("{}&until={}", at("since", &after.to_string()), before), 0),
    ] {
        assert_eq!(triage.dead_letters(&query).len(), expected, "{query}");
        assert_eq!(triage.groups(&query).len(), expected, "{query}");
    }
    for (since, expected) in [(died_at, 1), (after, 0)] {
        let body = json!({ "filter": { "job": job, "since": since.to_string() } });
        assert_eq!(triage.dry_run(&body)["count"], expected, "an action means what the list shows");
    }
}

#[test]
fn a_filter_of_an_action_means_the_tasks_that_it_names_once_each_and_composes() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let job = triage.let_die(&[dies("named", "a"), dies("named", "b"), dies("other", "c")]);
    let task = |index: u32| format!("{job}-{index}");
    for (filter, expected) in [
        (json!({ "tasks": [task(0), task(0), task(2), "nobody"] }), 2),
        (json!({ "tasks": [task(0), task(2)], "q": "named" }), 1),
        (json!({ "tasks": [task(0)], "kind": "http.request" }), 0),
        (json!({ "tasks": [task(7)] }), 0),
        (json!({ "all": true, "job": job }), 3),
        (json!({ "job": job, "state": "open" }), 3),
    ] {
        assert_eq!(triage.dry_run(&json!({ "filter": filter }))["count"], expected, "{filter}");
    }
}
