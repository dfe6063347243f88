//! Discard and restore.

use serde_json::{Value, json};
use tests::pipeline::Pipeline;
use tests::triage::{dies, names};

use super::tasks_of;
use crate::SOON;

#[test]
fn what_is_discarded_by_a_filter_is_restored_by_its_journal_entry_and_nothing_else_is() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let job =
        triage.let_die(&[dies("hopeless", "a"), dies("hopeless", "b"), dies("fixable", "c"), dies("hopeless", "d")]);
    let of = |state: &str| triage.dead_letters(&format!("job={job}&state={state}"));
    let before = triage.dead_letters(&format!("job={job}"));

    let first = triage.discard(&json!({ "tasks": [format!("{job}-0")] }));
    let second = triage.discard(&json!({ "job": job, "q": "hopeless" }));
    assert_eq!((&first["count"], &second["count"]), (&json!(1), &json!(2)), "the first is discarded already");
    assert_eq!(names(&of("discarded"), "task"), [0, 1, 3].map(|index| format!("{job}-{index}")).into());
    assert_eq!(tasks_of(&of("open")), [format!("{job}-2")]);
    let by_entry = |entry: &Value| triage.dead_letters(&format!("job={job}&journal={}", entry["journal"]));
    assert_eq!(tasks_of(&by_entry(&first)), [format!("{job}-0")]);
    assert_eq!(by_entry(&second).len(), 2);

    let restored = triage.restore(&json!({ "journal": second["journal"] }));
    assert_eq!(restored["count"], 2);
    assert_eq!(tasks_of(&of("discarded")), [format!("{job}-0")], "what another entry discarded stays so");
    assert_eq!(triage.restore(&json!({ "journal": second["journal"] })), json!({ "count": 0 }), "once");
    assert_eq!(triage.discard(&json!({ "journal": restored["journal"] }))["count"], 2, "a restore is undone too");
    assert_eq!(triage.restore(&json!({ "job": job }))["count"], 3);
    assert_eq!(triage.dead_letters(&format!("job={job}")), before, "as if nothing had been");
}

#[test]
fn discarding_again_counts_nothing_and_leaves_no_entry() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let job = triage.let_die(&[dies("twice", "a"), dies("twice", "b")]);
    let filter = json!({ "job": job });
    let first = triage.discard(&filter);
    assert_eq!(first["count"], 2);
    assert_eq!(triage.discard(&filter), json!({ "count": 0 }));
    assert_eq!(triage.discard(&json!({ "job": job, "state": "open" })), json!({ "count": 0 }));
    let is_mine = |entry: &&Value| entry["filter"]["job"] == json!(job);
    assert_eq!(triage.all("/v1/journal", "", 50).iter().filter(is_mine).count(), 1);
    assert_eq!(triage.restore(&json!({ "job": job, "state": "discarded" }))["count"], 2);
    assert_eq!(triage.restore(&filter), json!({ "count": 0 }));
}

#[test]
fn a_discarded_letter_is_not_replayed_and_a_restored_one_is() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let job = triage.let_die(&[dies("kept", "a"), dies("kept", "b"), dies("given up", "c")]);
    triage.discard(&json!({ "job": job, "q": "\"given up\"" }));
    let patch = json!({ "fail": null });
    let given_up = json!({ "filter": { "tasks": [format!("{job}-2")] }, "patch": patch });
    crate::refusals::problem("of what is discarded", &triage.try_replay(&given_up), 422);
    let replay = triage.replay(&json!({ "filter": { "job": job }, "patch": patch }));
    let view = triage.wait_for_replay(&replay, "completed", SOON);
    assert_eq!((&view["counts"]["frozen"], &view["counts"]["succeeded"]), (&json!(2), &json!(2)));
    assert_eq!(triage.record(&format!("{job}-2"))["state"], "discarded");

    triage.restore(&json!({ "job": job }));
    let replay = triage.replay(&given_up);
    triage.wait_for_replay(&replay, "completed", SOON);
    assert_eq!(triage.record(&format!("{job}-2"))["state"], "resolved");
    assert_eq!(triage.discard(&json!({ "job": job })), json!({ "count": 0 }), "what is resolved is not discarded");
    assert_eq!(triage.restore(&json!({ "job": job })), json!({ "count": 0 }), "nor restored");
}
