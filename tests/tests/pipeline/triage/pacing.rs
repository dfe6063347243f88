//! Canary, rate and cancel: replays that do not send all at once.

use std::time::{Duration, Instant};

use domain::id::JobId;
use domain::ledger::JobState;
use domain::time::Timestamp;
use serde_json::{Value, json};
use tests::pipeline::Pipeline;
use tests::sink::{Reply, Sink};
use tests::triage::dies;

use crate::SOON;
use crate::refusals::problem;

fn jobs_of(view: &Value) -> Vec<JobId> {
    view["jobs"].as_array().unwrap().iter().map(|job| job.as_str().unwrap().parse().unwrap()).collect()
}

#[test]
fn a_canary_that_fails_halts_the_replay_until_somebody_resumes_it() {
    let (client, sink) = (Pipeline::shared().client(), Sink::start());
    let triage = client.triage();
    sink.answer("/canary", [Reply::status(410)]);
    let task = json!({ "kind": "http.request", "payload": { "url": sink.url("/canary") } });
    let job = triage.let_die(&vec![task; 10]);
    let canary = json!({ "stages": [3, 2], "halt_above": 0.5 });
    let replay = triage.replay(&json!({ "filter": { "job": job }, "canary": canary }));
    let view = triage.wait_for_replay(&replay, "halted", SOON);
    assert_eq!(view["halted"], json!({ "stage": 1, "failed": 3, "of": 3 }));
    assert_eq!(view["canary"], canary);
    for (name, count) in [("frozen", 10), ("sent", 3), ("died_again", 3), ("waiting", 7)] {
        assert_eq!(view["counts"][name], count, "{view}");
    }
    assert_eq!(sink.received("/canary").len(), 13);
    assert_eq!(triage.dead_letters(&format!("job={job}&state=open")).len(), 10, "what waits is open for others");

    sink.answer("/canary", [Reply::status(200)]);
    let resumed = triage.say(&replay, "resume").expect(202).json();
    assert_eq!((&resumed["replay"], &resumed["halted"]), (&json!(replay), &Value::Null));
    let view = triage.wait_for_replay(&replay, "completed", SOON);
    for (name, count) in [("sent", 10), ("succeeded", 7), ("died_again", 3), ("waiting", 0)] {
        assert_eq!(view["counts"][name], count, "{view}");
    }
    let sizes: Vec<u32> = jobs_of(&view).into_iter().map(|job| client.job(job).counts.accepted).collect();
    assert_eq!(sizes, [3, 2, 5], "a job a stage, then the rest");
    let said = |action: &str| {
        let journal = triage.all("/v1/journal", "", 200).into_iter();
        journal.filter(|entry| entry["replay"] == *replay && entry["action"] == action).collect::<Vec<_>>()
    };
    assert_eq!((said("replay").len(), said("resume").len()), (1, 1));
    assert_eq!(said("resume")[0]["count"], 7);
    for word in ["resume", "cancel"] {
        assert!(problem(word, &triage.say(&replay, word), 409).is_empty(), "it is over");
    }
}

#[test]
fn a_canary_that_does_well_goes_on_by_itself() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    // One of the first four fails whatever is patched: a quarter, which is not above a quarter. Nobody listens there.
    let unheard = json!({ "kind": "http.request", "payload": { "url": "http://127.0.0.1:1/" }, "max_attempts": 1 });
    let first = triage.let_die([&unheard]);
    let job = triage.let_die(&vec![dies("canary", "fixable"); 7]);
    let tasks: Vec<String> = (0..7).map(|index| format!("{job}-{index}")).chain([format!("{first}-0")]).collect();
    let (filter, canary) = (json!({ "tasks": tasks }), json!({ "stages": [4], "halt_above": 0.25 }));
    let replay = triage.replay(&json!({ "filter": filter, "patch": { "fail": null }, "canary": canary }));
    let view = triage.wait_for_replay(&replay, "completed", SOON);
    assert_eq!((&view["counts"]["succeeded"], &view["counts"]["died_again"]), (&json!(7), &json!(1)));
    let jobs = jobs_of(&view);
    assert_eq!((client.job(jobs[0]).counts.dead, jobs.len()), (1, 2));
}

#[test]
fn a_rate_is_kept() {
    let (client, sink) = (Pipeline::shared().client(), Sink::start());
    let triage = client.triage();
    sink.answer("/paced", vec![Reply::status(410); 30].into_iter().chain([Reply::status(200)]));
    let task = json!({ "kind": "http.request", "payload": { "url": sink.url("/paced") } });
    let job = triage.let_die(&vec![task; 30]);
    let start = Instant::now();
    let replay = triage.replay(&json!({ "filter": { "job": job }, "rate": 10 }));
    let view = triage.wait_for_replay(&replay, "completed", SOON);
    assert_eq!((&view["counts"]["succeeded"], &view["rate"]), (&json!(30), &json!(10.0)));
    assert_eq!(jobs_of(&view).len(), 1, "a rate alone makes no stages");
    let requests = sink.received("/paced").split_off(30);
    for (at, request) in requests.iter().enumerate() {
        // A second's worth may go at once.
        let earliest = Duration::from_secs(at as u64 / 10);
        assert!(request.at - start >= earliest, "request {at} came after {:?}", request.at - start);
    }
    let at = |name: &str| Timestamp::parse_rfc3339(view[name].as_str().unwrap()).unwrap().as_millis();
    assert!(at("completed_at") - at("created_at") >= 2_000);
}

#[test]
fn a_cancel_gives_back_what_waits_and_what_does_not_run() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let job = triage.let_die(&vec![dies("canceled", "a"); 5]);
    // It fails once and waits an hour for the next attempt: it is under way and does not run.
    let waits = json!({ "fail": null, "fail_times": 1, "retry_after": 3_600 });
    let body = json!({ "filter": { "job": job }, "patch": waits, "canary": { "stages": [2] } });
    let replay = triage.replay(&body);
    let stage = tests::patience::eventually("two are under way", SOON, || {
        let stage = jobs_of(&triage.view(&replay)).pop()?;
        (client.job(stage).counts.retrying == 2).then_some(stage)
    });
    let of = |state: &str| triage.dead_letters(&format!("job={job}&state={state}"));
    assert_eq!((of("replayed").len(), of("open").len()), (2, 3));

    let view = triage.say(&replay, "cancel").expect(202).json();
    assert_eq!(view["cancel_requested"], true);
    let view = triage.wait_for_replay(&replay, "canceled", SOON);
    for (name, count) in [("canceled", 5), ("sent", 2), ("pending", 0), ("waiting", 0)] {
        assert_eq!(view["counts"][name], count, "{view}");
    }
    assert_eq!(client.wait_until_ended(stage, SOON).state, JobState::Canceled);
    assert_eq!(client.job(stage).counts.canceled, 2);
    assert_eq!(triage.items(&replay, "verdict=canceled").len(), 5);
    let open = of("open");
    assert_eq!(open.len(), 5);
    let verdicts = open.iter().flat_map(|letter| letter["replays"].as_array().unwrap());
    let verdicts: Vec<&Value> = verdicts.map(|replay| &replay["verdict"]).collect();
    assert_eq!(verdicts, ["canceled"; 2], "what waited was never taken");
    triage.say(&replay, "cancel").expect(202);
    assert!(problem("resume", &triage.say(&replay, "resume"), 409).is_empty());
    let canceled = |entry: &&Value| entry["replay"] == *replay && entry["action"] == "cancel";
    assert_eq!(triage.all("/v1/journal", "", 200).iter().filter(canceled).count(), 1, "a second word says nothing new");

    let again = triage.replay(&json!({ "filter": { "job": job }, "patch": { "fail": null } }));
    assert_eq!(triage.wait_for_replay(&again, "completed", SOON)["counts"]["succeeded"], 5);
}
