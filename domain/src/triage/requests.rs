//! What an operator asks for, read and checked whole before anything is done.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Filter, LetterState};
use crate::json_body::read;
use crate::json_fields::{at_most, object, optional_object};
use crate::json_shape;
use crate::limits::{CANARY_STAGES, REPLAY_ITEMS, TASK_BYTES, TASK_NESTING};
use crate::submission::{Fault, Refusal};

/// The body of `POST /v1/dead-letters/replay`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with filter")]
pub struct ReplayRequest {
    /// Which letters.
    #[serde(deserialize_with = "object")]
    pub filter: Filter,
    /// A merge patch on each payload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch: Option<Box<RawValue>>,
    /// Only show what would be done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// A few first, to see whether it works.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional_object")]
    pub canary: Option<Canary>,
    /// Tasks per second, at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Also what succeeded after it had been given up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub force: bool,
}

/// The stages of a replay before the rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with stages")]
pub struct Canary {
    /// How many letters each stage sends.
    #[serde(deserialize_with = "at_most::<CANARY_STAGES, u32, _>")]
    pub stages: Vec<u32>,
    /// The share of a stage, from 0 to 1, that may fail. One that does not say allows none.
    #[serde(default)]
    pub halt_above: f64,
}

/// The highest `rate`: beyond it, it would limit nothing.
const MAX_RATE: f64 = 100_000.0;
/// The lowest: one in a quarter of an hour.
const MIN_RATE: f64 = 0.001;

impl ReplayRequest {
    /// Reads the body of `POST /v1/dead-letters/discard` or `/restore`, which has a filter only: letters that are in
    /// `state`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read_filter(body: &[u8], state: LetterState) -> Result<Filter, Refusal> {
        let request: Self = read(body)?;
        let others = [
            ("patch", request.patch.is_some()),
            ("dry_run", request.dry_run),
            ("canary", request.canary.is_some()),
            ("rate", request.rate.is_some()),
            ("force", request.force),
        ];
        match others.iter().find(|(_, given)| *given) {
            Some((name, _)) => Err(wrong(Fault::new(name, "unknown field: this takes a filter only"))),
            None => request.filter.for_action(state).map_err(wrong),
        }
    }

    /// Reads the body.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        let mut request: Self = read(body)?;
        request.filter = request.filter.for_action(LetterState::Open).map_err(wrong)?;
        if let Some(patch) = &request.patch {
            check_patch(patch.get()).map_err(wrong)?;
            // Kept without white space, as tasks are: its lines must not break those of a pack.
            let compact = RawValue::from_string(json_shape::compact(patch.get()));
            request.patch = Some(compact.map_err(|error| wrong(Fault::new("patch", error.to_string())))?);
        }
        if let Some(canary) = &request.canary {
            canary.check().map_err(wrong)?;
        }
        if request.rate.is_some_and(|rate| !(MIN_RATE..=MAX_RATE).contains(&rate)) {
            return Err(wrong(Fault::new("rate", "tasks per second, from 0.001 to 100000")));
        }
        Ok(request)
    }
}

impl Canary {
    fn check(&self) -> Result<(), Fault> {
        if !(1..=CANARY_STAGES).contains(&self.stages.len()) {
            return Err(Fault::new("canary.stages", format!("from 1 to {CANARY_STAGES} stages")));
        }
        if self.stages.iter().any(|size| !(1..=REPLAY_ITEMS).contains(size)) {
            return Err(Fault::new("canary.stages", format!("each from 1 to {REPLAY_ITEMS} dead letters")));
        }
        if !(0.0..=1.0).contains(&self.halt_above) {
            return Err(Fault::new("canary.halt_above", "a share from 0 to 1"));
        }
        Ok(())
    }
}

fn check_patch(patch: &str) -> Result<(), Fault> {
    if patch.len() > TASK_BYTES {
        return Err(Fault::new("patch", format!("{} bytes; the limit is {TASK_BYTES}", patch.len())));
    }
    if !json_shape::is_object(patch) {
        return Err(Fault::new("patch", "not an object: a merge patch (RFC 7386) of the payload"));
    }
    json_shape::check(patch, TASK_NESTING).map_err(|error| Fault::new("patch", error.to_string()))
}

fn wrong(fault: Fault) -> Refusal {
    Refusal::Wrong(vec![fault])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(body: &str) -> String {
        match ReplayRequest::read(body.as_bytes()) {
            Ok(_) => "fine".to_owned(),
            Err(Refusal::Unreadable(_)) => "unreadable".to_owned(),
            Err(Refusal::Wrong(faults)) => faults[0].field.clone(),
        }
    }

    #[test]
    fn a_replay_is_refused_for_whatever_is_wrong_with_it() {
        let huge = format!(r#"{{"filter":{{"all":true}},"patch":{{"a":"{}"}}}}"#, "x".repeat(TASK_BYTES));
        let deep = format!(r#"{{"filter":{{"all":true}},"patch":{{"a":{}{}}}}}"#, "[".repeat(64), "]".repeat(64));
        for (body, expected) in [
            (r#"{"filter":{"all":true},"canary":{"stages":[5,50],"halt_above":0.2},"rate":0.5,"force":true}"#, "fine"),
            (r#"{"filter":{"tasks":["x"]},"patch":{ "a" : null },"dry_run":true}"#, "fine"),
            ("", "unreadable"),
            ("{", "unreadable"),
            ("[]", ""),
            ("{}", ""),
            (r#"{"filter":{}}"#, "filter"),
            (r#"{"filter":{"sate":"open"}}"#, "filter.sate"),
            (r#"{"filter":{"kind":"x"}}"#, "filter.kind"),
            (r#"{"filter":{"all":true},"pach":{}}"#, "pach"),
            (r#"{"filter":{"all":true},"patch":7}"#, "patch"),
            (&huge, "patch"),
            (&deep, "patch"),
            (r#"{"filter":{"all":true},"canary":{"stages":[]}}"#, "canary.stages"),
            (r#"{"filter":{"all":true},"canary":{"stages":[0]}}"#, "canary.stages"),
            (r#"{"filter":{"all":true},"canary":{"stages":[1],"halt_above":1.1}}"#, "canary.halt_above"),
            (r#"{"filter":{"all":true},"canary":[[1]]}"#, "canary"),
            (r#"{"filter":[null,null,"0199f0c2a0007abc8def0123456789ab"]}"#, "filter"),
            (r#"{"filter":{"all":true},"rate":0}"#, "rate"),
            (r#"{"filter":{"all":true},"rate":-1}"#, "rate"),
            (r#"{"filter":{"all":true},"rate":"1"}"#, "rate"),
        ] {
            assert_eq!(field(body), expected, "{body:.100}");
        }
    }

    #[test]
    fn what_takes_a_filter_takes_nothing_else() {
        let read = |body: &str| ReplayRequest::read_filter(body.as_bytes(), LetterState::Discarded);
        assert_eq!(read(r#"{"filter":{"all":true}}"#).unwrap().state, Some(LetterState::Discarded));
        for name in ["patch\":{}", "dry_run\":true", "canary\":{\"stages\":[1]}", "rate\":1", "force\":true", "x\":1"] {
            assert!(read(&format!("{{\"filter\":{{\"all\":true}},\"{name}}}")).is_err(), "{name}");
        }
    }

    #[test]
    fn a_patch_is_kept_on_one_line() {
        let request = ReplayRequest::read(b"{\"filter\":{\"all\":true},\"patch\":{\n \"a\": [1,\n 2]}}").unwrap();
        assert_eq!(request.patch.unwrap().get(), r#"{"a":[1,2]}"#);
    }
}
