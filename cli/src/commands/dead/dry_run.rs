//! What a replay would do.

use std::fmt::Write;

use serde::Deserialize;
use serde_json::Value;

use super::diff::diff;
use crate::table::{escaped, grouped};

/// Refused letters that are shown; the others are counted.
const SHOWN: usize = 10;

/// How wide what is shown may be where there is no terminal: values of a payload may be long.
pub(super) const WIDTH: usize = 100;

/// The answer to a dry run.
#[derive(Debug, Deserialize)]
pub(super) struct DryRun {
    /// How many letters match.
    pub(super) count: u64,
    /// How many of them the server looked at.
    checked: u64,
    sample: Vec<Sample>,
    refused: Vec<Refused>,
}

/// A payload before and after the patch.
#[derive(Debug, Deserialize)]
struct Sample {
    task: String,
    before: Value,
    after: Value,
}

/// A letter that its kind would refuse.
#[derive(Debug, Deserialize)]
struct Refused {
    task: String,
    detail: String,
}

impl DryRun {
    /// In words, in lines of at most `width`.
    pub(super) fn text(&self, width: usize) -> String {
        let mut text = match self.count {
            1 => "1 dead letter matches".to_owned(),
            count => format!("{} match", letters(count)),
        };
        if self.checked < self.count {
            let _ = write!(text, "; only the first {} of them were checked", grouped(self.checked));
        }
        text.push('\n');
        self.write_refused(&mut text);
        for sample in &self.sample {
            let _ = writeln!(text, "{}", escaped(&sample.task));
            let lines = diff(&sample.before, &sample.after, width.saturating_sub(2));
            if lines.is_empty() {
                text.push_str("  its payload stays as it is\n");
            }
            for line in lines {
                let _ = writeln!(text, "  {line}");
            }
        }
        text
    }

    fn write_refused(&self, text: &mut String) {
        if self.refused.is_empty() {
            return;
        }
        let refused = grouped(self.refused.len() as u64);
        let _ = writeln!(text, "{refused} of the {} checked would be refused, and stay dead:", grouped(self.checked));
        for Refused { task, detail } in self.refused.iter().take(SHOWN) {
            let _ = writeln!(text, "  {}: {}", escaped(task), escaped(detail));
        }
        if let Some(more @ 1..) = self.refused.len().checked_sub(SHOWN) {
            let _ = writeln!(text, "  and {} more", grouped(more as u64));
        }
    }
}

/// So many dead letters.
pub(super) fn letters(count: u64) -> String {
    format!("{} dead {}", grouped(count), if count == 1 { "letter" } else { "letters" })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn dry_run(answer: Value) -> String {
        serde_json::from_value::<DryRun>(answer).unwrap().text(80)
    }

    #[test]
    fn a_dry_run_shows_how_many_what_is_refused_and_what_changes() {
        let text = dry_run(json!({
            "count": 40_000, "checked": 1_000,
            "sample": [{ "task": "a-1", "before": { "n": "1" }, "after": { "n": 1 } },
                       { "task": "a-2", "before": {}, "after": {} }],
            "refused": [{ "task": "a-3", "detail": "payload.url: missing" }],
        }));
        let expected = "\
40,000 dead letters match; only the first 1,000 of them were checked
1 of the 1,000 checked would be refused, and stay dead:
  a-3: payload.url: missing
a-1
  ~ n: \"1\" → 1
a-2
  its payload stays as it is
";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_was_checked_is_said_only_if_it_is_not_all() {
        assert_eq!(
            dry_run(json!({ "count": 1, "checked": 1, "sample": [], "refused": [] })),
            "1 dead letter matches\n"
        );
    }

    #[test]
    fn many_refused_letters_are_counted() {
        let refused: Vec<Value> = (0..1_012).map(|at| json!({ "task": format!("a-{at}"), "detail": "no" })).collect();
        let text = dry_run(json!({ "count": 2_000, "checked": 2_000, "sample": [], "refused": refused }));
        assert!(text.contains("\n  a-9: no\n  and 1,002 more\n"), "{text}");
    }
}
