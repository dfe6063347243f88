//! Speaks the schedules part of the HTTP contract, and moves the clock that schedules go by: that of cron ticks.

use domain::id::JobId;
use domain::schedule::Outcome;
use domain::time::{Timestamp, rfc3339};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::client::Client;

/// How long a page may be.
const PAGE: usize = 200;

/// Who keeps schedules. All of it panics at an answer that the contract does not have.
#[derive(Clone, Copy)]
pub struct Schedules<'c> {
    client: &'c Client,
}

/// What became of a fire time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// The fire time.
    #[serde(with = "rfc3339")]
    pub planned_at: Timestamp,
    /// The time of the tick, or of the request, that brought it about.
    #[serde(with = "rfc3339")]
    pub fired_at: Timestamp,
    /// How much later that was.
    pub lateness_ms: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, if it did not fire.
    pub reason: Option<String>,
    /// Its job, if it did.
    pub job: Option<JobId>,
}

impl Client {
    /// This caller as one who keeps schedules.
    pub fn schedules(&self) -> Schedules<'_> {
        Schedules { client: self }
    }
}

impl Schedules<'_> {
    /// Saves a schedule; how it is answered.
    pub fn try_put(&self, name: &str, body: &Value) -> Answer {
        self.client.call("PUT", &path(name)).json(body).send()
    }

    /// Saves a schedule; it as it is then.
    pub fn put(&self, name: &str, body: &Value) -> Value {
        let answer = self.try_put(name, body);
        assert!([200, 201].contains(&answer.status), "{name}: {}", answer.text());
        answer.json()
    }

    /// A schedule.
    pub fn get(&self, name: &str) -> Value {
        self.client.get(&path(name)).expect(200).json()
    }

    /// What names the version of a schedule.
    pub fn etag(&self, name: &str) -> String {
        self.client.get(&path(name)).expect(200).header("etag").to_owned()
    }

    /// Deletes a schedule.
    pub fn delete(&self, name: &str) {
        self.client.call("DELETE", &path(name)).send().expect(204);
    }

    /// Says `run`, `pause` or `resume` to a schedule; how it is answered.
    pub fn say(&self, name: &str, word: &str) -> Answer {
        self.client.call("POST", &format!("{}/{word}", path(name))).send()
    }

    /// Has a schedule make a job now.
    pub fn run(&self, name: &str) -> JobId {
        self.say(name, "run").expect(202).json()["job"].as_str().unwrap().parse().unwrap()
    }

    /// Asks for fire times of the past; how it is answered.
    pub fn try_backfill(&self, name: &str, from: &str, to: &str) -> Answer {
        let body = json!({ "from": from, "to": to });
        self.client.call("POST", &format!("{}/backfill", path(name))).json(body).send()
    }

    /// Asks for fire times of the past; how many there will be.
    pub fn backfill(&self, name: &str, from: &str, to: &str) -> u64 {
        self.try_backfill(name, from, to).expect(202).json()["firings"].as_u64().unwrap()
    }

    /// What became of the fire times of a schedule, newest first.
    pub fn runs(&self, name: &str) -> Vec<Run> {
        let runs = self.client.triage().all(&format!("{}/runs", path(name)), "", PAGE);
        runs.into_iter().map(|run| serde_json::from_value(run).unwrap()).collect()
    }

    /// The outcomes of a schedule's runs with their reasons, oldest first: `fired`, `skipped: missed`.
    pub fn outcomes(&self, name: &str) -> Vec<String> {
        self.runs(name).iter().rev().map(Run::text).collect()
    }

    /// A cron tick that was planned for `at`, to its end.
    pub fn tick(&self, at: Timestamp) {
        self.client.get(&tick_path(at)).expect(200);
    }

    /// The same, while there may be nobody to hear it.
    pub fn try_tick(&self, at: Timestamp) -> Option<Answer> {
        self.client.call("GET", &tick_path(at)).try_send().ok()
    }
}

impl Run {
    /// Its outcome with the reason.
    pub fn text(&self) -> String {
        let outcome = self.outcome.name();
        self.reason.as_ref().map_or_else(|| outcome.to_owned(), |reason| format!("{outcome}: {reason}"))
    }
}

/// A schedule whose jobs have one task with nothing to do, with `changes` to its fields.
pub fn schedule(cron: &str, changes: &Value) -> Value {
    let mut body = json!({ "cron": cron, "generator": "tasks", "input": { "tasks": [{ "kind": "simulate" }] } });
    for (field, value) in changes.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

/// Where a schedule is.
pub fn path(name: &str) -> String {
    format!("/v1/schedules/{name}")
}

fn tick_path(at: Timestamp) -> String {
    format!("/cdn-cgi/handler/scheduled?cron=*+*+*+*+*&time={}", at.as_millis())
}
