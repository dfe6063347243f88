//! One job now.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use domain::id::JobId;
use domain::ledger::Source;
use serde_json::{Value, json};
use tests::pipeline::Pipeline;
use tests::schedules::schedule;
use tests::sink::{Reply, Sink};
use tests::unfinished::Unfinished;

use super::{Day, client, now};
use crate::SOON;
use crate::refusals::problem;

#[test]
fn a_run_by_hand_makes_a_job_whatever_overlap_says_and_also_when_paused() {
    let (client, _alone) = (client(), Day::begin());
    let schedules = client.schedules();
    let input = json!({ "tasks": [{ "kind": "simulate", "delay_seconds": 86_400 }] });
    schedules.put("by-hand", &schedule("@yearly", &json!({ "overlap": "skip", "paused": true, "input": input })));
    let before = now();
    let jobs = [schedules.run("by-hand"), schedules.run("by-hand")];
    assert_ne!(jobs[0], jobs[1]);
    let runs = schedules.runs("by-hand");
    for (run, job) in runs.iter().rev().zip(jobs) {
        assert_eq!((run.text(), run.job, run.lateness_ms), ("fired".to_owned(), Some(job), 0));
        assert_eq!(run.planned_at, run.fired_at);
        assert!((before..=now()).contains(&run.planned_at), "{run:?}");
        let view = client.job(job);
        assert_eq!((view.source, view.name.as_deref()), (Source::Cron, Some("by-hand")));
        client.call("POST", &format!("/v1/jobs/{job}/cancel")).send().expect(202);
        client.wait_until_ended(job, SOON);
    }
    assert_eq!(runs.len(), 2);
    let shown = schedules.get("by-hand");
    assert_eq!((&shown["last_job"], &shown["pending"], &shown["paused"]), (&json!(jobs[1]), &json!(0), &json!(true)));
    schedules.delete("by-hand");
}

#[test]
fn runs_at_once_make_a_job_each() {
    let (client, _alone) = (client(), Day::begin());
    let schedules = client.schedules();
    schedules.put("all-hands", &schedule("@yearly", &json!({})));
    let jobs: BTreeSet<JobId> = thread::scope(|scope| {
        let hands: Vec<_> =
            (0..8).map(|_| scope.spawn(|| (0..5).map(|_| schedules.run("all-hands")).collect::<Vec<_>>())).collect();
        hands.into_iter().flat_map(|hand| hand.join().unwrap()).collect()
    });
    assert_eq!((jobs.len(), schedules.runs("all-hands").len()), (40, 40));
    schedules.delete("all-hands");
}

#[test]
fn runs_that_wait_for_a_url_at_once_leave_all_schedules_working() {
    let (client, _alone, sink) = (client(), Day::begin(), Sink::start());
    let schedules = client.schedules();
    sink.answer("/slow", [Reply::status(200).body("{}\n").after(Duration::from_secs(3))]);
    let input = json!({ "url": sink.url("/slow"), "kind": "simulate" });
    schedules.put("slow-hands", &schedule("@yearly", &json!({ "generator": "http", "input": input })));
    let port = Pipeline::shared().port();
    // Callers who hang up while theirs is under way.
    drop((0..8).map(|_| Unfinished::post(port, "/v1/schedules/slow-hands/run", Some(0), b"")).collect::<Vec<_>>());
    let statuses: Vec<u16> = thread::scope(|scope| {
        let hands: Vec<_> = (0..8).map(|_| scope.spawn(|| schedules.say("slow-hands", "run").status)).collect();
        hands.into_iter().map(|hand| hand.join().unwrap()).collect()
    });
    assert_eq!(statuses, [202; 8]);
    sink.answer("/slow", [Reply::status(200).body("{}\n")]);
    schedules.run("slow-hands");
    schedules.delete("slow-hands");
}

#[test]
fn templates_that_need_more_room_than_there_is_are_told_to_come_back() {
    let (client, _alone) = (client(), Day::begin());
    let schedules = client.schedules();
    let task = json!({ "kind": "simulate", "delay_seconds": 86_400, "payload": { "output": "x".repeat(60) } });
    let input = json!({ "task": task, "range": { "from": 1, "to": 100_000 } });
    schedules.put("large-hands", &schedule("@yearly", &json!({ "generator": "template", "input": input })));
    let statuses: Vec<u16> = thread::scope(|scope| {
        let hands: Vec<_> = (0..6).map(|_| scope.spawn(|| schedules.say("large-hands", "run").status)).collect();
        hands.into_iter().map(|hand| hand.join().unwrap()).collect()
    });
    assert!(statuses.iter().all(|status| [202, 429].contains(status)), "{statuses:?}");
    let made = statuses.iter().filter(|status| **status == 202).count();
    let runs = schedules.runs("large-hands");
    assert_eq!(
        (runs.len(), schedules.get("large-hands")["pending"].clone()),
        (made, json!(0)),
        "of a 429 nothing is left"
    );
    schedules.run("large-hands");
    schedules.delete("large-hands");
}

#[test]
fn a_run_with_a_key_makes_one_job_however_often_it_is_asked_for() {
    let (client, _alone) = (client(), Day::begin());
    let schedules = client.schedules();
    schedules.put("keyed-hand", &schedule("@yearly", &json!({})));
    let run = |key: &str| client.call("POST", "/v1/schedules/keyed-hand/run").header("idempotency-key", key).send();
    let (first, again, other) = (run("one").expect(202), run("one").expect(200), run("two").expect(202));
    assert_eq!((&first.json()["job"], &again.json()["duplicate"]), (&again.json()["job"], &json!(true)));
    assert_ne!(first.json()["job"], other.json()["job"]);
    assert_eq!(schedules.outcomes("keyed-hand"), ["fired", "fired"]);
    schedules.delete("keyed-hand");
}

#[test]
fn a_run_whose_generator_fails_or_makes_nothing_says_why() {
    let (client, _alone, sink) = (client(), Day::begin(), Sink::start());
    let schedules = client.schedules();
    for (name, reply, text) in [
        ("hand-404", Reply::status(404), "failed: the generator failed: answered 404"),
        ("hand-204", Reply::status(204), "skipped: the generator made no tasks"),
        ("hand-bad", Reply::status(200).body("{}\nx\n"), "failed: the generator's tasks are not accepted: line 2: "),
    ] {
        sink.answer(&format!("/{name}"), [reply]);
        let input = json!({ "url": sink.url(&format!("/{name}")), "kind": "simulate" });
        schedules.put(name, &schedule("@yearly", &json!({ "generator": "http", "input": input })));
        let answer = schedules.say(name, "run");
        problem(name, &answer, 422);
        let (_, reason) = text.split_once(": ").unwrap();
        assert!(answer.json()["detail"].as_str().unwrap().contains(reason), "{name}: {}", answer.text());
        let runs = schedules.runs(name);
        assert_eq!((runs.len(), runs[0].text().starts_with(text)), (1, true), "{name}: {runs:?}");
        let shown = schedules.get(name);
        assert_eq!((&shown["last_job"], &shown["pending"]), (&Value::Null, &json!(0)));
        schedules.delete(name);
    }
}

#[test]
fn nobody_runs_what_is_not_there() {
    let client = client();
    for path in ["nobody/run", "nobody/runs", "nobody"] {
        let method = if path.ends_with("run") { "POST" } else { "GET" };
        problem(path, &client.call(method, &format!("/v1/schedules/{path}")).send(), 404);
    }
    assert_eq!(client.schedules().try_backfill("nobody", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z").status, 404);
    // And nothing of it is left for one that is made later.
    client.schedules().put("nobody", &schedule("@yearly", &json!({})));
    assert_eq!((client.schedules().runs("nobody"), &client.schedules().get("nobody")["pending"]), (vec![], &json!(0)));
    client.schedules().delete("nobody");
}
