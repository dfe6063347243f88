//! The archive and the index have the same letters, and say the same of them.

use std::collections::BTreeSet;

use domain::id::JobId;
use serde_json::json;
use tests::pipeline::{Pipeline, Setup};
use tests::triage::dies;

use crate::SOON;

/// The archive has the letters of `job` that the index has, `count` of them, with the same content.
pub fn assert_archive_and_index_agree(pipeline: &Pipeline, job: JobId, count: usize) {
    let client = pipeline.client();
    let letters = client.triage().all("/v1/dead-letters/export", &format!("job={job}"), 200);
    let archived = pipeline.archive().letters(job);
    let indexed: BTreeSet<&str> = letters.iter().map(|letter| letter["task"].as_str().unwrap()).collect();
    assert_eq!(archived.keys().map(String::as_str).collect::<BTreeSet<_>>(), indexed);
    assert_eq!(indexed.len(), count);
    for letter in &letters {
        let content = &archived[letter["task"].as_str().unwrap()];
        for field in ["task", "job", "index", "ref", "kind", "lane", "payload"] {
            assert_eq!(letter[field], content[field], "{field} of {}", letter["task"]);
        }
        let again = letter["replays"].as_array().unwrap().iter().any(|replay| replay["verdict"] == "died_again");
        if !again {
            assert_eq!((&letter["error"], &letter["history"]), (&content["error"], &content["history"]));
        }
    }
}

#[test]
fn what_was_kept_long_enough_leaves_the_index_with_the_tick_and_what_was_not_stays() {
    let pipeline = Setup::new().start();
    let client = pipeline.client();
    let triage = client.triage();
    let job = triage.let_die(&[dies("old", "one"), dies("old", "two")]);
    triage.discard(&json!({ "tasks": [format!("{job}-0")] }));
    let tick = |days: u64| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let time = now.as_millis() + u128::from(days * 86_400_000);
        client.get(&format!("/cdn-cgi/handler/scheduled?cron=*+*+*+*+*&time={time}")).expect(200);
    };
    tick(29);
    assert_eq!(triage.restore(&json!({ "all": true }))["count"], 1, "restorable until then");
    tick(31);
    assert_eq!(triage.dead_letters("").len(), 0);
    client.get(&format!("/v1/dead-letters/{job}-0")).expect(404);
    assert_eq!(triage.dead_letters("q=old").len(), 0, "nor is it found by its words");
    assert_eq!(triage.journal().len(), 2, "the journal stays");
    assert_eq!(client.wait_until_ended(job, SOON).counts.dead, 2, "and so does the job");
}
