//! Jobs in parts: open, append, seal.

use domain::id::JobId;
use domain::ledger::JobState;
use serde_json::json;
use tests::answer::Answer;
use tests::client::Client;
use tests::pipeline::Pipeline;

use crate::SOON;
use crate::refusals::problem;

fn open(client: &Client) -> JobId {
    let answer = client.call("POST", "/v1/jobs?open=true&name=in+parts&lane=bulk").send();
    assert_eq!((answer.status, &answer.json()["state"]), (202, &json!("open")));
    assert_eq!(answer.json()["accepted"], 0);
    answer.json()["job"].as_str().unwrap().parse().unwrap()
}

fn append(client: &Client, job: JobId, part: &str, tasks: usize) -> Answer {
    let call = client.call("POST", &format!("/v1/jobs/{job}/tasks?kind=simulate"));
    call.header("idempotency-key", part).ndjson("{}\n".repeat(tasks)).send()
}

fn seal(client: &Client, job: JobId, accepted: u32) -> Answer {
    client.call("POST", &format!("/v1/jobs/{job}/seal")).json(json!({ "accepted": accepted })).send()
}

#[test]
fn a_job_takes_parts_until_it_is_sealed_and_only_then_completes() {
    let client = Pipeline::shared().client();
    let job = open(&client);
    let first = append(&client, job, "1", 700);
    assert_eq!((first.status, first.json()), (202, json!({ "job": job, "accepted": 700, "total": 700 })));
    let second = append(&client, job, "2", 800);
    assert_eq!((&second.json()["accepted"], &second.json()["total"]), (&json!(800), &json!(1_500)));
    let again = append(&client, job, "1", 700);
    let first = json!({ "job": job, "accepted": 700, "total": 700, "duplicate": true });
    assert_eq!((again.status, again.json()), (200, first), "the first answer again");
    problem("other content", &append(&client, job, "2", 9), 409);

    problem("another count", &seal(&client, job, 1_499), 409);
    assert_eq!(client.job(job).state, JobState::Open);
    assert_eq!(seal(&client, job, 1_500).status, 200);
    assert_eq!(seal(&client, job, 1_500).status, 200, "again");
    problem("a new part after the seal", &append(&client, job, "3", 1), 409);
    assert_eq!(append(&client, job, "2", 800).status, 200, "a known part after the seal");
    assert_eq!(client.wait_until_ended(job, SOON).counts.succeeded, 1_500);
    let indexes: Vec<_> = client.results(job, "").iter().map(|result| result["index"].clone()).collect();
    assert_eq!(indexes, (0..1_500).map(|index| json!(index)).collect::<Vec<_>>());
    assert_eq!(client.get(&format!("/v1/jobs/{job}/audit")).json()["clean"], true);
}

#[test]
fn a_job_may_be_opened_empty_as_json_too() {
    let client = Pipeline::shared().client();
    for body in [json!({ "name": "empty", "lane": "high" }), json!({ "name": "empty", "lane": "high", "tasks": [] })] {
        let opened = client.call("POST", "/v1/jobs?open=true").json(body).send().expect(202).json();
        assert_eq!(
            (&opened["name"], &opened["lane"], &opened["state"]),
            (&json!("empty"), &json!("high"), &json!("open"))
        );
        let job: JobId = opened["job"].as_str().unwrap().parse().unwrap();
        assert_eq!(seal(&client, job, 0).json()["state"], "completed");
    }
    problem("a job that is not open", &client.call("POST", "/v1/jobs").json(json!({ "name": "empty" })).send(), 422);
}

#[test]
fn parts_at_once_are_each_accepted_once() {
    let client = Pipeline::shared().client();
    let job = open(&client);
    std::thread::scope(|scope| {
        for part in 0..4 {
            for _ in 0..2 {
                let client = &client;
                scope.spawn(move || assert!(append(client, job, &part.to_string(), 250).status < 300));
            }
        }
    });
    assert_eq!(seal(&client, job, 1_000).status, 200);
    assert_eq!(client.wait_until_ended(job, SOON).counts.succeeded, 1_000);
}

#[test]
fn wrong_parts_and_seals_are_refused_and_change_nothing() {
    let client = Pipeline::shared().client();
    let job = open(&client);
    let tasks = format!("/v1/jobs/{job}/tasks");
    problem("no key", &client.call("POST", &tasks).ndjson("{\"kind\":\"simulate\"}").send(), 422);
    problem("no tasks", &append(&client, job, "empty", 0), 422);
    let part = json!({ "lane": "high", "tasks": [{ "kind": "simulate" }] });
    let call = client.call("POST", &tasks).header("idempotency-key", "lane");
    problem("a lane of its own", &call.json(part).send(), 422);
    problem("an unknown job", &append(&client, "0199f0c2a0007abc8def0123456789ab".parse().unwrap(), "1", 1), 404);
    let seal = format!("/v1/jobs/{job}/seal");
    problem("no count", &client.call("POST", &seal).json("{}").send(), 422);
    problem("no number", &client.call("POST", &seal).json("{\"accepted\":\"1\"}").send(), 422);
    problem("no JSON", &client.call("POST", &seal).json("{").send(), 400);
    problem("neither", &client.call("POST", "/v1/jobs?open=maybe").ndjson("").send(), 422);
    assert_eq!((client.job(job).counts.accepted, client.job(job).state), (0, JobState::Open));
    assert_eq!(client.call("POST", &format!("/v1/jobs/{job}/cancel")).send().status, 202);
    problem("a part after the cancel", &append(&client, job, "1", 1), 409);
}
