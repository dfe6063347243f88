//! Replays: the dry run, what is refused, items, and where the tasks are.

use domain::lane::Lane;
use serde_json::{Value, json};
use tests::patience::eventually;
use tests::pipeline::Pipeline;
use tests::sink::{Reply, Sink};
use tests::triage::{dies, names};

use crate::SOON;
use crate::refusals::problem;

/// Two tasks that a patch can mend and two that the same patch breaks.
fn mixed(sink: &Sink) -> Vec<Value> {
    let http = json!({ "kind": "http.request", "payload": { "url": sink.url("/refuses") } });
    sink.answer("/refuses", [Reply::status(400)]);
    vec![dies("mixed", "a"), http.clone(), dies("mixed", "b"), http]
}

#[test]
fn a_dry_run_shows_what_would_be_done_and_changes_nothing() {
    let (client, sink) = (Pipeline::shared().client(), Sink::start());
    let triage = client.triage();
    let job = triage.let_die(&mixed(&sink));
    let before = triage.dead_letters(&format!("job={job}"));
    let body = json!({ "filter": { "job": job }, "patch": { "fail": null, "url": null, "output": [1] } });
    let preview = triage.dry_run(&body);
    assert_eq!((&preview["count"], &preview["checked"]), (&json!(4), &json!(4)));
    let sample = preview["sample"].as_array().unwrap();
    assert_eq!(names(sample, "task"), [0, 2].map(|index| format!("{job}-{index}")).into());
    for shown in sample {
        let payload = triage.record(shown["task"].as_str().unwrap())["payload"].clone();
        assert_eq!(shown["before"], payload);
        assert_eq!(shown["after"], json!({ "error": payload["error"], "output": [1] }));
    }
    let refused = preview["refused"].as_array().unwrap();
    assert_eq!(names(refused, "task"), [1, 3].map(|index| format!("{job}-{index}")).into());
    assert!(refused.iter().all(|item| item["detail"].as_str().unwrap().starts_with("payload.")), "{refused:?}");

    assert_eq!(triage.dead_letters(&format!("job={job}")), before);
    assert_eq!(sink.received("/refuses").len(), 2, "nothing ran but the tasks of the job");
    let of_job = |entry: &Value| entry["filter"]["job"] == json!(job);
    assert!(!triage.journal().iter().any(of_job) && !triage.all("/v1/replays", "", 200).iter().any(of_job));
    assert_eq!(triage.dry_run(&json!({ "filter": { "job": job, "q": "nothing" } }))["count"], 0, "it may find none");
}

#[test]
fn what_a_patch_breaks_is_refused_item_by_item_and_the_others_run() {
    let (client, sink) = (Pipeline::shared().client(), Sink::start());
    let triage = client.triage();
    let job = triage.let_die(&mixed(&sink));
    let body = json!({ "filter": { "job": job }, "patch": { "fail": null, "url": null } });
    let expected = triage.dry_run(&body)["refused"].clone();
    let replay = triage.replay(&body);
    let view = triage.wait_for_replay(&replay, "completed", SOON);
    for (name, count) in [("frozen", 4), ("sent", 2), ("succeeded", 2), ("refused", 2), ("waiting", 0)] {
        assert_eq!(view["counts"][name], count, "{view}");
    }
    let refused = triage.items(&replay, "verdict=refused");
    for (item, expected) in refused.iter().zip(expected.as_array().unwrap()) {
        assert_eq!((&item["task"], &item["detail"]), (&expected["task"], &expected["detail"]), "as the dry run said");
        assert_eq!(item["replay_task"], Value::Null);
    }
    assert_eq!(names(&refused, "task"), [1, 3].map(|index| format!("{job}-{index}")).into());
    for (index, state) in [(0, "resolved"), (1, "open"), (2, "resolved"), (3, "open")] {
        let record = triage.record(&format!("{job}-{index}"));
        assert_eq!((&record["state"], record["replays"].as_array().unwrap().len()), (&json!(state), (index + 1) % 2));
    }
    assert_eq!(sink.received("/refuses").len(), 2, "what is refused does not run");
}

#[test]
fn items_are_read_page_by_page_and_by_verdict() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let mut tasks: Vec<Value> = (0..20).map(|n| dies("items", &format!("item {n}"))).collect();
    // A patch that mends the others leaves these dying: nobody listens there.
    let unheard = json!({ "kind": "http.request", "payload": { "url": "http://127.0.0.1:1/" }, "max_attempts": 1 });
    tasks.extend(vec![unheard; 3]);
    let job = triage.let_die(&tasks);
    let replay = triage.replay(&json!({ "filter": { "job": job }, "patch": { "fail": null } }));
    triage.wait_for_replay(&replay, "completed", SOON);

    let path = format!("/v1/replays/{replay}/items");
    let items = triage.all(&path, "", 200);
    assert_eq!(names(&items, "task"), (0..23).map(|index| format!("{job}-{index}")).collect());
    names(&items, "replay_task");
    assert_eq!(triage.all(&path, "", 7), items);
    for (verdict, count) in [("succeeded", 20), ("died_again", 3), ("pending", 0), ("waiting", 0), ("refused", 0)] {
        let found = triage.all(&path, &format!("verdict={verdict}"), 3);
        assert_eq!(found.len(), count, "{verdict}");
        assert!(found.iter().all(|item| item["verdict"] == verdict && items.contains(item)), "{found:?}");
    }
    for item in &items {
        let task = client.get(&format!("/v1/tasks/{}", item["replay_task"].as_str().unwrap())).expect(200).json();
        let status = if item["verdict"] == "succeeded" { "succeeded" } else { "dead" };
        assert_eq!(task["status"], status, "{item}");
        let record = triage.record(item["task"].as_str().unwrap());
        assert_eq!(record["replays"][0]["task"], item["replay_task"]);
        assert_eq!(item["fingerprint"], record["replays"][0]["fingerprint"], "the cause of those that died again");
    }
    let (_, cursor) = triage.page(&path, "verdict=succeeded&limit=1");
    for query in [format!("?cursor={}", cursor.unwrap()), "?cursor=7".to_owned()] {
        assert_eq!(problem(&query, &client.get(&format!("{path}{query}")), 422)[0]["field"], "cursor");
    }
}

#[test]
fn a_replay_is_listed_newest_first_and_its_jobs_are_listed_as_those_of_a_replay() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let job = client.submit_to(Lane::High, &[dies("listed", "a"), dies("listed", "b")]);
    triage.wait_for_letters(&format!("job={job}"), 2);
    let [first, second] = [0, 1].map(|index| {
        let filter = json!({ "tasks": [format!("{job}-{index}")] });
        let replay = triage.replay(&json!({ "filter": filter, "patch": { "fail": null } }));
        triage.wait_for_replay(&replay, "completed", SOON)
    });
    let listed = eventually("the list knows how both ended", SOON, || {
        let ours = triage.all("/v1/replays", "", 2).into_iter();
        let ours: Vec<Value> = ours.filter(|view| [&first, &second].contains(&view)).collect();
        (ours.len() == 2).then_some(ours)
    });
    assert_eq!(listed, [second.clone(), first]);
    let stage = second["jobs"][0].clone();
    let listed = eventually("the index of jobs knows the stage", SOON, || {
        let jobs = triage.all("/v1/jobs", "source=replay", 200).into_iter();
        let mut jobs = jobs.inspect(|job| assert_eq!(job["source"], "replay"));
        jobs.find(|job| job["job"] == stage && job["state"] == "completed")
    });
    assert_eq!((&listed["lane"], &listed["counts"]["succeeded"]), (&json!("high"), &json!(1)));
    assert!(listed["name"].as_str().unwrap().contains(second["replay"].as_str().unwrap()), "{listed}");
}

#[test]
fn a_patch_that_makes_every_payload_as_long_as_it_may_be_is_replayed_like_any_other() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let tasks: Vec<Value> = (0..300).map(|n| dies("grows", &format!("order {n}"))).collect();
    let job = triage.let_die(&tasks);
    // Together more than one append takes.
    let patch = json!({ "fail": null, "error": { "message": "z".repeat(90_000) } });
    let replay = triage.replay(&json!({ "filter": { "job": job }, "patch": patch }));
    let view = triage.wait_for_replay(&replay, "completed", SOON);
    assert_eq!(view["counts"]["succeeded"], 300);
}
