//! `monotask replays show`: where a replay is.

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::view::ReplayView;
use super::{ReplayId, follow, items};
use crate::commands::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::print;
use crate::server::Server;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask replays show 0199f0c2a0007abc8def0123456789ab
  monotask replays show \"$replay\" --watch
  monotask replays show \"$replay\" --verdict died_again --limit 200
  monotask replays show \"$replay\" --verdict any --json | jq -r '.items[].replay_task'

With --watch it ends with exit code 1 if letters died again, were refused or canceled, or if it halted. Ctrl-C stops
watching; the replay goes on.";

/// The arguments of `monotask replays show`.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The replay's id
    replay: ReplayId,
    /// List the letters with this verdict; `any` is all of them
    #[arg(long, value_parser = PossibleValuesParser::new(items::VERDICTS))]
    verdict: Option<String>,
    /// At most this many letters
    #[arg(long, value_name = "N", requires = "verdict", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Show its progress until it ends
    #[arg(long, conflicts_with = "verdict")]
    watch: bool,
}

/// Letters that are listed unless more are asked for.
const LIMIT: u32 = 50;

impl Show {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        if let Some(verdict) = &self.verdict {
            return items::run(server, self.replay, verdict, self.limit.unwrap_or(LIMIT), format);
        }
        if self.watch {
            return follow(server, self.replay, format);
        }
        let body = server.get(&self.replay.path(), &[])?;
        match format {
            Format::Json => print(&body)?,
            Format::Text => print(&server.parse::<ReplayView>(&body)?.text())?,
        }
        Ok(Exit::Fine)
    }
}
