//! Filters: which dead letters are meant. The same names in the query of a list and in the body of an action.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::route::is_task;
use super::{LetterState, Search};
use crate::fingerprint::Fingerprint;
use crate::id::JobId;
use crate::json_fields::optional_at_most;
use crate::kinds::Kind;
use crate::limits::{FILTER_TASKS, FILTER_TASKS_BYTES, FILTER_TASKS_SHOWN};
use crate::submission::Fault;
use crate::time::{Timestamp, rfc3339};
use crate::verdict::Reason;

/// Which dead letters are meant: those that meet all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a filter: an object")]
pub struct Filter {
    /// Where they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<LetterState>,
    /// Their kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Their job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<JobId>,
    /// Their cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// Why they were given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Died then or later.
    #[serde(with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Died before then.
    #[serde(with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Words of their error.
    #[serde(rename = "q", skip_serializing_if = "Option::is_none")]
    pub search: Option<Search>,
    /// Discarded by this entry of the journal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journal: Option<u32>,
    /// One of these tasks: in the body of an action only.
    #[serde(deserialize_with = "optional_at_most::<FILTER_TASKS, String, _>", skip_serializing_if = "Option::is_none")]
    pub tasks: Option<Vec<String>>,
    /// All of them, said on purpose: in the body of an action only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
}

/// The names that a query may give.
pub const PARAMETERS: [&str; 9] = ["state", "kind", "job", "fingerprint", "reason", "since", "until", "q", "journal"];

/// An action needs to be told what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("empty: name at least one condition, or say \"all\": true")]
pub struct EmptyFilter;

impl Filter {
    /// Reads the parameters of a query that are a filter's; the others are left alone.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn from_query<'q>(pairs: impl IntoIterator<Item = (&'q str, &'q str)>) -> Result<Self, Vec<Fault>> {
        let mut filter = Self::default();
        let mut faults = Vec::new();
        for (name, value) in pairs {
            if let Err(detail) = filter.set(name, value) {
                faults.push(Fault::new(name, detail));
            }
        }
        if faults.is_empty() { Ok(filter) } else { Err(faults) }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "state" => self.state = Some(one_of(value, &LetterState::ALL, |state| state.name())?),
            "kind" => self.kind = Some(one_of(value, &Kind::ALL, |kind| kind.name())?),
            "job" => self.job = Some(value.parse().map_err(|error: crate::id::UnreadableId| error.to_string())?),
            "fingerprint" => self.fingerprint = Some(value.parse().map_err(|error| format!("{error}"))?),
            "reason" => self.reason = Some(one_of(value, &Reason::ALL, |reason| reason.name())?),
            "since" => self.since = Some(time(value)?),
            "until" => self.until = Some(time(value)?),
            "q" => self.search = Some(Search::new(value).map_err(|error| error.to_string())?),
            "journal" => self.journal = Some(value.parse().map_err(|_| "the number of an entry".to_owned())?),
            _ => {}
        }
        Ok(())
    }

    /// Holds the filter of an action against what an action needs: it must name something, and letters that are in
    /// `state`, the one that the action applies to.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn for_action(mut self, state: LetterState) -> Result<Self, Fault> {
        let named = Self { all: false, ..self.clone() } != Self::default();
        if !named && !self.all {
            return Err(Fault::new("filter", EmptyFilter.to_string()));
        }
        if let Some(tasks) = &self.tasks
            && !(1..=FILTER_TASKS).contains(&tasks.len())
        {
            let detail = format!("from 1 to {FILTER_TASKS} ids; this has {}", tasks.len());
            return Err(Fault::new("filter.tasks", detail));
        }
        let bytes = self.tasks.iter().flatten().map(|task| task.len() + 3).sum::<usize>();
        if bytes > FILTER_TASKS_BYTES {
            let detail = format!("the ids have more than {FILTER_TASKS_BYTES} bytes together");
            return Err(Fault::new("filter.tasks", detail));
        }
        if let Some(task) = self.tasks.iter().flatten().find(|task| !is_task(task)) {
            let detail = format!("not the id of a dead letter: {task:.100?}");
            return Err(Fault::new("filter.tasks", detail));
        }
        if self.state.is_some_and(|given| given != state) {
            let detail = format!("this applies to dead letters that are {}", state.name());
            return Err(Fault::new("filter.state", detail));
        }
        self.state = Some(state);
        Ok(self)
    }
}

impl Filter {
    /// Whether it names the letters, or an entry of the journal that has them: few are left to look at.
    pub(super) fn is_of_few(&self) -> bool {
        self.tasks.is_some() || self.journal.is_some()
    }

    /// The filter as lists show it, as JSON: of many tasks only the first, and how many more there are.
    pub fn summary(&self) -> Box<RawValue> {
        let mut shown = self.clone();
        let tasks = shown.tasks.as_mut().filter(|tasks| tasks.len() > FILTER_TASKS_SHOWN);
        let more = tasks.map(|tasks| tasks.drain(FILTER_TASKS_SHOWN..).count());
        let mut json = serde_json::to_string(&shown).unwrap_or_default();
        if let Some(more) = more {
            json = format!("{},\"more_tasks\":{more}}}", json.trim_end_matches('}'));
        }
        RawValue::from_string(json).unwrap_or_default()
    }
}

fn one_of<T: Copy>(text: &str, known: &[T], name: impl Fn(T) -> &'static str) -> Result<T, String> {
    known.iter().copied().find(|one| name(*one) == text).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|one| name(*one)).collect();
        format!("unknown; known: {}", names.join(", "))
    })
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_rfc3339(text).ok_or_else(|| "not an RFC 3339 time such as 2027-01-31T08:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_and_a_body_say_the_same() {
        let query = [
            ("state", "open"),
            ("kind", "simulate"),
            ("job", "0199f0c2a0007abc8def0123456789ab"),
            ("fingerprint", "1-0123456789abcdef"),
            ("reason", "permanent"),
            ("since", "2027-01-31T08:00:00.000Z"),
            ("until", "2027-01-31T09:00:00.000Z"),
            ("q", "time* out"),
            ("journal", "17"),
            ("limit", "7"),
        ];
        let filter = Filter::from_query(query).unwrap();
        let body: serde_json::Map<String, serde_json::Value> = query
            .iter()
            .filter(|(name, _)| PARAMETERS.contains(name))
            .map(|(name, value)| ((*name).to_owned(), if *name == "journal" { 17.into() } else { (*value).into() }))
            .collect();
        let json = serde_json::Value::from(body).to_string();
        assert_eq!(serde_json::from_str::<Filter>(&json).unwrap(), filter);
        assert_eq!(serde_json::from_str::<Filter>(&serde_json::to_string(&filter).unwrap()).unwrap(), filter);
    }

    #[test]
    fn what_is_wrong_is_said_of_each_parameter() {
        let faults =
            Filter::from_query([("state", "dead"), ("since", "yesterday"), ("q", "*"), ("job", "7")]).unwrap_err();
        let named: Vec<(&str, &str)> = faults.iter().map(|fault| (&*fault.field, &*fault.detail)).collect();
        assert_eq!(named[0], ("state", "unknown; known: open, replayed, resolved, discarded"));
        assert_eq!(named.iter().map(|(field, _)| *field).collect::<Vec<_>>(), ["state", "since", "q", "job"]);
    }

    #[test]
    fn an_action_must_name_something_or_say_all() {
        let read = |json: &str| serde_json::from_str::<Filter>(json).unwrap().for_action(LetterState::Open);
        for (json, field) in [
            ("{}", "filter"),
            (r#"{"all":false}"#, "filter"),
            (r#"{"tasks":[]}"#, "filter.tasks"),
            (r#"{"state":"discarded"}"#, "filter.state"),
        ] {
            assert_eq!(read(json).unwrap_err().field, field, "{json}");
        }
        for json in [r#"{"all":true}"#, r#"{"state":"open"}"#, r#"{"tasks":["x"]}"#, r#"{"q":"busy"}"#] {
            assert_eq!(read(json).unwrap().state, Some(LetterState::Open), "{json}");
        }
        let many = |tasks: usize| serde_json::json!({ "tasks": vec!["x"; tasks] }).to_string();
        assert!(read(&many(FILTER_TASKS)).is_ok() && serde_json::from_str::<Filter>(&many(FILTER_TASKS + 1)).is_err());
        let long = serde_json::json!({ "tasks": [ "x".repeat(FILTER_TASKS_BYTES) ] }).to_string();
        assert_eq!(read(&long).unwrap_err().field, "filter.tasks");
        assert_eq!(read(r#"{"tasks":["a\u0000"]}"#).unwrap_err().field, "filter.tasks");
    }

    #[test]
    fn a_summary_names_a_few_tasks_and_says_how_many_more_there_are() {
        let filter = |tasks: usize| Filter { tasks: Some(vec!["x".to_owned(); tasks]), ..Filter::default() };
        assert_eq!(filter(2).summary().get(), r#"{"tasks":["x","x"]}"#);
        let summary: serde_json::Value = serde_json::from_str(filter(50).summary().get()).unwrap();
        assert_eq!((summary["tasks"].as_array().unwrap().len(), &summary["more_tasks"]), (20, &serde_json::json!(30)));
    }

    #[test]
    fn unknown_names_are_refused() {
        for json in [r#"{"sate":"open"}"#, r#"{"tasks":"x"}"#, r#"{"all":1}"#, r#"{"q":""}"#, r#"{"reason":"x"}"#] {
            assert!(serde_json::from_str::<Filter>(json).is_err(), "{json}");
        }
    }
}
