//! What a server says of dead letters and their replays.

use serde_json::{Value, json};

use super::Reply;

/// The replay of these tests.
pub const REPLAY: &str = "0199f0c2b0007abc8def0123456789ab";

/// The dead letter of a task, whole.
pub fn letter(task: &str) -> Value {
    json!({
        "task": task, "job": crate::JOB, "index": 7, "ref": null, "kind": "http.request", "lane": "bulk",
        "payload": { "url": "http://a/", "body": { "amount": "12,50" } }, "reason": "permanent", "fingerprint": "f1-0a",
        "error": { "class": "http.422", "message": "amount\nis \u{1b}[31mno number" }, "attempts": 1,
        "died_at": "2027-01-15T02:00:00.000Z", "state": "open", "replays": [],
        "history": [{ "attempt": 1, "at": "2027-01-15T02:00:00.000Z",
                      "error": { "class": "http.422", "message": "amount\nis \u{1b}[31mno number" } }],
    })
}

/// The id of the letter number `at`.
pub fn task(at: usize) -> String {
    format!("{}-{at}", crate::JOB)
}

/// A page of dead letters.
pub fn letters(tasks: impl Iterator<Item = usize>, cursor: Option<&str>) -> Reply {
    page("dead_letters", tasks.map(|at| letter(&task(at))).collect(), cursor)
}

/// A page of a list.
pub fn page(name: &str, entries: Vec<Value>, cursor: Option<&str>) -> Reply {
    let mut page = json!({ name: entries });
    if let Some(cursor) = cursor {
        page["cursor"] = cursor.into();
    }
    Reply::ok(page.to_string())
}

/// A dry run of so many letters.
pub fn dry_run(count: usize) -> Reply {
    let sample = json!({ "task": task(7), "before": { "amount": "12,50" }, "after": { "amount": 12.5 } });
    let refused = json!({ "task": task(9), "detail": "payload.url: missing" });
    let answer = json!({ "count": count, "checked": count.min(1_000), "sample": [sample], "refused": [refused] });
    Reply::ok(answer.to_string())
}

/// The answer to a replay that was started.
pub fn started(count: usize) -> Reply {
    Reply::Answer(202, "", json!({ "replay": REPLAY, "count": count }).to_string())
}

/// A replay of ten letters of which so many succeeded, died again or wait.
pub fn replay(state: &str, succeeded: usize, died_again: usize) -> Value {
    let waiting = 10 - succeeded - died_again;
    json!({
        "replay": REPLAY, "state": state, "cancel_requested": false, "jobs": [crate::JOB],
        "counts": { "frozen": 10, "waiting": waiting, "sent": 10 - waiting, "pending": 0, "succeeded": succeeded,
                    "died_again": died_again, "refused": 0, "skipped": 0, "canceled": 0 },
        "created_at": "2027-01-15T08:00:00.000Z",
        "completed_at": if state == "completed" { "2027-01-15T08:00:02.000Z".into() } else { Value::Null },
        "key": "ops", "filter": { "fingerprint": "f1-0a" },
    })
}

/// One that halted at its first stage.
pub fn halted() -> Value {
    let mut replay = replay("halted", 2, 3);
    replay["halted"] = json!({ "stage": 1, "failed": 3, "of": 5 });
    replay
}

/// 200 and this.
pub fn ok(answer: &Value) -> Reply {
    Reply::ok(answer.to_string())
}
