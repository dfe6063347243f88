//! `monotask journal`: who did what with dead letters.

use clap::Args;
use domain::time::{Timestamp, rfc3339};
use serde::Deserialize;

use super::Format;
use super::dead::TriageFailure;
use crate::columns::{Column, columns, width};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{print, tell};
use crate::pages::{List, Pages};
use crate::server::Server;
use crate::table::{grouped, second};

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask journal
  monotask journal --limit 200 --json | jq '.entries[] | select(.action == \"discard\")'
  monotask dead restore --journal 12

Every replay, resume, cancel, discard and restore, newest first: by which API key, of how many dead letters, and how to
undo it. A narrow terminal shows fewer columns; --json has all of it.";

/// The arguments of `monotask journal`.
#[derive(Debug, Args)]
pub(crate) struct Journal {
    /// At most this many entries
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

/// One thing that was done.
#[derive(Deserialize)]
struct Entry {
    entry: u64,
    #[serde(with = "rfc3339")]
    at: Timestamp,
    key: String,
    action: String,
    count: u64,
    replay: Option<String>,
    undo: Option<String>,
}

const HEAD: [Column; 7] = [
    Column::Number("entry"),
    Column::Text("at"),
    Column::Spare("key"),
    Column::Text("action"),
    Column::Number("count"),
    Column::Spare("replay"),
    Column::Cut("undo"),
];

impl Journal {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        self.list(server, format).map_err(TriageFailure::of)
    }

    fn list(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let list = List { path: "/v1/journal".to_owned(), entries: "entries", filter: Vec::new() };
        let entries = Pages::new(server, list).first(self.limit)?;
        if format == Format::Json {
            return print(&entries.json()).map(|()| Exit::Fine);
        }
        let read: Vec<Entry> = entries.read(server)?;
        if read.is_empty() {
            tell("nothing was done with dead letters yet");
            return Ok(Exit::Fine);
        }
        let rows: Vec<_> = read.into_iter().map(row).collect();
        print(&columns(&HEAD, &rows, width()))?;
        if entries.more {
            tell("there are more entries: --limit shows more of them");
        }
        Ok(Exit::Fine)
    }
}

fn row(entry: Entry) -> Vec<String> {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    vec![
        entry.entry.to_string(),
        second(entry.at),
        entry.key,
        entry.action,
        grouped(entry.count),
        or_none(entry.replay),
        or_none(entry.undo),
    ]
}
