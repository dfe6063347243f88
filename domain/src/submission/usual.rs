//! Reads the lines that most tasks are, several times as fast as serde does.

use super::Rules;
use crate::json_scan::Scan;
use crate::kinds::{Kind, simulate};
use crate::limits::{REF_CHARS, TASK_BYTES, TASK_NESTING};
use crate::packing::PackKey;
use crate::task::TaskFields;

/// Levels that a task has around its payload.
const AROUND: usize = 1;

/// Reads tasks that say no more than their kind, a payload and a `ref`.
pub(super) struct UsualTasks<'r> {
    default_kind: Option<Kind>,
    rules: &'r Rules<'r>,
    /// How the last task began, up to its payload: most begin alike.
    beginning: String,
    /// The kind that it named there.
    kind: Option<Kind>,
}

impl<'r> UsualTasks<'r> {
    /// None were read yet. `default_kind` is that of tasks that do not say.
    pub(super) fn new(default_kind: Option<Kind>, rules: &'r Rules<'r>) -> Self {
        Self { default_kind, rules, beginning: String::new(), kind: None }
    }

    /// Reads a task. `None` for all that are unusual, wrong ones included: [`super::task_input::read`] reads those. What
    /// both read, they read alike.
    pub(super) fn read<'a>(&mut self, json: &'a str) -> Option<(PackKey, TaskFields<'a>)> {
        if json.len() > TASK_BYTES {
            return None;
        }
        let mut scan = Scan::new(json);
        let kind = self.kind.filter(|_| scan.text(&self.beginning).is_some());
        let mut task = Task { kind, ..Task::default() };
        if task.kind.is_some() {
            self.field("payload", &mut task, &mut scan)?;
            scan.other_fields(|name, scan| self.field(name, &mut task, scan))?;
        } else {
            scan.object(|name, scan| self.field(name, &mut task, scan))?;
        }
        scan.is_at_end().then(|| self.checked(task))?
    }

    /// Passes over the value of the field `name`.
    fn field<'a>(&mut self, name: &str, task: &mut Task<'a>, scan: &mut Scan<'a>) -> Option<()> {
        // A name that comes twice is an error; serde says which.
        match name {
            "kind" if task.kind.is_none() => {
                let name = scan.plain_string()?;
                task.kind = Some(self.rules.kinds.iter().copied().find(|kind| kind.name() == name)?);
            }
            "payload" if task.fields.payload.is_none() => {
                if task.fields.reference.is_none() && task.kind.is_some() && scan.passed() != self.beginning {
                    scan.passed().clone_into(&mut self.beginning);
                    self.kind = task.kind;
                }
                let depth = TASK_NESTING - AROUND;
                task.fields.payload = Some(match task.kind.or(self.default_kind) {
                    Some(Kind::Simulate) => {
                        task.checked_as = Some(Kind::Simulate);
                        simulate::scan(scan, depth)?
                    }
                    _ => scan.value(depth)?,
                });
            }
            "ref" if task.fields.reference.is_none() => task.fields.reference = Some(scan.quoted()?),
            _ => return None,
        }
        Some(())
    }

    fn checked<'a>(&self, Task { kind, fields, checked_as }: Task<'a>) -> Option<(PackKey, TaskFields<'a>)> {
        let kind = kind.or(self.default_kind)?;
        // Bytes are at least as many as characters.
        let short = fields.reference.is_none_or(|text| text.len() <= REF_CHARS);
        let right =
            short && (checked_as == Some(kind) || kind.check(fields.payload.unwrap_or("{}"), self.rules.hosts).is_ok());
        right.then_some((PackKey { kind, due: self.rules.start }, fields))
    }
}

/// What was read of a task.
#[derive(Default)]
struct Task<'a> {
    /// If it says.
    kind: Option<Kind>,
    fields: TaskFields<'a>,
    /// The kind whose rules its payload was seen to keep while it was passed over. Its own kind may come later.
    checked_as: Option<Kind>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::task_input;
    use super::super::tests::RULES;
    use super::*;

    fn usual(lines: &[&str], default_kind: Option<Kind>) -> Vec<bool> {
        let mut tasks = UsualTasks::new(default_kind, &RULES);
        let read = |line: &&str| {
            let found = tasks.read(line)?;
            assert_eq!(Ok(found), task_input::read(line, default_kind, &RULES), "{line}");
            Some(())
        };
        lines.iter().map(read).map(|read| read.is_some()).collect()
    }

    #[test]
    fn what_is_usual_is_read_as_serde_reads_it() {
        let lines = [
            r#"{"kind":"simulate","payload":{"output":{"a":[1,2.5,null]}},"ref":"order-1"}"#,
            r#"{"kind":"simulate","payload":{"output":"x"},"ref":"order-2"}"#,
            r#"{"kind":"simulate","payload":{}}"#,
            r#"{"kind":"http.request","payload":{"url":"https://example.com/a","body":{"n":1}}}"#,
            r#"{ "ref" : "r", "payload" : {"output" : 7 }, "kind" : "simulate" }"#,
            r#"{"kind":"simulate"}"#,
        ];
        assert_eq!(usual(&lines, None), [true; 6]);
        assert_eq!(usual(&[r#"{"payload":{"output":1}}"#, "{}"], Some(Kind::Simulate)), [true; 2]);
    }

    #[test]
    fn what_is_not_is_left_to_serde() {
        let begins_alike = r#"{"kind":"simulate","payload":{}}"#;
        let lines = [
            begins_alike,
            r#"{"kind":"simulate","payload":{},"payload":{}}"#,
            r#"{"kind":"simulate","payload":{},"kind":"simulate"}"#,
            r#"{"kind":"simulate","payload":{"output":1,"output":2}}"#,
            r#"{"kind":"simulate","payload":{"output":1e999}}"#,
            r#"{"kind":"simulate","payload":{}"#,
            r#"{"kind":"simulate","payload":{}} {}"#,
            r#"{"kind":"simulate","payload":{},"ref":"
"}"#,
            r#"{"kind":"simulate","payload":{},"delay_seconds":1}"#,
            r#"{"kind":"simulate","payload":[]}"#,
            r#"{"payload":{"output":1},"kind":"http.request"}"#,
            r#"{"kind":"http.request","payload":{"output":1}}"#,
        ];
        let mut expected = [false; 12];
        expected[0] = true;
        assert_eq!(usual(&lines, None), expected);
        assert_eq!(usual(&[r#"{"payload":{"output":1},"kind":"http.request"}"#], Some(Kind::Simulate)), [false]);
    }

    /// Fields as callers write them, some of them wrong, in any order, some twice.
    fn near_lines() -> impl Strategy<Value = String> {
        let kind = prop::sample::select(vec![r#""simulate""#, r#""http.request""#, r#""other""#, "7"]);
        let payload = prop::sample::select(vec![
            "{}",
            r#"{"output":[1,{"a":null}]}"#,
            r#"{"output":"\u00e4\n"}"#,
            r#"{"output":1,"output":2}"#,
            r#"{"output":1e999}"#,
            r#"{"sleep_ms":1}"#,
            r#"{"url":"https://example.com/a","body":{"n":1}}"#,
            "[]",
            "null",
            "{",
        ]);
        let reference = prop::sample::select(vec![r#""r""#, r#""\u00e4""#, r#""ä""#, "null", "1"]);
        let field = prop_oneof![
            3 => kind.prop_map(|value| format!("\"kind\":{value}")),
            3 => payload.prop_map(|value| format!("\"payload\" : {value}")),
            2 => reference.prop_map(|value| format!("\"ref\":{value}")),
            1 => (125..131_usize).prop_map(|length| format!("\"ref\":\"{}\"", "x".repeat(length))),
        ];
        prop::collection::vec(field, 0..4).prop_map(|fields| format!("{{{}}}", fields.join(", ")))
    }

    proptest! {
        #[test]
        fn what_is_read_at_all_is_read_as_serde_reads_it(lines in prop::collection::vec(near_lines(), 1..20)) {
            let mut tasks = UsualTasks::new(Some(Kind::Simulate), &RULES);
            for line in &lines {
                if let Some(found) = tasks.read(line) {
                    prop_assert_eq!(Ok(found), task_input::read(line, Some(Kind::Simulate), &RULES), "{}", line);
                }
            }
        }
    }
}
