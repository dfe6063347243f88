//! Two who change one schedule.

use std::thread;

use serde_json::{Value, json};
use tests::answer::Answer;
use tests::client::Client;
use tests::schedules::{path, schedule};

use super::client;
use crate::refusals::problem;

/// Saves the schedule `name` in `lane`, if `header` is so.
fn put(client: &Client, name: &str, lane: &str, (header, value): (&str, &str)) -> Answer {
    let body = schedule("@yearly", &json!({ "lane": lane }));
    client.call("PUT", &path(name)).json(body).header(header, value).send()
}

fn delete(client: &Client, name: &str, etag: &str) -> Answer {
    client.call("DELETE", &path(name)).header("if-match", etag).send()
}

#[test]
fn a_schedule_that_was_changed_meanwhile_is_not_overwritten() {
    let client = client();
    let first = put(&client, "versions", "high", ("if-none-match", "*")).expect(201).header("etag").to_owned();
    let second = put(&client, "versions", "bulk", ("if-match", &first)).expect(200).header("etag").to_owned();
    assert_ne!(first, second);
    for stale in [&*first, "\"1-1\"", "W/\"1-1\"", "nonsense", second.trim_matches('"')] {
        problem(stale, &put(&client, "versions", "high", ("if-match", stale)), 412);
        problem(stale, &delete(&client, "versions", stale), 412);
    }
    assert_eq!(
        (&client.schedules().get("versions")["lane"], client.schedules().etag("versions")),
        (&json!("bulk"), second.clone())
    );
    put(&client, "versions", "high", ("if-match", "*")).expect(200);
    problem("it was changed", &delete(&client, "versions", &second), 412);

    // Pausing is a change, too.
    let etag = client.schedules().etag("versions");
    let paused = client.schedules().say("versions", "pause").expect(200).header("etag").to_owned();
    problem("it was paused", &put(&client, "versions", "high", ("if-match", &etag)), 412);
    delete(&client, "versions", &paused).expect(204);

    // What is gone was changed.
    problem("it is gone", &put(&client, "versions", "high", ("if-match", &paused)), 412);
    problem("it is gone", &put(&client, "versions", "high", ("if-match", "*")), 412);
    problem("it is gone", &delete(&client, "versions", &paused), 404);
    let again = put(&client, "versions", "high", ("if-none-match", "*")).expect(201).header("etag").to_owned();
    assert!(![first, second, paused].contains(&again), "it is not the one that was deleted");
    delete(&client, "versions", &again).expect(204);
}

#[test]
fn one_that_is_there_is_not_created() {
    let client = client();
    put(&client, "created", "high", ("if-none-match", "*")).expect(201);
    problem("there", &put(&client, "created", "bulk", ("if-none-match", "*")), 412);
    assert_eq!(client.schedules().get("created")["lane"], "high");
    client.schedules().delete("created");
}

#[test]
fn of_several_at_once_who_have_read_one_version_one_changes_it() {
    let client = client();
    let at_once = |header: (&str, &str)| -> Vec<u16> {
        thread::scope(|scope| {
            let calls: Vec<_> = (0..8).map(|_| scope.spawn(|| put(&client, "raced", "bulk", header).status)).collect();
            let mut statuses: Vec<u16> = calls.into_iter().map(|call| call.join().unwrap()).collect();
            statuses.sort_unstable();
            statuses
        })
    };
    let but_one_late = |first: u16| [vec![first], vec![412; 7]].concat();
    assert_eq!(at_once(("if-none-match", "*")), but_one_late(201));
    for _ in 0..5 {
        let etag = client.schedules().etag("raced");
        assert_eq!(at_once(("if-match", &etag)), but_one_late(200));
    }
    client.schedules().delete("raced");
}

#[test]
fn saving_it_again_sets_what_is_not_said_to_its_default_and_forgets_failures() {
    let client = client();
    let schedules = client.schedules();
    let all = json!({ "lane": "bulk", "overlap": "skip", "jitter_seconds": 5, "pause_after_failures": 2, "timezone": "Asia/Tokyo" });
    schedules.put("defaults", &schedule("@yearly", &all));
    let again = schedules.put("defaults", &schedule("@yearly", &json!({})));
    let found: Value = all.as_object().unwrap().keys().map(|field| (field.clone(), again[field].clone())).collect();
    let defaults = json!({
        "lane": "default", "overlap": "allow", "jitter_seconds": 0, "pause_after_failures": null, "timezone": "UTC",
    });
    assert_eq!(found, defaults);
    schedules.delete("defaults");
}
