//! The bodies a submission may have.

use std::borrow::Cow;
use std::fmt;
use std::ops::ControlFlow;

use serde::de::{Error as _, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::usual::UsualTasks;
use super::{Fault, Faults, JobOptions, Place, Refusal, Rules, Submission, task_input};
use crate::json_error::{Read, detail, diagnose};
use crate::json_shape::{compact, is_object};
use crate::kinds::Kind;
use crate::packing::Packer;

/// Reads an NDJSON body: a task per line, blank lines ignored.
///
/// # Errors
/// [`Refusal`] with the number of each bad line, up to the hundredth.
pub fn ndjson_job(body: &[u8], options: JobOptions, rules: &Rules<'_>) -> Result<Submission, Refusal> {
    let text = std::str::from_utf8(body).map_err(|error| {
        let line = 1 + body[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        Refusal::Unreadable(vec![Fault::new("", "not valid UTF-8").at(Place::Line(line))])
    })?;
    let mut packing = Packing::new(&options, rules);
    let mut start = 0;
    let ends = memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]);
    for (at, end) in ends.enumerate() {
        let line = text[start..end].trim_ascii();
        start = end + 1;
        if !line.is_empty() && packing.add(Place::Line(at + 1), line).is_break() {
            break;
        }
    }
    packing.finish(options)
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
    tasks: Option<Listed<'a>>,
}

/// The JSON array of tasks, as text: a list of them would be several times as large as a body of many small ones.
struct Listed<'a>(&'a str);

impl<'de: 'a, 'a> Deserialize<'de> for Listed<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&RawValue>::deserialize(deserializer)?.get();
        if text.starts_with('[') {
            return Ok(Self(text));
        }
        // Says what it is instead.
        serde_json::from_str::<Vec<IgnoredAny>>(text).map_err(|error| D::Error::custom(detail(&error)))?;
        Err(D::Error::custom("not a list"))
    }
}

impl<'a> Listed<'a> {
    fn is_empty(&self) -> bool {
        self.0.trim_start_matches('[').trim_ascii_start() == "]"
    }

    /// Gives out the tasks one by one, until `each` has seen enough.
    fn for_each(&self, mut each: impl FnMut(&'a str) -> ControlFlow<()>) -> serde_json::Result<()> {
        let mut enough = false;
        let stopping = |task: &'a str| {
            let flow = each(task);
            enough = flow.is_break();
            flow
        };
        let read = serde_json::Deserializer::from_str(self.0).deserialize_seq(Each(stopping));
        // What was not read to its end is no error where it was not to be.
        if enough { Ok(()) } else { read }
    }
}

struct Each<F>(F);

impl<'de, F: FnMut(&'de str) -> ControlFlow<()>> Visitor<'de> for Each<F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut sequence: A) -> Result<(), A::Error> {
        while let Some(element) = sequence.next_element::<&RawValue>()? {
            if (self.0)(element.get()).is_break() {
                break;
            }
        }
        Ok(())
    }
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

fn pack_listed(tasks: &Listed<'_>, options: JobOptions, rules: &Rules<'_>) -> Result<Submission, Refusal> {
    let mut packing = Packing::new(&options, rules);
    let mut places = (0..).map(Place::Index);
    let read = tasks
        .for_each(|task| places.next().map_or(ControlFlow::Break(()), |place| packing.add(place, &one_line(task))));
    read.map_err(|error| Refusal::Unreadable(vec![Fault::new("tasks", detail(&error))]))?;
    packing.finish(options)
}

fn read_job<'b>(text: &'b str, rules: &Rules<'_>) -> Result<(JobOptions, Option<Listed<'b>>), Refusal> {
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
    let mut packing = Packing::new(&options, rules);
    let _ = packing.add(Place::Only, &one_line(text));
    packing.finish(options)
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

/// The tasks of a body on their way into packs.
struct Packing<'r> {
    kind: Option<Kind>,
    rules: &'r Rules<'r>,
    packer: Packer<'r>,
    usual: UsualTasks<'r>,
    faults: Faults,
    too_much: Option<Fault>,
}

impl<'r> Packing<'r> {
    fn new(options: &JobOptions, rules: &'r Rules<'r>) -> Self {
        Self {
            kind: options.kind,
            rules,
            packer: Packer::new(rules.cap),
            usual: UsualTasks::new(options.kind, rules),
            faults: Faults::default(),
            too_much: None,
        }
    }

    /// Reads a task and packs it. After the first fault nothing is accepted any more; the rest is read for its faults
    /// only, until there are enough of them.
    #[inline]
    fn add(&mut self, place: Place, task: &str) -> ControlFlow<()> {
        match self.usual.read(task).map_or_else(|| task_input::read(task, self.kind, self.rules), Ok) {
            Ok((key, fields)) if self.faults.0.is_empty() => {
                if let Err(error) = self.packer.push(key, &fields) {
                    self.too_much = Some(Fault::new("", error.to_string()).at(place));
                    return ControlFlow::Break(());
                }
            }
            Ok(_) => {}
            Err(fault) => self.faults.add(fault.at(place)),
        }
        if self.faults.is_full() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn finish(self, options: JobOptions) -> Result<Submission, Refusal> {
        if let Some(fault) = self.too_much {
            return Err(Refusal::Wrong(vec![fault]));
        }
        if !self.faults.0.is_empty() {
            return Err(Refusal::Wrong(self.faults.0));
        }
        if self.packer.tasks() == 0 {
            return Err(Refusal::Wrong(vec![Fault::new("", "there are no tasks in it")]));
        }
        Ok(Submission { options, tasks: self.packer.tasks(), chunks: self.packer.finish() })
    }
}
