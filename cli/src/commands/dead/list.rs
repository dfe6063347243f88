//! `monotask dead list`: dead letters, newest first.

use clap::Args;
use domain::time::{Timestamp, rfc3339};
use serde::Deserialize;

use super::filter::Filter;
use super::letter_id::LetterId;
use crate::columns::{Column, columns, width};
use crate::commands::failed_attempt::ErrorView;
use crate::commands::{Format, to_type};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::moment::now;
use crate::output::{print, tell};
use crate::pages::{List, Pages};
use crate::server::Server;
use crate::table::second;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask dead list
  monotask dead list --fingerprint FINGERPRINT --limit 200
  monotask dead list -q '\"connection refused\" db*' --since 7d
  monotask dead list --state any --job \"$job\" --json | jq -r '.dead_letters[].task'

Without --state these are open letters. A narrow terminal cuts the errors and shows fewer columns; --json has all of it.";

/// The arguments of `monotask dead list`.
#[derive(Debug, Args)]
pub(crate) struct DeadList {
    /// At most this many dead letters
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    filter: Filter,
}

/// A dead letter as far as it is listed.
#[derive(Deserialize)]
struct Letter {
    task: String,
    kind: Option<String>,
    reason: String,
    state: String,
    #[serde(with = "rfc3339")]
    died_at: Timestamp,
    error: ErrorView,
}

const HEAD: [Column; 6] = [
    Column::Text("task"),
    Column::Spare("kind"),
    Column::Spare("reason"),
    Column::Spare("state"),
    Column::Spare("died"),
    Column::Cut("error"),
];

impl DeadList {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let path = "/v1/dead-letters".to_owned();
        let list = List { path, entries: "dead_letters", filter: self.filter.query(now()) };
        let entries = Pages::new(server, list).first(self.limit)?;
        if format == Format::Json {
            return print(&entries.json()).map(|()| Exit::Fine);
        }
        let letters: Vec<Letter> = entries.read(server)?;
        let Some(first) = letters.first() else {
            tell("there are no such dead letters");
            return Ok(Exit::Fine);
        };
        let rows: Vec<_> = letters.iter().map(row).collect();
        print(&columns(&HEAD, &rows, width()))?;
        if entries.more {
            tell("there are more dead letters: --limit shows more of them, `monotask dead export` all");
        }
        if let Ok(task) = first.task.parse::<LetterId>() {
            tell(&format!("one of them whole: {}", to_type("dead show", task, server.address())));
        }
        Ok(Exit::Fine)
    }
}

fn row(letter: &Letter) -> Vec<String> {
    vec![
        letter.task.clone(),
        letter.kind.clone().unwrap_or_else(|| "-".to_owned()),
        letter.reason.clone(),
        letter.state.clone(),
        second(letter.died_at),
        letter.error.to_string(),
    ]
}
