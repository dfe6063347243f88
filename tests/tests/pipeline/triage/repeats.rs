//! `Idempotency-Key`: a replay that is asked for twice is one.

use std::sync::Barrier;
use std::thread;

use serde_json::{Value, json};
use tests::pipeline::Pipeline;
use tests::sink::{Reply, Sink};

use crate::SOON;
use crate::refusals::problem;

#[test]
fn a_repeated_replay_is_answered_as_the_first_and_nothing_runs_twice() {
    let (client, sink) = (Pipeline::shared().client(), Sink::start());
    let triage = client.triage();
    sink.answer("/mended", vec![Reply::status(410); 3].into_iter().chain([Reply::status(200)]));
    let task = json!({ "kind": "http.request", "payload": { "url": sink.url("/mended") } });
    let job = triage.let_die(&vec![task; 3]);
    let key = format!("replay of {job}");
    let post =
        |body: &Value| client.call("POST", "/v1/dead-letters/replay").header("idempotency-key", &key).json(body).send();
    let (dry, body) = (json!({ "filter": { "job": job }, "dry_run": true }), json!({ "filter": { "job": job } }));
    post(&dry).expect(200);

    let start = Barrier::new(4);
    let answers: Vec<_> = thread::scope(|scope| {
        let ask = || {
            start.wait();
            post(&body)
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 202], "a dry run uses up no key");
    let first = answers.iter().find(|answer| answer.status == 202).unwrap().json();
    let replay = first["replay"].as_str().unwrap();
    let view = triage.wait_for_replay(replay, "completed", SOON);
    assert_eq!((&view["counts"]["succeeded"], &first["count"]), (&json!(3), &json!(3)));

    let mut expected = first.clone();
    expected["duplicate"] = json!(true);
    for answer in answers.iter().filter(|answer| answer.status == 200) {
        assert_eq!(answer.json(), expected);
    }
    assert_eq!(post(&body).expect(200).json(), expected, "also after its end, when nothing is open any more");
    for other in
        [json!({ "filter": { "job": job }, "rate": 5 }), json!({ "filter": { "kind": "http.request", "job": job } })]
    {
        let errors = problem("other content", &post(&other), 409);
        assert!(errors.is_empty());
    }
    assert_eq!(triage.view(replay), view, "nothing has changed");
    assert_eq!(sink.received("/mended").len(), 6, "each ran once more");
}
