//! The generator `tasks`: a list, word for word.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{below_input, check_tasks, read};
use crate::json_shape::compact;
use crate::submission::{Fault, Rules};

/// `{"tasks": [task, …]}`, each as it would be submitted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with tasks")]
pub struct Tasks<'a> {
    #[serde(borrow)]
    tasks: Vec<&'a RawValue>,
}

impl<'a> Tasks<'a> {
    pub(super) fn read(input: &'a str) -> Result<Self, Vec<Fault>> {
        read(input, |text| serde_json::from_str::<Tasks<'_>>(text).map(drop))
    }

    /// About how many bytes it makes.
    pub(super) fn bytes(&self) -> usize {
        self.tasks.iter().map(|task| task.get().len() + 1).sum()
    }

    /// The tasks as NDJSON.
    pub fn ndjson(&self) -> Vec<u8> {
        let mut lines = Vec::new();
        for task in &self.tasks {
            lines.extend_from_slice(compact(task.get()).as_bytes());
            lines.push(b'\n');
        }
        lines
    }

    pub(super) fn check(&self, rules: &Rules<'_>) -> Result<(), Vec<Fault>> {
        check_tasks(&self.ndjson(), rules).map_err(|mut faults| {
            for fault in &mut faults {
                fault.index = fault.line.take().map(|line| line - 1);
                fault.field = match fault.field.as_str() {
                    "" => "tasks".to_owned(),
                    field => format!("tasks.{field}"),
                };
            }
            below_input(faults)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::refused;
    use super::*;

    #[test]
    fn a_list_is_checked_as_a_submission_is() {
        assert_eq!(
            refused("tasks", r#"{"tasks":[{"kind":"simulate"},{"kind":"simulate","payload":{"output":1}}]}"#),
            []
        );
        for (input, index, field) in [
            (r#"{"tasks":[]}"#, None, "input.tasks"),
            (r#"{"tasks":{}}"#, None, "input.tasks"),
            (r#"{"tasks":{"kind":"simulate"}}"#, None, "input.tasks"),
            (r#"{"tasks":[{"kind":"simulate"},{"kind":"x"}]}"#, Some(1), "input.tasks.kind"),
            (r#"{"tasks":[7]}"#, Some(0), "input.tasks"),
            (
                r#"{"tasks":[{"kind":"http.request","payload":{"url":"http://x/"}}]}"#,
                Some(0),
                "input.tasks.payload.url",
            ),
        ] {
            assert_eq!(refused("tasks", input), [(index, field.to_owned())], "{input}");
        }
    }

    #[test]
    fn a_task_over_several_lines_is_one_line_of_ndjson() {
        let tasks = Tasks::read("{\"tasks\":[{\"kind\":\n\"simulate\"},\n{}]}").unwrap();
        assert_eq!(tasks.ndjson(), b"{\"kind\":\"simulate\"}\n{}\n");
    }
}
