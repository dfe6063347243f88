//! `monotask replays list`: the newest replays.

use clap::Args;

use super::view::ReplayView;
use crate::columns::{Column, columns, width};
use crate::commands::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{print, tell};
use crate::pages::{List, Pages};
use crate::server::Server;
use crate::table::{grouped, second};

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask replays list
  monotask replays list --limit 5 --json | jq '.replays[].counts'";

/// The arguments of `monotask replays list`.
#[derive(Debug, Args)]
pub(crate) struct ReplayList {
    /// At most this many replays
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

const HEAD: [Column; 8] = [
    Column::Text("replay"),
    Column::Text("state"),
    Column::Number("frozen"),
    Column::Number("succeeded"),
    Column::Number("died again"),
    Column::Spare("refused"),
    Column::Spare("created"),
    Column::Cut("filter"),
];

impl ReplayList {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let list = List { path: "/v1/replays".to_owned(), entries: "replays", filter: Vec::new() };
        let entries = Pages::new(server, list).first(self.limit)?;
        if format == Format::Json {
            return print(&entries.json()).map(|()| Exit::Fine);
        }
        let replays: Vec<ReplayView> = entries.read(server)?;
        if replays.is_empty() {
            tell("there are no replays; `monotask dead replay` starts one");
            return Ok(Exit::Fine);
        }
        let rows: Vec<_> = replays.iter().map(row).collect();
        print(&columns(&HEAD, &rows, width()))?;
        if entries.more {
            tell("there are more replays: --limit shows more of them");
        }
        Ok(Exit::Fine)
    }
}

fn row(replay: &ReplayView) -> Vec<String> {
    let counts = &replay.counts;
    vec![
        replay.replay.to_string(),
        replay.state.name().to_owned(),
        grouped(counts.frozen),
        grouped(counts.succeeded),
        grouped(counts.died_again),
        grouped(counts.refused),
        second(replay.created_at),
        replay.filter.get().to_owned(),
    ]
}
