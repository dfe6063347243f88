//! The bodies a submission may have.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::usual::UsualTasks;
use super::{Fault, Faults, JobOptions, Place, Refusal, Rules, Submission, task_input};
use crate::json_error::{Read, detail, diagnose};
use crate::json_shape::{compact, is_object};
use crate::packing::{Packer, TooMuch};

/// Reads an NDJSON body: a task per line, blank lines ignored.
///
/// # Errors
/// [`Refusal`] with the number of each bad line, up to the hundredth.
pub fn ndjson_job(body: &[u8], options: JobOptions, rules: &Rules<'_>) -> Result<Submission, Refusal> {
    let text = std::str::from_utf8(body).map_err(|error| {
        let line = 1 + body[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        Refusal::Unreadable(vec![Fault::new("", "not valid UTF-8").at(Place::Line(line))])
    })?;
    let lines = text.split('\n').enumerate().map(|(at, line)| (Place::Line(at + 1), Cow::from(line.trim_ascii())));
    pack(lines.filter(|(_, line)| !line.is_empty()), options, rules)
}

/// The fields of a JSON body.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a job: an object with tasks")]
struct JobBody<'a> {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    lane: Option<String>,
    #[serde(default)]
    callback: Option<String>,
    #[serde(borrow, default)]
    tasks: Option<Vec<&'a RawValue>>,
}

/// Reads a JSON body: `{"name"?, "lane"?, "callback"?, "tasks": [...]}`.
///
/// # Errors
/// [`Refusal`] with the place of each bad task, up to the hundredth.
pub fn json_job(body: &[u8], rules: &Rules<'_>) -> Result<Submission, Refusal> {
    let (options, tasks) = read_job(readable(body)?, rules)?;
    let tasks = tasks.ok_or_else(|| Refusal::Wrong(vec![Fault::new("", "missing field `tasks`")]))?;
    pack_listed(&tasks, options, rules)
}

/// Reads the JSON body of a job that is only opened: `tasks` may be missing or empty.
///
/// # Errors
/// As [`json_job`].
pub fn json_open_job(body: &[u8], rules: &Rules<'_>) -> Result<Submission, Refusal> {
    match read_job(readable(body)?, rules)? {
        (options, Some(tasks)) if !tasks.is_empty() => pack_listed(&tasks, options, rules),
        (options, _) => Ok(Submission::empty(options)),
    }
}

fn pack_listed(tasks: &[&RawValue], options: JobOptions, rules: &Rules<'_>) -> Result<Submission, Refusal> {
    let tasks = tasks.iter().enumerate().map(|(at, task)| (Place::Index(at), one_line(task.get())));
    pack(tasks, options, rules)
}

fn read_job<'b>(text: &'b str, rules: &Rules<'_>) -> Result<(JobOptions, Option<Vec<&'b RawValue>>), Refusal> {
    let job: JobBody<'_> = serde_json::from_str(text)
        .map_err(|_| explain(text, |text| serde_json::from_str::<JobBody<'_>>(text).map(drop)))?;
    if !is_object(text) {
        return Err(Refusal::Wrong(vec![Fault::new("", "not an object: a job is an object with tasks")]));
    }
    let mut options = JobOptions::default();
    let mut faults = Vec::new();
    for (name, value) in [("name", &job.name), ("lane", &job.lane), ("callback", &job.callback)] {
        if let Some(Err(detail)) = value.as_ref().map(|value| options.set(name, value, rules)) {
            faults.push(Fault::new(name, detail));
        }
    }
    if !faults.is_empty() {
        return Err(Refusal::Wrong(faults));
    }
    Ok((options, job.tasks))
}

/// Reads the body of a single task.
///
/// # Errors
/// [`Refusal`].
pub fn single_task(body: &[u8], options: JobOptions, rules: &Rules<'_>) -> Result<Submission, Refusal> {
    let text = readable(body)?;
    serde_json::from_str::<IgnoredAny>(text)
        .map_err(|_| explain(text, |text| serde_json::from_str::<IgnoredAny>(text).map(drop)))?;
    pack(std::iter::once((Place::Only, one_line(text))), options, rules)
}

fn readable(body: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(body).map_err(|error| {
        let place = error.valid_up_to();
        Refusal::Unreadable(vec![Fault::new("", format!("not valid UTF-8 at byte {place}"))])
    })
}

/// What is wrong with a body that `read` refused.
fn explain(text: &str, read: Read) -> Refusal {
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        return Refusal::Unreadable(vec![Fault::new("", format!("not valid JSON: {}", detail(&error)))]);
    }
    let fault = diagnose(text, read)
        .map_or_else(|| Fault::new("", "unreadable"), |error| Fault::new(&error.field, error.detail));
    Refusal::Wrong(vec![fault])
}

/// A pack has a line per task, so line breaks between tokens must go.
fn one_line(json: &str) -> Cow<'_, str> {
    if json.contains(['\n', '\r']) { compact(json).into() } else { json.into() }
}

fn pack<'t>(
    tasks: impl Iterator<Item = (Place, Cow<'t, str>)>,
    options: JobOptions,
    rules: &Rules<'_>,
) -> Result<Submission, Refusal> {
    let mut packer = Packer::new(rules.cap);
    let mut usual = UsualTasks::new(options.kind, rules);
    let mut faults = Faults::default();
    for (place, task) in tasks {
        match usual.read(&task).map_or_else(|| task_input::read(&task, options.kind, rules), Ok) {
            // After the first fault nothing is accepted any more; the rest is read for its faults only.
            Ok((key, fields)) if faults.0.is_empty() => packer
                .push(key, &fields)
                .map_err(|error: TooMuch| Refusal::Wrong(vec![Fault::new("", error.to_string()).at(place)]))?,
            Ok(_) => {}
            Err(fault) => faults.add(fault.at(place)),
        }
        if faults.is_full() {
            break;
        }
    }
    if !faults.0.is_empty() {
        return Err(Refusal::Wrong(faults.0));
    }
    if packer.tasks() == 0 {
        return Err(Refusal::Wrong(vec![Fault::new("", "there are no tasks in it")]));
    }
    Ok(Submission { options, tasks: packer.tasks(), chunks: packer.finish() })
}
