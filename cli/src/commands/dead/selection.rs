//! Which dead letters to act on.

use std::fmt;

use clap::Args;
use domain::time::Timestamp;
use serde_json::{Map, Value, json};

use super::failure::TriageFailure;
use super::filter::Filter;
use super::letter_id::LetterId;

/// What is done with dead letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// They run again.
    Replay,
    /// They are put away.
    Discard,
    /// They are taken out again.
    Restore,
}

/// Which dead letters to act on.
#[derive(Clone, Debug, Args)]
pub(crate) struct Selection {
    #[command(flatten)]
    filter: Filter,
    /// These and no others: ids of dead letters
    #[arg(long = "task", value_name = "ID", num_args = 1.., conflicts_with = "Filter", help_heading = "Filter")]
    tasks: Vec<LetterId>,
    /// Every letter that can be
    #[arg(long, conflicts_with_all = ["Filter", "tasks"], help_heading = "Filter")]
    all: bool,
}

impl Selection {
    /// The filter of a request to `act`. Everything is meant only where that is said.
    pub(super) fn body(&self, act: Act, now: Timestamp) -> Result<Map<String, Value>, TriageFailure> {
        let filter = match (self.all, self.tasks.as_slice()) {
            (true, _) => Map::from_iter([("all".to_owned(), Value::Bool(true))]),
            (false, []) => self.filter.body(now).map_err(|_| TriageFailure::AnyState(act))?,
            (false, tasks) => Map::from_iter([("tasks".to_owned(), json!(tasks))]),
        };
        if filter.is_empty() { Err(TriageFailure::NothingSelected(act)) } else { Ok(filter) }
    }

    /// Whether it means another time when it is typed again.
    pub(super) fn moves(&self) -> bool {
        self.filter.moves()
    }
}

impl Act {
    /// What letters are called that it was done with.
    pub(super) const fn done(self) -> &'static str {
        match self {
            Self::Replay => "replayed",
            Self::Discard => "discarded",
            Self::Restore => "restored",
        }
    }

    /// The state of letters that this can be done with.
    pub(super) const fn state(self) -> &'static str {
        match self {
            Self::Replay | Self::Discard => "open",
            Self::Restore => "discarded",
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Replay => "replay",
            Self::Discard => "discard",
            Self::Restore => "restore",
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    const TASK: &str = "0199f0c2a0007abc8def0123456789ab-7";

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        selection: Selection,
    }

    fn parse(args: &[&str]) -> Result<Line, clap::Error> {
        Line::try_parse_from(std::iter::once("monotask").chain(args.iter().copied()))
    }

    fn body(args: &[&str]) -> Result<Value, TriageFailure> {
        parse(args).unwrap().selection.body(Act::Discard, Timestamp::default()).map(Value::from)
    }

    #[test]
    fn letters_are_selected_by_filter_by_task_or_all_of_them() {
        assert_eq!(body(&["--fingerprint", "f1"]).unwrap(), json!({ "fingerprint": "f1" }));
        assert_eq!(body(&["--task", TASK, TASK]).unwrap(), json!({ "tasks": [TASK, TASK] }));
        assert_eq!(body(&["--all"]).unwrap(), json!({ "all": true }));
    }

    #[test]
    fn nothing_never_means_everything() {
        assert!(matches!(body(&[]), Err(TriageFailure::NothingSelected(Act::Discard))));
        assert!(matches!(body(&["--state", "any"]), Err(TriageFailure::AnyState(Act::Discard))));
    }

    #[test]
    fn only_one_of_the_three_may_be_given() {
        for args in [&["--all", "--kind", "simulate"][..], &["--all", "--task", TASK], &["--task", TASK, "-q", "a"]] {
            assert_eq!(parse(args).unwrap_err().kind(), clap::error::ErrorKind::ArgumentConflict, "{args:?}");
        }
    }
}
