//! The whole story: an operator arrives after a bad night.

use domain::id::JobId;
use serde_json::{Value, json};
use tests::client::Client;
use tests::pipeline::Setup;
use tests::triage::Triage;

use super::agreement::assert_archive_and_index_agree;
use crate::SOON;

/// What went wrong in the night, and how often.
const CAUSES: [(&str, &str, usize); 4] = [
    ("invoice.rejected", "customer %: field `currency` must be one of EUR, USD", 60),
    ("db.timeout", "connection to 10.0.0.% timed out after %00 ms", 25),
    ("account.closed", "account % was closed on 2026-11-%", 10),
    ("template.missing", "no template \"welcome-%\" in /srv/templates/%.html", 5),
];

/// Tasks that die of these causes, one after the other, each error with its own numbers.
fn night() -> Vec<Value> {
    let mut tasks = Vec::new();
    for (class, message, count) in CAUSES {
        tasks.extend((10..).take(count).map(|n: usize| {
            let error = json!({ "class": class, "message": message.replace('%', &n.to_string()) });
            let payload =
                json!({ "fail": "permanent", "error": error, "output": { "customer": n, "currency": "Eur" } });
            json!({ "kind": "simulate", "payload": payload, "ref": format!("{class}-{n}") })
        }));
    }
    tasks
}

struct Operator<'c> {
    client: &'c Client,
    triage: Triage<'c>,
    job: JobId,
}

impl Operator<'_> {
    /// The fingerprint of a cause among the open letters.
    fn fingerprint_of(&self, class: &str) -> String {
        let groups = self.triage.groups("state=open");
        let group = groups.iter().find(|group| group["error"]["class"] == class);
        group.unwrap_or_else(|| panic!("no {class} in {groups:?}"))["fingerprint"].as_str().unwrap().to_owned()
    }

    fn open(&self) -> usize {
        self.triage.dead_letters(&format!("job={}&state=open", self.job)).len()
    }
}

#[test]
fn after_a_bad_night_an_operator_knows_the_causes_fixes_one_proves_it_replays_it_discards_the_hopeless_and_sees_that_it_worked()
 {
    let pipeline = Setup::new().start();
    let client = pipeline.client();
    let job = client.submit(&night());
    assert_eq!(client.wait_until_ended(job, SOON).counts.dead, 100);
    let operator = Operator { client: &client, triage: client.triage(), job };
    operator.triage.wait_for_letters(&format!("job={job}"), 100);

    knows_the_four_causes(&operator);
    tries_a_fix_that_does_not_help_and_is_stopped_by_the_canary(&operator);
    fixes_one_field_proves_it_on_a_few_and_replays_the_rest(&operator);
    replays_what_was_only_bad_luck(&operator);
    discards_the_hopeless_and_takes_one_of_it_back(&operator);
    reads_in_the_journal_what_was_done(&operator);
    assert_archive_and_index_agree(&pipeline, job, 100);
}

fn knows_the_four_causes(operator: &Operator<'_>) {
    let groups = operator.triage.groups("state=open");
    let found: Vec<(&str, u64)> = groups
        .iter()
        .map(|group| (group["error"]["class"].as_str().unwrap(), group["count"].as_u64().unwrap()))
        .collect();
    assert_eq!(found, CAUSES.map(|(class, _, count)| (class, count as u64)), "four causes, the largest first");
    let sample = operator.triage.record(groups[0]["sample_task"].as_str().unwrap());
    assert_eq!(sample["error"]["class"], "invoice.rejected");
    assert_eq!(sample["payload"]["output"]["currency"], "Eur", "that is what is wrong with it");
}

fn tries_a_fix_that_does_not_help_and_is_stopped_by_the_canary(operator: &Operator<'_>) {
    let triage = operator.triage;
    let filter = json!({ "fingerprint": operator.fingerprint_of("invoice.rejected") });
    let canary = json!({ "stages": [5, 20], "halt_above": 0.2 });
    let replay = triage.replay(&json!({ "filter": filter, "patch": { "output": { "note": 1 } }, "canary": canary }));
    let view = triage.wait_for_replay(&replay, "halted", SOON);
    assert_eq!(view["halted"], json!({ "stage": 1, "failed": 5, "of": 5 }));
    assert_eq!((&view["counts"]["waiting"], &view["counts"]["sent"]), (&json!(55), &json!(5)));
    triage.say(&replay, "cancel").expect(202);
    let view = triage.wait_for_replay(&replay, "canceled", SOON);
    assert_eq!((&view["counts"]["died_again"], &view["counts"]["canceled"]), (&json!(5), &json!(55)));
    assert_eq!(operator.open(), 100, "nothing is lost by it");
}

fn fixes_one_field_proves_it_on_a_few_and_replays_the_rest(operator: &Operator<'_>) {
    let triage = operator.triage;
    let filter = json!({ "fingerprint": operator.fingerprint_of("invoice.rejected") });
    let patch = json!({ "fail": null, "output": { "currency": "EUR" } });
    let dry_run = triage.dry_run(&json!({ "filter": filter, "patch": patch }));
    assert_eq!((&dry_run["count"], &dry_run["refused"]), (&json!(60), &json!([])));
    let (before, after) = (&dry_run["sample"][0]["before"], &dry_run["sample"][0]["after"]);
    assert_eq!((&before["output"]["currency"], &after["output"]["currency"]), (&json!("Eur"), &json!("EUR")));
    assert_eq!((&before["output"]["customer"], &after["fail"]), (&after["output"]["customer"], &Value::Null));

    let canary = json!({ "stages": [5, 20], "halt_above": 0.2 });
    let replay = triage.replay(&json!({ "filter": filter, "patch": patch, "canary": canary }));
    let view = triage.wait_for_replay(&replay, "completed", SOON);
    assert_eq!(view["counts"]["succeeded"], 60);
    assert_eq!(view["jobs"].as_array().unwrap().len(), 3, "two stages and the rest");
    let resolved = triage.dead_letters(&format!("job={}&state=resolved", operator.job));
    assert_eq!(resolved.len(), 60);
    // They *really* succeeded: each by a task of its own, with the fixed payload.
    for item in triage.items(&replay, "verdict=succeeded") {
        let path = format!("/v1/tasks/{}", item["replay_task"].as_str().unwrap());
        let task = operator.client.get(&path).expect(200).json();
        assert_eq!((&task["status"], &task["output"]["currency"]), (&json!("succeeded"), &json!("EUR")));
    }
}

fn replays_what_was_only_bad_luck(operator: &Operator<'_>) {
    let filter = json!({ "q": "\"timed out after\"", "state": "open" });
    let replay = operator.triage.replay(&json!({ "filter": filter, "patch": { "fail": null }, "rate": 50 }));
    let view = operator.triage.wait_for_replay(&replay, "completed", SOON);
    assert_eq!(view["counts"]["succeeded"], 25);
}

fn discards_the_hopeless_and_takes_one_of_it_back(operator: &Operator<'_>) {
    let triage = operator.triage;
    let discarded = triage.discard(&json!({ "all": true }));
    assert_eq!((&discarded["count"], operator.open()), (&json!(15), 0));
    let template = format!("job={}&state=discarded&q=template.missing", operator.job);
    let task = triage.dead_letters(&template)[0]["task"].clone();
    assert_eq!(triage.restore(&json!({ "tasks": [task] }))["count"], 1);
    assert_eq!(operator.open(), 1);
}

fn reads_in_the_journal_what_was_done(operator: &Operator<'_>) {
    let journal = operator.triage.journal();
    let done: Vec<&str> = journal.iter().rev().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(done, ["replay", "cancel", "replay", "replay", "discard", "restore"]);
    let counts: Vec<u64> = journal.iter().rev().map(|entry| entry["count"].as_u64().unwrap()).collect();
    assert_eq!(counts, [60, 55, 60, 25, 15, 1]);
    assert!(journal.iter().all(|entry| entry["key"] == "dev" && entry["undo"].is_string()), "{journal:?}");
}
