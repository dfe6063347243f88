//! `monotask replays cancel`: what waits of a replay never runs.

use clap::Args;

use super::ReplayId;
use super::view::ReplayView;
use crate::commands::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::print;
use crate::server::Server;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask replays cancel 0199f0c2a0007abc8def0123456789ab
  monotask replays cancel \"$replay\" --json | jq .counts

Letters that were not sent stay open; those whose task is canceled are open again; what runs finishes.";

/// The arguments of `monotask replays cancel`.
#[derive(Debug, Args)]
pub(crate) struct Cancel {
    /// The replay's id
    replay: ReplayId,
}

impl Cancel {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let body = server.post_again(&format!("{}/cancel", self.replay.path()))?;
        match format {
            Format::Json => print(&body)?,
            Format::Text => print(&server.parse::<ReplayView>(&body)?.text())?,
        }
        Ok(Exit::Fine)
    }
}
