//! What makes the tasks of a schedule, as it is typed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use domain::kinds::Kind;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::failure::ScheduleFailure;
use super::source;
use crate::failure::Failure;
use crate::span;

/// What --http cannot stand with. clap does not miss what an option requires where that could not be given.
const NOT_HTTP: [&str; 3] = ["file", "tasks", "template"];

/// What makes the tasks of a schedule, as it is typed.
#[derive(Debug, Args)]
#[command(next_help_heading = "What makes its tasks")]
pub(super) struct Generator {
    /// A file with a task per line (NDJSON); `-` is standard input
    #[arg(long, value_name = "FILE")]
    tasks: Option<PathBuf>,
    /// A file with {"task": {…}, "items": […] or "range": {…}}, as JSON; `-` is standard input
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// A URL that answers a task per line (NDJSON) to GET
    #[arg(long, value_name = "URL")]
    http: Option<String>,
    /// A header of that GET; may be given again
    #[arg(long = "header", value_name = "NAME: VALUE", requires = "http", conflicts_with_all = NOT_HTTP)]
    headers: Vec<Header>,
    /// The kind of tasks from there that do not say theirs
    #[arg(long, requires = "http", conflicts_with_all = NOT_HTTP)]
    kind: Option<Kind>,
    /// How long that GET may take, such as 30s
    #[arg(long, value_name = "SPAN", requires = "http", conflicts_with_all = NOT_HTTP, value_parser = span::read)]
    http_timeout: Option<Duration>,
}

/// What makes the tasks of a schedule, as the server takes it.
pub(super) struct Input {
    /// What it is called.
    pub(super) generator: &'static str,
    /// What it needs, as JSON.
    pub(super) json: String,
}

/// A header of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Header {
    name: String,
    value: String,
}

/// Text that is no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a header such as `Accept: application/x-ndjson`")]
struct UnreadableHeader;

impl Generator {
    /// What the server takes.
    pub(super) fn input(&self) -> Result<Input, Failure> {
        let (generator, json) = match (&self.tasks, &self.template, &self.http) {
            (Some(file), ..) => ("tasks", tasks(&source::ndjson(file)?)),
            (None, Some(file), _) => ("template", source::json(file)?.get().to_owned()),
            (None, None, Some(url)) => ("http", self.request(url)?.to_string()),
            (None, None, None) => return Err(ScheduleFailure::NothingToPut.into()),
        };
        Ok(Input { generator, json })
    }

    fn request(&self, url: &str) -> Result<Value, ScheduleFailure> {
        let mut request = json!({ "url": url });
        if !self.headers.is_empty() {
            request["headers"] = json!(self.headers()?);
        }
        if let Some(kind) = self.kind {
            request["kind"] = kind.name().into();
        }
        if let Some(timeout) = self.http_timeout {
            request["timeout_seconds"] = timeout.as_secs().into();
        }
        Ok(request)
    }

    fn headers(&self) -> Result<BTreeMap<&str, &str>, ScheduleFailure> {
        let mut headers = BTreeMap::new();
        for Header { name, value } in &self.headers {
            if headers.keys().any(|known: &&str| known.eq_ignore_ascii_case(name)) {
                return Err(ScheduleFailure::SameHeader(name.clone()));
            }
            headers.insert(name.as_str(), value.as_str());
        }
        Ok(headers)
    }
}

fn tasks(lines: &[Box<RawValue>]) -> String {
    let lines: Vec<&str> = lines.iter().map(|line| line.get()).collect();
    format!("{{\"tasks\":[{}]}}", lines.join(","))
}

impl FromStr for Header {
    type Err = UnreadableHeader;

    fn from_str(text: &str) -> Result<Self, UnreadableHeader> {
        let (name, value) = text.split_once(':').ok_or(UnreadableHeader)?;
        if name.trim().is_empty() {
            return Err(UnreadableHeader);
        }
        Ok(Self { name: name.trim().to_owned(), value: value.trim().to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_name_a_colon_and_a_value() {
        let header: Header = "Authorization:  Bearer a:b ".parse().unwrap();
        assert_eq!((header.name.as_str(), header.value.as_str()), ("Authorization", "Bearer a:b"));
        for text in ["", "Authorization", ": b", "  : b"] {
            assert_eq!(text.parse::<Header>(), Err(UnreadableHeader), "{text}");
        }
    }
}
