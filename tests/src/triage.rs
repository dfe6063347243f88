//! Speaks the triage part of the HTTP contract: dead letters, replays, the journal.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::id::JobId;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::client::Client;
use crate::patience::eventually;

/// How long a page may be.
const PAGE: usize = 200;
/// How long the index may take to show what has died.
const INDEXED: Duration = Duration::from_secs(30);

/// An operator. All of it panics at an answer that the contract does not have.
#[derive(Clone, Copy)]
pub struct Triage<'c> {
    client: &'c Client,
}

impl Client {
    /// This caller as an operator.
    pub fn triage(&self) -> Triage<'_> {
        Triage { client: self }
    }
}

impl Triage<'_> {
    /// Submits `tasks`, all of which die, and waits until the index shows each of them.
    pub fn let_die<'v>(&self, tasks: impl IntoIterator<Item = &'v Value>) -> JobId {
        let tasks: Vec<&Value> = tasks.into_iter().collect();
        let job = self.client.submit(tasks.iter().copied());
        self.wait_for_letters(&format!("job={job}"), tasks.len());
        job
    }

    /// Waits until the index shows `count` letters that `query` means; all of them.
    pub fn wait_for_letters(&self, query: &str, count: usize) -> Vec<Value> {
        eventually(&format!("the index shows {count} dead letters of {query}"), INDEXED, || {
            Some(self.dead_letters(query)).filter(|letters| letters.len() >= count)
        })
    }

    /// All dead letters that `query` means, newest first.
    pub fn dead_letters(&self, query: &str) -> Vec<Value> {
        self.all("/v1/dead-letters", query, PAGE)
    }

    /// All groups of the dead letters that `query` means, largest first.
    pub fn groups(&self, query: &str) -> Vec<Value> {
        self.all("/v1/dead-letters/groups", query, PAGE)
    }

    /// The items of a replay that `query` means.
    pub fn items(&self, replay: &str, query: &str) -> Vec<Value> {
        self.all(&format!("/v1/replays/{replay}/items"), query, PAGE)
    }

    /// A list read page by page, `limit` entries at a time, to its end.
    pub fn all(&self, path: &str, query: &str, limit: usize) -> Vec<Value> {
        let (mut entries, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let from = cursor.map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
            let (page, next) = self.page(path, &format!("{query}&limit={limit}{from}"));
            assert!(page.len() <= limit, "{path}?{query}: {} entries, {limit} were asked for", page.len());
            entries.extend(page);
            match next {
                Some(next) => cursor = Some(next),
                None => return entries,
            }
        }
    }

    /// One page of a list and the cursor of the next, if there is more.
    pub fn page(&self, path: &str, query: &str) -> (Vec<Value>, Option<String>) {
        let query = query.trim_start_matches('&');
        let mut answer = self.client.get(&format!("{path}?{query}")).expect(200).json();
        let cursor = answer["cursor"].as_str().map(str::to_owned);
        let lists = answer.as_object_mut().unwrap().iter_mut().filter(|(_, value)| value.is_array());
        let mut lists: Vec<Value> = lists.map(|(_, list)| list.take()).collect();
        assert_eq!(lists.len(), 1, "{path}: one list an answer");
        match lists.pop() {
            Some(Value::Array(entries)) => (entries, cursor),
            _ => unreachable!("it was an array"),
        }
    }

    /// A dead letter, all of it.
    pub fn record(&self, task: &str) -> Value {
        self.client.get(&format!("/v1/dead-letters/{task}")).expect(200).json()
    }

    /// Discards what `filter` means; the answer.
    pub fn discard(&self, filter: &Value) -> Value {
        self.post("/v1/dead-letters/discard", &json!({ "filter": filter })).expect(200).json()
    }

    /// Restores what `filter` means; the answer.
    pub fn restore(&self, filter: &Value) -> Value {
        self.post("/v1/dead-letters/restore", &json!({ "filter": filter })).expect(200).json()
    }

    /// Begins a replay; its id.
    pub fn replay(&self, body: &Value) -> String {
        self.try_replay(body).expect(202).json()["replay"].as_str().unwrap().to_owned()
    }

    /// What a replay that is asked for is answered.
    pub fn try_replay(&self, body: &Value) -> Answer {
        self.post("/v1/dead-letters/replay", body)
    }

    /// Shows what a replay would do.
    pub fn dry_run(&self, body: &Value) -> Value {
        let mut body = body.clone();
        body["dry_run"] = json!(true);
        self.try_replay(&body).expect(200).json()
    }

    /// Says `resume` or `cancel` to a replay.
    pub fn say(&self, replay: &str, word: &str) -> Answer {
        self.client.call("POST", &format!("/v1/replays/{replay}/{word}")).send()
    }

    /// Where a replay is. Its counts must add up whenever they are read.
    pub fn view(&self, replay: &str) -> Value {
        let view = self.client.get(&format!("/v1/replays/{replay}")).expect(200).json();
        let count = |name: &str| view["counts"][name].as_u64().unwrap();
        let verdicts = ["waiting", "pending", "succeeded", "died_again", "refused", "skipped", "canceled"];
        assert_eq!(verdicts.iter().map(|name| count(name)).sum::<u64>(), count("frozen"), "{view}");
        view
    }

    /// Waits until a replay is in `state`.
    pub fn wait_for_replay(&self, replay: &str, state: &str, limit: Duration) -> Value {
        eventually(&format!("replay {replay} is {state}"), limit, || {
            Some(self.view(replay)).filter(|view| view["state"] == state)
        })
    }

    /// The newest entries of the journal.
    pub fn journal(&self) -> Vec<Value> {
        self.page("/v1/journal", &format!("limit={PAGE}")).0
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        self.client.call("POST", path).json(body).send()
    }
}

/// A `simulate` task that dies at once of this.
pub fn dies(class: &str, message: &str) -> Value {
    json!({ "kind": "simulate", "payload": { "fail": "permanent", "error": { "class": class, "message": message } } })
}

/// What is called so in each of `entries`, which is a different text in each.
///
/// # Panics
/// If one comes twice.
pub fn names(entries: &[Value], name: &str) -> BTreeSet<String> {
    let names: BTreeSet<String> = entries.iter().map(|entry| entry[name].as_str().unwrap().to_owned()).collect();
    assert_eq!(names.len(), entries.len(), "each once: {entries:?}");
    names
}

/// `text` as the value of a query parameter.
pub fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
