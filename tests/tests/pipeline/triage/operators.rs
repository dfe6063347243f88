//! Two operators at once.

use std::thread;

use serde_json::{Value, json};
use tests::pipeline::Pipeline;
use tests::triage::{dies, names};

use crate::SOON;

#[test]
fn two_operators_who_replay_one_group_at_once_run_each_letter_once() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let tasks: Vec<Value> = (0..300).map(|n| dies("two.operators", &format!("order {n}"))).collect();
    let job = triage.let_die(&tasks);
    let body = json!({ "filter": { "job": job }, "patch": { "fail": null } });
    let replays: Vec<Value> = thread::scope(|scope| {
        let operators: Vec<_> = (0..2).map(|_| scope.spawn(|| triage.try_replay(&body))).collect();
        operators.into_iter().map(|operator| operator.join().unwrap()).map(|answer| answer.json()).collect()
    });
    let begun: Vec<&str> = replays.iter().filter_map(|replay| replay["replay"].as_str()).collect();
    assert!(!begun.is_empty(), "{replays:?}");
    let mut run = Vec::new();
    for replay in &begun {
        let view = triage.wait_for_replay(replay, "completed", SOON);
        let counts = &view["counts"];
        assert_eq!(
            counts["succeeded"].as_u64().unwrap() + counts["skipped"].as_u64().unwrap(),
            counts["frozen"].as_u64().unwrap(),
            "what the other has taken is skipped: {view}"
        );
        run.extend(triage.items(replay, "verdict=succeeded"));
    }
    assert_eq!(names(&run, "task").len(), 300, "each by one of them");
    let accepted: u64 = begun
        .iter()
        .flat_map(|replay| triage.view(replay)["jobs"].as_array().unwrap().clone())
        .map(|stage| u64::from(client.job(stage.as_str().unwrap().parse().unwrap()).counts.accepted))
        .sum();
    assert_eq!(accepted, 300, "and no task more was sent");
    assert_eq!(triage.dead_letters(&format!("job={job}&state=resolved")).len(), 300);
}
