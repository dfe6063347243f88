//! One task as submitted.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::options::known_kind;
use super::{Fault, Rules};
use crate::json_error::diagnose;
use crate::json_shape;
use crate::kinds::Kind;
use crate::limits::{MAX_ATTEMPTS, MAX_TIMEOUT, REF_CHARS, TASK_BYTES, TASK_DELAY, TASK_NESTING};
use crate::packing::PackKey;
use crate::task::TaskFields;
use crate::time::Timestamp;

/// The fields a caller may give. Texts stay as they came: most are only passed on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a task: an object with kind and payload")]
struct TaskInput<'a> {
    #[serde(borrow, default)]
    kind: Option<&'a RawValue>,
    #[serde(borrow, default)]
    payload: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "ref")]
    reference: Option<&'a RawValue>,
    #[serde(default)]
    delay_seconds: Option<u64>,
    #[serde(borrow, default)]
    run_at: Option<&'a RawValue>,
    #[serde(default)]
    timeout_seconds: Option<u64>,
    #[serde(default)]
    max_attempts: Option<u64>,
}

/// Reads one task and checks all of it.
pub(super) fn read<'a>(
    json: &'a str,
    default_kind: Option<Kind>,
    rules: &Rules<'_>,
) -> Result<(PackKey, TaskFields<'a>), Fault> {
    if json.len() > TASK_BYTES {
        return Err(Fault::new("", format!("the task has {} bytes; the limit is {TASK_BYTES}", json.len())));
    }
    let input: TaskInput<'a> = serde_json::from_str(json).map_err(|_| explain(json))?;
    if !json_shape::is_object(json) {
        return Err(Fault::new("", "not an object: a task is an object with kind and payload"));
    }
    json_shape::check(json, TASK_NESTING)?;
    let kind = match input.kind {
        Some(text) => read_kind(text.get(), rules.kinds)?,
        None => default_kind.ok_or_else(|| Fault::new("kind", "missing"))?,
    };
    let payload = input.payload.map(RawValue::get);
    kind.check(payload.unwrap_or("{}"), rules.hosts).map_err(|error| {
        let field = if error.field.is_empty() { "payload".to_owned() } else { format!("payload.{}", error.field) };
        Fault::new(&field, error.detail)
    })?;
    let fields = TaskFields {
        payload,
        reference: input.reference.map(|text| check_reference(text.get())).transpose()?,
        timeout_seconds: in_range("timeout_seconds", input.timeout_seconds, MAX_TIMEOUT.as_secs())?,
        max_attempts: in_range("max_attempts", input.max_attempts, MAX_ATTEMPTS.into())?,
        origin: None,
    };
    Ok((PackKey { kind, due: due(&input, rules)? }, fields))
}

/// Finds what serde refused, with the name of the field.
fn explain(json: &str) -> Fault {
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(json) {
        return Fault::new("", format!("not valid JSON: {}", crate::json_error::detail(&error)));
    }
    match diagnose(json, |text| serde_json::from_str::<TaskInput<'_>>(text).map(drop)) {
        Some(error) => Fault::new(&error.field, error.detail),
        None => Fault::new("", "unreadable"),
    }
}

fn read_kind(json: &str, kinds: &[Kind]) -> Result<Kind, Fault> {
    let plain = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    if let Some(kind) = plain.and_then(|text| kinds.iter().find(|kind| kind.name() == text)) {
        return Ok(*kind);
    }
    let text: String = serde_json::from_str(json).map_err(|_| Fault::new("kind", "not a string"))?;
    known_kind(&text, kinds).map_err(|detail| Fault::new("kind", detail))
}

fn check_reference(json: &str) -> Result<&str, Fault> {
    let text: String = serde_json::from_str(json).map_err(|_| Fault::new("ref", "not a string"))?;
    if text.chars().count() > REF_CHARS {
        return Err(Fault::new("ref", format!("at most {REF_CHARS} characters")));
    }
    Ok(json)
}

fn in_range<T: TryFrom<u64>>(field: &str, value: Option<u64>, max: u64) -> Result<Option<T>, Fault> {
    let Some(value) = value else { return Ok(None) };
    let fault = || Fault::new(field, format!("from 1 to {max}"));
    if !(1..=max).contains(&value) {
        return Err(fault());
    }
    T::try_from(value).map(Some).map_err(|_| fault())
}

/// When the task may run, in whole seconds so that neighbours share a pack; `None` is at once.
fn due(input: &TaskInput<'_>, rules: &Rules<'_>) -> Result<Option<Timestamp>, Fault> {
    let now = rules.now;
    let field = if input.run_at.is_some() { "run_at" } else { "delay_seconds" };
    let due = match (input.delay_seconds, input.run_at) {
        (None, None) | (Some(0), None) => return Ok(rules.start),
        (Some(_), Some(_)) => return Err(Fault::new("run_at", "give delay_seconds or run_at, not both")),
        (Some(seconds), None) => now.after(std::time::Duration::from_secs(seconds)),
        (None, Some(text)) => serde_json::from_str::<String>(text.get())
            .ok()
            .and_then(|text| Timestamp::parse_rfc3339(&text))
            .ok_or_else(|| Fault::new(field, "not an RFC 3339 time such as 2027-01-31T08:00:00Z"))?,
    };
    if due > now.after(TASK_DELAY) {
        return Err(Fault::new(field, "more than a year ahead"));
    }
    let whole = Timestamp::from_millis(due.as_millis().next_multiple_of(1_000));
    Ok((due > now).then_some(whole))
}
