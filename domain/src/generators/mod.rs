//! Generators: what the tasks of a schedule's jobs are made from. Their inputs are read and checked here, when a schedule is
//! saved; the producers Worker performs them when it fires.

mod http;
mod placeholder;
mod tasks;
mod template;

use serde::Deserialize;

use crate::json_error::Read;
use crate::kinds::{self, PayloadError};
use crate::schedule::ScheduleName;
use crate::submission::{Fault, JobOptions, Refusal, Rules, ndjson_job};
use crate::time::Timestamp;

pub use http::Http;
pub use tasks::Tasks;
pub use template::{Template, TemplateError};

/// One firing, as generators see it.
#[derive(Clone, Copy, Debug)]
pub struct Firing<'a> {
    /// The schedule.
    pub schedule: &'a ScheduleName,
    /// The fire time.
    pub at: Timestamp,
    /// Its date in the schedule's time zone, `YYYY-MM-DD`.
    pub date: &'a str,
}

/// A generator with its input.
#[derive(Debug)]
pub enum Generator<'a> {
    /// A list, word for word.
    Tasks(Tasks<'a>),
    /// One task for each item of a list or a range.
    Template(Template<'a>),
    /// What a URL answers.
    Http(Http<'a>),
}

/// The names of the generators.
pub const NAMES: [&str; 3] = ["tasks", "template", "http"];

impl<'a> Generator<'a> {
    /// Reads the input of the generator `name`.
    ///
    /// # Errors
    /// What is wrong, the fields as paths from the schedule.
    pub fn read(name: &str, input: &'a str, rules: &Rules<'_>) -> Result<Self, Vec<Fault>> {
        match name {
            "tasks" => Tasks::read(input).map(Self::Tasks),
            "template" => Template::read(input).map(Self::Template),
            "http" => Http::read(input, rules).map(Self::Http),
            _ => {
                let detail = format!("unknown generator; known: {}", NAMES.join(", "));
                Err(vec![Fault::new("generator", detail)])
            }
        }
    }

    /// About how many bytes it makes, at most as many as a submission may have; `None` where only its answer tells.
    pub fn bytes(&self) -> Option<usize> {
        match self {
            Self::Tasks(tasks) => Some(tasks.bytes()),
            Self::Template(template) => Some(template.bytes()),
            Self::Http(_) => None,
        }
    }

    /// Checks what can be checked before it fires: a list and a template are made once, as if the schedule fired at
    /// `firing`.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn check(&self, firing: &Firing<'_>, rules: &Rules<'_>) -> Result<(), Vec<Fault>> {
        match self {
            Self::Tasks(tasks) => tasks.check(rules),
            Self::Template(template) => template.check(firing, rules),
            Self::Http(http) => http.check(firing, rules),
        }
    }
}

/// Reads an input; its fields are told as `input.<field>`. Only a refused one is read again, by `again`.
fn read<'a, T: Deserialize<'a>>(input: &'a str, again: Read) -> Result<T, Vec<Fault>> {
    kinds::read(input, again).map_err(wrong)
}

/// What is wrong with a field of the input.
fn wrong(error: PayloadError) -> Vec<Fault> {
    below_input(vec![Fault::new(&error.field, error.detail)])
}

/// Checks NDJSON that a generator has made, as a submission would be.
fn check_tasks(ndjson: &[u8], rules: &Rules<'_>) -> Result<(), Vec<Fault>> {
    ndjson_job(ndjson, JobOptions::default(), rules).map(drop).map_err(faults)
}

fn faults(refusal: Refusal) -> Vec<Fault> {
    match refusal {
        Refusal::Unreadable(faults) | Refusal::Wrong(faults) => faults,
    }
}

fn below_input(mut faults: Vec<Fault>) -> Vec<Fault> {
    for fault in &mut faults {
        fault.field = if fault.field.is_empty() { "input".to_owned() } else { format!("input.{}", fault.field) };
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::Kind;
    use crate::kinds::http_request::HostRule;

    pub(super) fn name() -> ScheduleName {
        "nightly".parse().unwrap()
    }

    pub(super) fn refused(generator: &str, input: &str) -> Vec<(Option<usize>, String)> {
        let (name, kinds) = (name(), [Kind::HttpRequest, Kind::Simulate]);
        let firing = Firing { schedule: &name, at: Timestamp::from_millis(1_800_000_000_000), date: "2027-01-15" };
        let hosts = HostRule::HttpsTo(vec!["api.example.com".to_owned()]);
        let rules = Rules { now: firing.at, start: None, kinds: &kinds, hosts: &hosts, cap: &|_| 100 };
        match Generator::read(generator, input, &rules).and_then(|generator| generator.check(&firing, &rules)) {
            Ok(()) => Vec::new(),
            Err(faults) => faults.into_iter().map(|fault| (fault.index, fault.field)).collect(),
        }
    }

    #[test]
    fn an_unknown_generator_is_refused() {
        assert_eq!(refused("sql", "{}"), [(None, "generator".to_owned())]);
    }

    #[test]
    fn an_input_that_is_no_object_is_refused() {
        for generator in NAMES {
            for input in ["[]", "null", "7", r#""x""#, r#"{"surprise":1}"#, "{}"] {
                assert!(!refused(generator, input).is_empty(), "{generator} {input}");
            }
        }
    }
}
