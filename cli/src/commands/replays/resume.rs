//! `monotask replays resume`: a replay that halted goes on.

use clap::Args;

use super::view::ReplayView;
use super::{ReplayId, follow};
use crate::commands::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::print;
use crate::server::Server;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask replays resume 0199f0c2a0007abc8def0123456789ab
  monotask replays resume \"$replay\" --detach

Its progress is shown until it ends or halts again. Ctrl-C stops that; the replay goes on. Ends with exit code 1 if
letters died again, were refused or canceled, or if it halted again.";

/// The arguments of `monotask replays resume`.
#[derive(Debug, Args)]
pub(crate) struct Resume {
    /// The replay's id
    replay: ReplayId,
    /// Do not wait for its end
    #[arg(long)]
    detach: bool,
}

impl Resume {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        // What runs may be resumed: a repeat changes nothing.
        let body = server.post_again(&format!("{}/resume", self.replay.path()))?;
        if !self.detach {
            return follow(server, self.replay, format);
        }
        match format {
            Format::Json => print(&body)?,
            Format::Text => print(&server.parse::<ReplayView>(&body)?.text())?,
        }
        Ok(Exit::Fine)
    }
}
