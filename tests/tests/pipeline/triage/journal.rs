//! The journal: who did what, when, and how to undo it.

use std::collections::BTreeSet;

use domain::time::Timestamp;
use serde_json::{Value, json};
use tests::client::Client;
use tests::keys::entry;
use tests::pipeline::{Pipeline, Setup};
use tests::triage::dies;

use crate::SOON;

/// The entry with this number.
fn journal_entry(client: &Client, number: &Value) -> Value {
    let entries = client.triage().all("/v1/journal", "", 200);
    let mut found = entries.into_iter().filter(|entry| entry["entry"] == *number);
    let entry = found.next().expect("the journal has what an answer names");
    assert_eq!(found.next(), None, "once");
    entry
}

#[test]
fn the_journal_says_who_did_what_when_to_how_many_and_how_to_undo_it() {
    let keys = json!([entry("night-shift", "n", &["triage", "read", "submit"]), entry("day-shift", "d", &["triage"])]);
    let pipeline = Setup::new().env("API_KEYS", keys.to_string()).start();
    let (night, day) = (pipeline.client_with("n"), pipeline.client_with("d"));
    let triage = night.triage();
    let job = triage.let_die(&[dies("late", "a"), dies("late", "b"), dies("late", "c")]);
    assert_eq!(triage.journal(), Vec::<Value>::new());

    let discarded = day.triage().discard(&json!({ "job": job, "q": "late" }));
    let restored = triage.restore(&json!({ "tasks": [format!("{job}-1"), "nobody"] }));
    let replay = triage.replay(&json!({ "filter": { "job": job }, "patch": { "fail": null } }));
    triage.wait_for_replay(&replay, "completed", SOON);

    let entries = triage.journal();
    assert_eq!(entries.len(), 3);
    for (entry, key, action, count, filter) in [
        (&entries[0], "night-shift", "replay", 1, json!({ "state": "open", "job": job })),
        (
            &entries[1],
            "night-shift",
            "restore",
            1,
            json!({ "state": "discarded", "tasks": [format!("{job}-1"), "nobody"] }),
        ),
        (&entries[2], "day-shift", "discard", 3, json!({ "state": "open", "job": job, "q": "late" })),
    ] {
        assert_eq!((&entry["key"], &entry["action"]), (&json!(key), &json!(action)));
        assert_eq!((&entry["count"], &entry["filter"]), (&json!(count), &filter));
        assert!(entry["at"].as_str().and_then(Timestamp::parse_rfc3339).is_some(), "{entry}");
        assert!(entry["undo"].as_str().is_some_and(|undo| undo.contains("POST /v1/")), "{entry}");
    }
    assert_eq!((&entries[1]["entry"], &entries[2]["entry"]), (&restored["journal"], &discarded["journal"]));
    assert_eq!(entries[0]["replay"], *replay);
    assert_eq!(journal_entry(&night, &discarded["journal"]), entries[2]);
    assert!(entries[2]["undo"].as_str().unwrap().contains(&discarded["journal"].to_string()), "{}", entries[2]);

    // Nobody changes what was written, and what comes later comes before it.
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let answer = night.call(method, "/v1/journal").json(json!({ "entries": [] })).send();
        assert_eq!((answer.status, answer.header("allow")), (405, "GET"), "{method}");
    }
    triage.restore(&json!({ "all": true }));
    assert_eq!(triage.journal()[1..], entries);
}

#[test]
fn the_journal_is_read_page_by_page_newest_first_while_it_grows() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let job = triage.let_die([&dies("to and fro", "a")]);
    let filter = json!({ "job": job });
    let written: Vec<Value> = (0..4).flat_map(|_| [triage.discard(&filter), triage.restore(&filter)]).collect();
    let (mut read, mut query) = (Vec::new(), "limit=3".to_owned());
    loop {
        let (page, cursor) = triage.page("/v1/journal", &query);
        read.extend(page);
        triage.discard(&filter);
        triage.restore(&filter);
        match cursor {
            Some(cursor) => query = format!("limit=3&cursor={cursor}"),
            None => break,
        }
    }
    let numbers: Vec<u64> = read.iter().map(|entry| entry["entry"].as_u64().unwrap()).collect();
    assert!(numbers.is_sorted_by(|newer, older| newer > older), "{numbers:?}");
    let numbers: BTreeSet<u64> = numbers.into_iter().collect();
    assert!(written.iter().all(|answer| numbers.contains(&answer["journal"].as_u64().unwrap())), "{written:?}");
}

#[test]
fn what_long_filters_did_stays_readable() {
    // One of its own: it has been seen to stay unreadable.
    let pipeline = Setup::new().start();
    let client = pipeline.client();
    let triage = client.triage();
    let job = triage.let_die(&vec![dies("one of many", "a"); 25]);
    let nobody: Vec<String> = (0..19_999).map(|index| format!("{}-{index}", "0".repeat(32))).collect();
    for index in 0..25 {
        let mut tasks = nobody.clone();
        tasks.push(format!("{job}-{index}"));
        let filter = json!({ "tasks": tasks });
        assert_eq!(triage.discard(&filter)["count"], 1);
        assert_eq!(triage.restore(&filter)["count"], 1);
        triage.replay(&json!({ "filter": filter, "patch": { "fail": null } }));
    }
    let lists = ["/v1/journal", "/v1/replays"];
    let statuses = lists.map(|path| client.get(&format!("{path}?limit=200")).status);
    assert_eq!(statuses, [200, 200], "{lists:?}");
    assert_eq!(lists.map(|path| triage.all(path, "", 200).len()), [75, 25]);
}
