//! The machine dies in the middle of a replay.

use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tests::patience::eventually;
use tests::pipeline::{READY, Setup};
use tests::processes::signal;
use tests::triage::{dies, names};

use super::agreement::assert_archive_and_index_agree;
use crate::SOON;

/// Leases of 20 seconds and more, and messages sent again after 15: in development.
const RECOVERY: Duration = Duration::from_secs(120);
const LETTERS: usize = 1_200;

#[test]
fn a_replay_goes_on_where_it_was_after_kill_9_and_sends_every_letter_once() {
    let pipeline = Setup::new().start();
    let client = pipeline.client();
    let triage = client.triage();
    let tasks: Vec<Value> = (0..LETTERS).map(|n| dies("killed", &format!("order {n}"))).collect();
    let job = triage.let_die(&tasks);
    let replay = triage.replay(&json!({ "filter": { "job": job }, "patch": { "fail": null }, "rate": 200 }));
    for sent in [200, 600] {
        eventually("it is in its middle", SOON, || {
            (triage.view(&replay)["counts"]["sent"].as_u64().unwrap() >= sent).then_some(())
        });
        let starts = pipeline.logs.texts().iter().filter(|line| line.contains(READY)).count();
        pipeline.workerds().iter().for_each(|workerd| signal(workerd.pid, Signal::SIGKILL));
        pipeline.logs.wait_for_line(READY, starts + 1, RECOVERY);
    }
    let view = triage.wait_for_replay(&replay, "completed", RECOVERY);
    assert_eq!(view["counts"]["succeeded"], LETTERS, "{view}");

    let items = triage.items(&replay, "");
    assert_eq!(names(&items, "task").len(), LETTERS);
    assert_eq!(names(&items, "replay_task").len(), LETTERS, "one task each");
    let [Value::String(stage)] = &view["jobs"].as_array().unwrap()[..] else { panic!("one stage: {view}") };
    let counts = client.job(stage.parse().unwrap()).counts;
    assert_eq!((counts.accepted as usize, counts.succeeded as usize), (LETTERS, LETTERS), "and none besides");
    assert_eq!(triage.dead_letters(&format!("job={job}&state=resolved")).len(), LETTERS);
    assert_eq!(triage.journal().len(), 1, "written once");
    assert_archive_and_index_agree(&pipeline, job, LETTERS);
}
