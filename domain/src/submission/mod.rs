//! Submissions: reads a request whole, refuses it whole, or packs it.

mod body;
mod options;
mod task_input;
mod usual;

#[cfg(test)]
mod tests;

use std::fmt;

use serde::Serialize;

use crate::json_shape::ShapeError;
use crate::kinds::Kind;
use crate::kinds::http_request::HostRule;
use crate::limits::PROBLEM_ERRORS;
use crate::packing::Chunk;
use crate::time::Timestamp;

pub use body::{json_job, json_open_job, ndjson_job, single_task};
pub use options::JobOptions;
pub(crate) use options::known_kind;

/// What a submission is held against.
pub struct Rules<'a> {
    /// The time of the request.
    pub now: Timestamp,
    /// When tasks that do not say may run; `None` is at once.
    pub start: Option<Timestamp>,
    /// The kinds that may be submitted here.
    pub kinds: &'a [Kind],
    /// The hosts that `http.request` and callbacks may go to.
    pub hosts: &'a HostRule,
    /// Tasks that one pack of a kind may carry.
    pub cap: &'a dyn Fn(Kind) -> usize,
}

/// An accepted submission, packed.
#[derive(Debug)]
pub struct Submission {
    /// The job's options.
    pub options: JobOptions,
    /// Its tasks; indexes count from 0.
    pub chunks: Vec<Chunk>,
    /// How many tasks it has.
    pub tasks: u32,
}

impl Submission {
    /// One without tasks: a job that is only opened.
    pub fn empty(options: JobOptions) -> Self {
        Self { options, chunks: Vec::new(), tasks: 0 }
    }
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody can read it.
    Unreadable(Vec<Fault>),
    /// It can be read and is wrong.
    Wrong(Vec<Fault>),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Unreadable(faults) | Self::Wrong(faults)) = self;
        f.write_str(&summary(faults))
    }
}

/// The first fault in words, and how many more there are.
pub fn summary(faults: &[Fault]) -> String {
    let Some(fault) = faults.first() else { return "it is wrong".to_owned() };
    let place = match (fault.line, fault.index) {
        (Some(line), _) => format!("line {line}: "),
        (None, Some(index)) => format!("task {index}: "),
        (None, None) => String::new(),
    };
    let field = if fault.field.is_empty() { String::new() } else { format!("{}: ", fault.field) };
    match faults.len() {
        1 => format!("{place}{field}{}", fault.detail),
        more => format!("{place}{field}{}, and {} more", fault.detail, more - 1),
    }
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The line of an NDJSON body, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The place in the `tasks` of a JSON body, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// The field as a path, or the query parameter; empty for the whole.
    pub field: String,
    /// What is wrong with it, and what would be right.
    pub detail: String,
}

impl Fault {
    /// `field` is wrong in the way `detail` says.
    pub fn new(field: &str, detail: impl Into<String>) -> Self {
        Self { field: field.to_owned(), detail: detail.into(), ..Self::default() }
    }

    fn at(mut self, place: Place) -> Self {
        match place {
            Place::Line(line) => self.line = Some(line),
            Place::Index(index) => self.index = Some(index),
            Place::Only => {}
        }
        self
    }
}

impl From<ShapeError> for Fault {
    fn from(error: ShapeError) -> Self {
        Self::new("", error.to_string())
    }
}

/// Where in the request a task stands.
#[derive(Clone, Copy)]
enum Place {
    Line(usize),
    Index(usize),
    Only,
}

/// The faults found so far, at most [`PROBLEM_ERRORS`].
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    fn is_full(&self) -> bool {
        self.0.len() >= PROBLEM_ERRORS
    }
}
