//! Letters that are replayed more than once, and the tasks that replay them.

use domain::lane::Lane;
use serde_json::{Value, json};
use tests::pipeline::Pipeline;
use tests::sink::{Reply, Sink};
use tests::triage::{Triage, dies};

use super::tasks_of;
use crate::SOON;
use crate::refusals::problem;

/// The task that `replay` made of its only item.
fn only_task(triage: Triage<'_>, replay: &str) -> String {
    let items = triage.items(replay, "");
    assert_eq!(items.len(), 1, "{items:?}");
    items[0]["replay_task"].as_str().unwrap().to_owned()
}

#[test]
fn a_replay_that_dies_again_reopens_its_letter_which_tells_of_both_lives_until_one_succeeds() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let job = triage.let_die([&dies("first", "life")]);
    let origin = format!("{job}-0");
    let before = triage.record(&origin);
    let error = json!({ "class": "second", "message": "death" });
    let filter = json!({ "job": job });

    let first = triage.replay(&json!({ "filter": filter, "patch": { "error": error } }));
    let view = triage.wait_for_replay(&first, "completed", SOON);
    assert_eq!((&view["counts"]["died_again"], &view["counts"]["sent"]), (&json!(1), &json!(1)));
    let task = only_task(triage, &first);
    let record = triage.record(&origin);
    assert_eq!((&record["state"], &record["error"], &record["task"]), (&json!("open"), &error, &json!(origin)));
    assert_ne!(record["fingerprint"], before["fingerprint"], "it died of something else");
    assert!(record["died_at"].as_str() > before["died_at"].as_str(), "{record}");
    assert_eq!(record["payload"], before["payload"], "the letter is kept as it was");
    let history = record["history"].as_array().unwrap();
    assert_eq!((&history[0], &history[1]["error"]), (&before["history"][0], &error));
    assert_eq!(history.len(), 2);
    let died = json!({
        "replay": first, "taken_at": record["replays"][0]["taken_at"], "task": task, "verdict": "died_again",
        "fingerprint": record["fingerprint"],
    });
    assert_eq!(record["replays"], json!([died]));
    assert_eq!(triage.items(&first, "")[0]["fingerprint"], record["fingerprint"]);
    assert_eq!(tasks_of(&triage.dead_letters(&format!("job={job}"))), [&*origin], "one letter, as before");
    let stage = task.split_once('-').unwrap().0;
    assert_eq!(triage.dead_letters(&format!("job={stage}")), [Value::Null; 0], "and none of the replay's job");
    assert_eq!(triage.groups(&format!("job={job}"))[0]["error"], error);

    let second = triage.replay(&json!({ "filter": filter, "patch": { "fail": null } }));
    triage.wait_for_replay(&second, "completed", SOON);
    let record = triage.record(&origin);
    let taken_at = &record["replays"][1]["taken_at"];
    let task = only_task(triage, &second);
    let succeeded = json!({ "replay": second, "taken_at": taken_at, "task": task, "verdict": "succeeded" });
    assert_eq!((&record["state"], &record["replays"]), (&json!("resolved"), &json!([died, succeeded])));
    assert_eq!(record["history"].as_array().unwrap().len(), 2, "what it died of stays told");
    let once_more = triage.try_replay(&json!({ "filter": filter }));
    assert_eq!(problem("of what is resolved", &once_more, 422)[0]["field"], "filter");
}

#[test]
fn what_is_replayed_belongs_to_its_replay_until_that_has_ended() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let job = triage.let_die([&dies("busy", "a")]);
    let filter = json!({ "tasks": [format!("{job}-0")] });
    let waits = json!({ "fail": null, "fail_times": 1, "retry_after": 3_600 });
    let replay = triage.replay(&json!({ "filter": filter, "patch": waits }));
    let taken = tests::patience::eventually("it is taken", SOON, || {
        Some(triage.record(&format!("{job}-0"))).filter(|record| record["state"] == "replayed")
    });
    assert_eq!((&taken["replays"][0]["replay"], &taken["replays"][0]["verdict"]), (&json!(replay), &json!("pending")));
    problem("a second replay", &triage.try_replay(&json!({ "filter": filter })), 422);
    assert_eq!(triage.discard(&filter), json!({ "count": 0 }));
    assert_eq!(triage.restore(&filter), json!({ "count": 0 }));
    assert_eq!(triage.record(&format!("{job}-0")), taken);
    triage.say(&replay, "cancel").expect(202);
    triage.wait_for_replay(&replay, "canceled", SOON);
    let record = triage.record(&format!("{job}-0"));
    assert_eq!((&record["state"], &record["replays"][0]["verdict"]), (&json!("open"), &json!("canceled")));
}

#[test]
fn the_task_of_a_replay_is_no_letter_and_says_whose_it_is() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let job = triage.let_die([&dies("nested", "a")]);
    let replay = triage.replay(&json!({ "filter": { "job": job } }));
    triage.wait_for_replay(&replay, "completed", SOON);
    let task = only_task(triage, &replay);
    assert_eq!(client.get(&format!("/v1/tasks/{task}")).expect(200).json()["status"], "dead");
    let before = triage.dead_letters(&format!("job={job}"));
    for filter in [json!({ "tasks": [task] }), json!({ "job": task.split_once('-').unwrap().0 })] {
        problem("a replay of a replay", &triage.try_replay(&json!({ "filter": filter })), 422);
        assert_eq!(triage.discard(&filter), json!({ "count": 0 }));
    }
    let answer = client.get(&format!("/v1/dead-letters/{task}"));
    problem(&task, &answer, 404);
    assert!(answer.json()["detail"].as_str().unwrap().contains(&format!("{job}-0")), "{}", answer.text());
    assert_eq!(triage.dead_letters(&format!("job={job}")), before);
}

#[test]
fn a_replayed_task_keeps_its_ref_lane_timeout_and_attempts() {
    let (client, sink) = (Pipeline::shared().client(), Sink::start());
    let triage = client.triage();
    sink.answer("/silent", [Reply::never()]);
    let payload =
        json!({ "url": sink.url("/silent"), "method": "PUT", "headers": { "x-order": "7" }, "body": { "n": 1 } });
    let task = json!({
        "kind": "http.request", "payload": payload, "ref": "order-7 \"ü\"", "timeout_seconds": 1, "max_attempts": 2,
    });
    let job = client.submit_to(Lane::Bulk, [&task]);
    triage.wait_for_letters(&format!("job={job}"), 1);
    let replay = triage.replay(&json!({ "filter": { "job": job }, "patch": { "body": { "n": 2 } } }));
    let view = triage.wait_for_replay(&replay, "completed", SOON);

    let replayed = client.get(&format!("/v1/tasks/{}", only_task(triage, &replay))).expect(200).json();
    assert_eq!((&replayed["ref"], &replayed["kind"]), (&task["ref"], &task["kind"]));
    let mut patched = payload.clone();
    patched["body"]["n"] = json!(2);
    assert_eq!(replayed["payload"], patched);
    assert_eq!((&replayed["attempts"], &replayed["error"]["class"]), (&json!(2), &json!("http.timeout")));
    let stage = client.job(view["jobs"][0].as_str().unwrap().parse().unwrap());
    assert_eq!(stage.lane, Lane::Bulk);
    let requests = sink.received("/silent");
    assert_eq!(requests.len(), 4, "two attempts in each life");
    assert!(requests.iter().all(|request| request.method == "PUT" && request.header("x-order") == "7"));
    let record = triage.record(&format!("{job}-0"));
    assert_eq!((&record["ref"], &record["timeout_seconds"]), (&task["ref"], &json!(1)));
    let attempts: Vec<&Value> = record["history"].as_array().unwrap().iter().map(|failed| &failed["attempt"]).collect();
    assert_eq!(attempts, [1, 2, 1, 2], "the history of both lives");
}
