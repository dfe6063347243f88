//! The list, the groups, the export and the record: what they show.

use domain::id::JobId;
use domain::time::Timestamp;
use serde_json::{Value, json};
use tests::pipeline::Pipeline;
use tests::sink::{Reply, Sink};
use tests::triage::{dies, names};

use super::tasks_of;
use crate::SOON;
use crate::probe::{send, text};

#[test]
fn a_dead_letter_is_listed_with_what_it_died_of_and_its_record_has_all_the_rest() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let mut once = dies("gone", "no such order");
    once["ref"] = json!("order-1");
    let busy = json!({ "class": "busy", "message": "try later" });
    let twice = json!({
        "kind": "simulate", "payload": { "fail": "retryable", "error": busy }, "max_attempts": 2, "timeout_seconds": 9,
    });
    let job = triage.let_die(&[once.clone(), twice.clone()]);
    let listed = triage.dead_letters(&format!("job={job}"));
    assert_eq!(tasks_of(&listed), [format!("{job}-1"), format!("{job}-0")], "what died last comes first");

    let gone = json!({ "class": "gone", "message": "no such order" });
    let (retried, letter) = (&listed[0], &listed[1]);
    assert_eq!(
        letter,
        &json!({
            "task": format!("{job}-0"), "job": job, "index": 0, "ref": "order-1", "kind": "simulate", "lane": "default",
            "reason": "permanent", "fingerprint": letter["fingerprint"], "error": gone, "attempts": 1,
            "died_at": letter["died_at"], "state": "open", "replays": [],
        })
    );
    assert!(letter["died_at"].as_str().and_then(Timestamp::parse_rfc3339).is_some(), "{letter}");
    assert_eq!((&retried["reason"], &retried["attempts"]), (&json!("exhausted"), &json!(2)));
    assert_eq!((&retried["error"], &retried["ref"]), (&busy, &Value::Null));
    assert_ne!(retried["fingerprint"], letter["fingerprint"]);

    let mut expected = letter.clone();
    expected["payload"] = once["payload"].clone();
    expected["history"] = json!([{ "attempt": 1, "at": letter["died_at"], "error": gone }]);
    assert_eq!(triage.record(&format!("{job}-0")), expected);
    let record = triage.record(&format!("{job}-1"));
    assert_eq!((&record["timeout_seconds"], &record["max_attempts"]), (&json!(9), &json!(2)));
    assert_eq!((&record["payload"], record["history"].as_array().unwrap().len()), (&twice["payload"], 2));

    let exported = triage.all("/v1/dead-letters/export", &format!("job={job}"), 1);
    assert_eq!(exported, [record, expected], "an export is the whole record of each");
}

#[test]
fn a_callback_that_nobody_took_is_listed_with_its_job_and_no_index() {
    let (client, sink) = (Pipeline::shared().client(), Sink::start());
    sink.answer("/gone", [Reply::status(410)]);
    let body = json!({ "callback": sink.url("/gone"), "tasks": [{ "kind": "simulate" }] });
    let job: JobId = client.call("POST", "/v1/jobs").json(body).accepted();
    let letter = client.triage().wait_for_letters(&format!("job={job}"), 1).remove(0);
    assert_eq!(letter["task"], format!("{job}-callback"));
    assert_eq!((&letter["job"], &letter["index"], &letter["ref"]), (&json!(job), &Value::Null, &Value::Null));
    assert_eq!((&letter["kind"], &letter["error"]["class"]), (&json!("http.request"), &json!("http.410")));
    let record = client.triage().record(&format!("{job}-callback"));
    assert_eq!(record["payload"]["url"], sink.url("/gone"));
    assert_eq!(client.triage().groups(&format!("job={job}"))[0]["sample_task"], letter["task"]);

    sink.answer("/gone", [Reply::status(200)]);
    let replay = client.triage().replay(&json!({ "filter": { "tasks": [letter["task"]] } }));
    let view = client.triage().wait_for_replay(&replay, "completed", SOON);
    assert_eq!(view["counts"]["succeeded"], 1, "{view}");
    let last = sink.received("/gone").pop().unwrap();
    let told: Value = serde_json::from_str(&last.body).unwrap();
    assert_eq!((&told["job"], &told["state"]), (&json!(job), &json!("completed")), "it says what it would have said");
}

#[test]
fn what_nobody_could_decode_is_listed_without_job_and_cannot_be_replayed() {
    let client = Pipeline::probed().client();
    let triage = client.triage();
    let body = "nothing that triage can read";
    send(&client, "DEAD_LETTERS", &[text(body)]);
    let (task, letter) = tests::patience::eventually("its letter is indexed", SOON, || {
        let found = triage.dead_letters("reason=malformed").into_iter();
        let mut found = found.map(|letter| (letter["task"].as_str().unwrap().to_owned(), letter));
        found.find(|(task, _)| triage.record(task)["payload"] == body)
    });
    assert!(task.starts_with("message-"), "{letter}");
    for unknown in ["job", "index", "ref", "kind"] {
        assert_eq!(letter[unknown], Value::Null, "{unknown}: {letter}");
    }
    assert_eq!((&letter["error"]["class"], &letter["state"]), (&json!("malformed"), &json!("open")));
    let filter = json!({ "tasks": [task] });
    let refused = triage.dry_run(&json!({ "filter": filter }))["refused"].clone();
    assert_eq!((refused[0]["task"].as_str(), refused.as_array().unwrap().len()), (Some(&*task), 1), "{refused}");
    let replay = triage.replay(&json!({ "filter": filter }));
    let view = triage.wait_for_replay(&replay, "completed", SOON);
    assert_eq!((&view["counts"]["refused"], &view["jobs"]), (&json!(1), &json!([])));
    assert_eq!(triage.items(&replay, "")[0]["detail"], refused[0]["detail"]);
    assert_eq!(triage.record(&task)["state"], "open");
    assert_eq!(triage.discard(&filter)["count"], 1);
}

#[test]
fn groups_are_the_causes_the_largest_first_page_by_page() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let mut tasks: Vec<Value> = (0..5).map(|n| dies("groups", &format!("order {n}00 is gone"))).collect();
    tasks.extend((0..3).map(|n| dies("groups", &format!("no answer from 10.0.0.{n}"))));
    tasks.push(dies("groups", "out of paper"));
    let job = triage.let_die(&tasks);
    // Later than the others, of the first cause.
    let later = triage.let_die([&dies("groups", "order 7 is gone")]);

    let query = format!("job={job}");
    let letters = triage.dead_letters(&query);
    let groups = triage.groups(&query);
    let counts: Vec<u64> = groups.iter().map(|group| group["count"].as_u64().unwrap()).collect();
    assert_eq!(counts, [5, 3, 1], "{groups:?}");
    names(&groups, "fingerprint");
    for group in &groups {
        let fingerprint = group["fingerprint"].as_str().unwrap();
        let members = triage.dead_letters(&format!("{query}&fingerprint={fingerprint}"));
        assert_eq!(members.len() as u64, group["count"]);
        let times = || members.iter().map(|letter| letter["died_at"].as_str().unwrap());
        assert_eq!((times().min(), times().max()), (group["first_died_at"].as_str(), group["last_died_at"].as_str()));
        let sample = members.iter().find(|letter| letter["task"] == group["sample_task"]).expect("it is one of them");
        for shown in ["kind", "reason", "error"] {
            assert_eq!(group[shown], sample[shown], "{group}");
        }
        assert!(members.iter().all(|letter| letters.contains(letter)));
    }
    assert_eq!(triage.all("/v1/dead-letters/groups", &query, 1), groups);
    assert_eq!(triage.all("/v1/dead-letters/groups", &query, 2), groups);

    let first = groups[0]["fingerprint"].as_str().unwrap();
    let of_later = triage.groups(&format!("job={later}"));
    assert_eq!(of_later[0]["fingerprint"], first, "one cause, whatever the job");
    triage.discard(&json!({ "job": job, "fingerprint": first }));
    assert_eq!(triage.groups(&format!("{query}&state=open")).len(), 2);
    assert_eq!(triage.groups(&query), groups, "a group without a state has all states in it");
}
