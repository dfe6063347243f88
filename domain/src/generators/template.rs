//! The generator `template`: one task for each item of a list or a range. A task is filled in as text: what has no
//! placeholder is copied as it was written.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::placeholder::{Fill, Piece, Placeholder, cut, fill, too_long};
use super::{Firing, below_input, check_tasks, read, wrong};
use crate::json_fields::optional_object;
use crate::json_shape::{self, compact};
use crate::kinds::PayloadError;
use crate::limits::{BODY_BYTES, TASK_BYTES, TASK_NESTING, TEMPLATE_TASKS};
use crate::submission::{Fault, Rules};

/// A template that has been read.
#[derive(Debug)]
pub struct Template<'a> {
    segments: Vec<Segment>,
    over: Over<'a>,
    /// Of the task as written.
    task_bytes: usize,
}

/// `{"task": {…}, "items"?: [any JSON, …] | "range"?: {"from", "to", "step"?}}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with task")]
struct Input<'a> {
    #[serde(borrow)]
    task: &'a RawValue,
    #[serde(borrow, default)]
    items: Option<Vec<&'a RawValue>>,
    #[serde(default, deserialize_with = "optional_object")]
    range: Option<Range>,
}

/// Whole numbers, both ends included.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with from and to")]
struct Range {
    from: i64,
    to: i64,
    #[serde(default = "one")]
    step: u32,
}

fn one() -> u32 {
    1
}

/// What a task is made for each of.
#[derive(Debug)]
enum Over<'a> {
    Nothing,
    Items(Vec<&'a RawValue>),
    Range(Range),
}

/// A stretch of the task's JSON.
#[derive(Debug)]
enum Segment {
    /// Copied.
    Copied(String),
    /// A text that is nothing but a placeholder: it becomes the value itself, whatever it is.
    Value(Placeholder),
    /// A text with placeholders in it.
    Text(Vec<Piece>),
}

impl<'a> Template<'a> {
    pub(super) fn read(input: &'a str) -> Result<Self, Vec<Fault>> {
        let fault = |field: &str, detail: String| wrong(PayloadError::new(field, detail));
        json_shape::check(input, TASK_NESTING).map_err(|error| fault("", error.to_string()))?;
        let Input { task, items, range } = read(input, |text| serde_json::from_str::<Input<'_>>(text).map(drop))?;
        if !json_shape::is_object(task.get()) {
            return Err(fault("task", "not an object: a task is an object with kind and payload".to_owned()));
        }
        let over = match (items, range) {
            (None, None) => Over::Nothing,
            (Some(items), None) => Over::Items(items),
            (None, Some(range)) => Over::Range(range),
            (Some(_), Some(_)) => return Err(fault("range", "give items or a range, not both".to_owned())),
        };
        let (field, count) = over.count();
        if !(1..=TEMPLATE_TASKS).contains(&count) {
            return Err(fault(field, format!("makes {count} tasks; from 1 to {TEMPLATE_TASKS}")));
        }
        let task = compact(task.get());
        let segments = segments(&task).map_err(|detail| fault("task", detail))?;
        Ok(Self { segments, over, task_bytes: task.len() })
    }

    /// The tasks of a firing, as NDJSON.
    ///
    /// # Errors
    /// An item that lacks what a placeholder asks for, or more than a submission may have.
    pub fn ndjson(&self, firing: &Firing<'_>) -> Result<Vec<u8>, TemplateError> {
        let mut lines = Vec::new();
        for index in 0..self.over.count().1 {
            let item = self.over.item(index);
            let with = Fill { firing, item: item.as_deref().map(|item| (item, index)) };
            self.add_task(&mut lines, &with).map_err(|detail| TemplateError::Unfilled { index, detail })?;
            lines.push(b'\n');
            if lines.len() > BODY_BYTES {
                return Err(TemplateError::TooLarge);
            }
        }
        Ok(lines)
    }

    fn add_task(&self, lines: &mut Vec<u8>, with: &Fill<'_>) -> Result<(), String> {
        let start = lines.len();
        for segment in &self.segments {
            match segment {
                Segment::Copied(json) => lines.extend_from_slice(json.as_bytes()),
                Segment::Value(placeholder) => lines.extend_from_slice(placeholder.json(with)?.as_bytes()),
                Segment::Text(pieces) => {
                    let text = fill(pieces, with)?;
                    serde_json::to_writer(&mut *lines, &text).map_err(|error| error.to_string())?;
                }
            }
            if lines.len() - start > TASK_BYTES {
                return Err(too_long());
            }
        }
        Ok(())
    }

    /// About how many bytes it makes.
    pub fn bytes(&self) -> usize {
        let tasks = usize::try_from(self.over.count().1).unwrap_or(usize::MAX);
        tasks.saturating_mul(self.task_bytes * 2).min(BODY_BYTES)
    }

    pub(super) fn check(&self, firing: &Firing<'_>, rules: &Rules<'_>) -> Result<(), Vec<Fault>> {
        let lines = self.ndjson(firing).map_err(|error| {
            let index = match error {
                TemplateError::Unfilled { index, .. } => usize::try_from(index).ok(),
                TemplateError::TooLarge => None,
            };
            vec![Fault { index, ..Fault::new("input.task", error.to_string()) }]
        })?;
        check_tasks(&lines, rules).map_err(|mut faults| {
            for fault in &mut faults {
                fault.index = fault.line.take().map(|line| line - 1);
                fault.field = if fault.field.is_empty() { "task".to_owned() } else { format!("task.{}", fault.field) };
            }
            // What is wrong with the template is wrong with every task of it.
            faults.truncate(1);
            below_input(faults)
        })
    }
}

/// Why a template makes no tasks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A placeholder has nothing to stand for.
    #[error("task {index}: {detail}")]
    Unfilled {
        /// The place of the item.
        index: u64,
        /// What is missing.
        detail: String,
    },
    /// More than one submission may have.
    #[error("makes more than {BODY_BYTES} bytes of tasks")]
    TooLarge,
}

impl<'a> Over<'a> {
    /// How many tasks there will be, and the field that says so.
    fn count(&self) -> (&'static str, u64) {
        match self {
            Self::Nothing => ("task", 1),
            Self::Items(items) => ("items", items.len() as u64),
            Self::Range(Range { from, to, step }) => {
                let span = u64::try_from(i128::from(*to) - i128::from(*from)).ok();
                ("range", span.filter(|_| *step > 0).map_or(0, |span| (span / u64::from(*step)).saturating_add(1)))
            }
        }
    }

    /// The item at `index`, below the count, as JSON.
    fn item(&self, index: u64) -> Option<Cow<'a, str>> {
        match self {
            Self::Nothing => None,
            Self::Items(items) => items.get(usize::try_from(index).ok()?).map(|item| item.get().into()),
            Self::Range(range) => Some((range.from + index as i64 * i64::from(range.step)).to_string().into()),
        }
    }
}

/// Cuts compact JSON at the texts that have placeholders. The names of fields are copied like anything else.
fn segments(json: &str) -> Result<Vec<Segment>, String> {
    let mut segments = Vec::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = json[at..].find('"') {
        let start = at + found;
        at = json_shape::string_end(json.as_bytes(), start);
        let is_name = json[at..].starts_with(':');
        if is_name || !json[start..at].contains("{{") {
            continue;
        }
        let text: String = serde_json::from_str(&json[start..at]).map_err(|error| error.to_string())?;
        let mut pieces = cut(&text)?;
        segments.push(Segment::Copied(json[copied..start].to_owned()));
        copied = at;
        segments.push(match (pieces.pop(), pieces.is_empty()) {
            (Some(Piece::Filled(placeholder)), true) => Segment::Value(placeholder),
            (last, _) => Segment::Text(pieces.into_iter().chain(last).collect()),
        });
    }
    segments.push(Segment::Copied(json[copied..].to_owned()));
    Ok(segments)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{name, refused};
    use super::*;
    use crate::time::Timestamp;

    fn made(input: &str) -> Vec<String> {
        let name = name();
        let firing = Firing { schedule: &name, at: Timestamp::from_millis(1_800_000_000_000), date: "2027-01-15" };
        let lines = Template::read(input).unwrap().ndjson(&firing).unwrap();
        String::from_utf8(lines).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_placeholder_alone_becomes_the_value_and_within_a_text_its_text() {
        let task = r#"{"kind":"simulate","payload":{"a":"{{item}}","b":"<{{item.x}}>","c":["{{ index }}",7]}}"#;
        assert_eq!(
            made(&format!(r#"{{"task":{task},"items":[{{"x":true}},{{"x":"é"}}]}}"#)),
            [
                r#"{"kind":"simulate","payload":{"a":{"x":true},"b":"<true>","c":[0,7]}}"#,
                r#"{"kind":"simulate","payload":{"a":{"x":"é"},"b":"<é>","c":[1,7]}}"#,
            ]
        );
    }

    #[test]
    fn the_firing_fills_in_its_time_its_date_and_its_schedule() {
        let made = made(r#"{"task":{"ref":"{{schedule}} {{date}} {{fire_time}}"}}"#);
        assert_eq!(made, [r#"{"ref":"nightly 2027-01-15 2027-01-15T08:00:00.000Z"}"#]);
    }

    #[test]
    fn a_range_has_both_its_ends() {
        let numbers = |range: &str| {
            made(&format!(r#"{{"task":"{{}}","range":{range}}}"#).replace("\"{}\"", r#"{"n":"{{item}}"}"#))
        };
        assert_eq!(numbers(r#"{"from":1,"to":3}"#), [r#"{"n":1}"#, r#"{"n":2}"#, r#"{"n":3}"#]);
        assert_eq!(numbers(r#"{"from":-5,"to":5,"step":5}"#), [r#"{"n":-5}"#, r#"{"n":0}"#, r#"{"n":5}"#]);
        assert_eq!(numbers(r#"{"from":9223372036854775806,"to":9223372036854775807}"#).len(), 2);
    }

    #[test]
    fn a_line_that_grows_beyond_a_task_is_given_up_at_once() {
        let item = "x".repeat(40_000);
        for field in ["{{item}}".repeat(12_000), "{{item}}\",\"b\":\"{{item}}".repeat(2)] {
            let input = format!(r#"{{"task":{{"a":"{field}"}},"items":["{item}"]}}"#);
            let (name, at) = (name(), Timestamp::from_millis(0));
            let firing = Firing { schedule: &name, at, date: "2027-01-15" };
            let mut lines = Vec::new();
            let template = Template::read(&input).unwrap();
            let with = Fill { firing: &firing, item: Some((&format!("\"{item}\""), 0)) };
            assert_eq!(template.add_task(&mut lines, &with), Err(too_long()));
            assert!(lines.len() <= 2 * TASK_BYTES, "{} bytes", lines.len());
            assert_eq!(refused("template", &input), [(Some(0), "input.task".to_owned())]);
        }
    }

    #[test]
    fn a_template_is_refused_for_whatever_is_wrong_with_it() {
        let task = r#""task":{"kind":"simulate","payload":{"output":"{{item.x}}"}}"#;
        let input = |rest: &str| format!("{{{task}{rest}}}");
        assert_eq!(refused("template", &input(r#","items":[{"x":1}]"#)), []);
        for (input, index, field) in [
            (input(""), Some(0), "input.task"),
            (input(r#","items":[]"#), None, "input.items"),
            (input(r#","items":[{"x":1},{"y":1}]"#), Some(1), "input.task"),
            (input(r#","items":[{"x":1}],"range":{"from":1,"to":2}"#), None, "input.range"),
            (input(r#","range":{"from":2,"to":1}"#), None, "input.range"),
            (input(r#","range":{"from":1,"to":2,"step":0}"#), None, "input.range"),
            (input(r#","range":{"from":-9223372036854775808,"to":9223372036854775807}"#), None, "input.range"),
            (input(r#","range":[1,2]"#), None, "input.range"),
            (input(r#","range":{"from":1}"#), None, "input.range"),
            (input(r#","range":{"from":1,"to":"2"}"#), None, "input.range.to"),
            (r#"{"task":{"kind":"{{itme}}"}}"#.to_owned(), None, "input.task"),
            (r#"{"task":{"kind":"{{item"}}"#.to_owned(), None, "input.task"),
            (r#"{"task":{"kind":"nope"},"range":{"from":1,"to":9}}"#.to_owned(), Some(0), "input.task.kind"),
            (r#"{"task":[]}"#.to_owned(), None, "input.task"),
            (r#"{"task":{"kind":"simulate","ref":"a {{item}}"},"items":[[1]]}"#.to_owned(), Some(0), "input.task"),
            (format!(r#"{{"task":{}{}}}"#, "[".repeat(200), "]".repeat(200)), None, "input"),
        ] {
            assert_eq!(refused("template", &input), [(index, field.to_owned())], "{input:.200}");
        }
    }
}
