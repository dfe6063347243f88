//! `monotask replays`: replays of dead letters.

mod cancel;
mod follow;
mod id;
mod items;
mod list;
mod resume;
mod show;
mod view;

use clap::Subcommand;

pub(super) use self::follow::follow;
pub(crate) use self::id::ReplayId;
use super::Format;
use super::dead::TriageFailure;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::server::Server;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask replays list
  monotask replays show 0199f0c2a0007abc8def0123456789ab
  monotask replays show \"$replay\" --verdict died_again

`monotask dead replay` starts one.";

/// What to do with replays.
#[derive(Debug, Subcommand)]
pub(crate) enum Replays {
    /// List replays, newest first
    #[command(after_help = list::EXAMPLES)]
    List(list::ReplayList),
    /// Show where a replay is, or what became of its letters
    #[command(after_help = show::EXAMPLES)]
    Show(show::Show),
    /// Let a replay that halted go on
    #[command(after_help = resume::EXAMPLES)]
    Resume(resume::Resume),
    /// Cancel a replay: what waits is open again, what runs finishes
    #[command(after_help = cancel::EXAMPLES)]
    Cancel(cancel::Cancel),
}

impl Replays {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let done = match self {
            Self::List(list) => list.run(server, format),
            Self::Show(show) => show.run(server, format),
            Self::Resume(resume) => resume.run(server, format),
            Self::Cancel(cancel) => cancel.run(server, format),
        };
        done.map_err(TriageFailure::of)
    }
}
