//! `monotask dead`: dead letters, looked at, replayed, put away.

mod change;
mod diff;
mod discard;
mod dry_run;
mod export;
mod failure;
mod filter;
mod groups;
mod letter_id;
mod list;
mod order;
mod patch;
mod replay;
mod restore;
mod selection;
mod show;
mod whole_file;

use clap::Subcommand;

pub(crate) use self::failure::TriageFailure;
use super::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::server::Server;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask dead groups
  monotask dead list --fingerprint FINGERPRINT
  monotask dead replay --fingerprint FINGERPRINT --patch '{\"currency\": \"EUR\"}' --dry-run
  monotask dead discard --fingerprint FINGERPRINT

A dead letter is a task that will not be tried again. It is `open` until it is replayed or discarded; `replayed` while
it runs again; `resolved` once that succeeded. One that dies again is open again.";

/// What to do with dead letters.
#[derive(Debug, Subcommand)]
pub(crate) enum Dead {
    /// Show which causes there are: dead letters by fingerprint, the largest group first
    #[command(after_help = groups::EXAMPLES)]
    Groups(groups::Groups),
    /// List dead letters, newest first
    #[command(after_help = list::EXAMPLES)]
    List(list::DeadList),
    /// Show one dead letter: its payload, the error of every attempt, and its replays
    #[command(after_help = show::EXAMPLES)]
    Show(show::Show),
    /// Run dead letters again, after showing what that would do
    #[command(after_help = replay::EXAMPLES)]
    Replay(replay::Replay),
    /// Put dead letters away; `restore` takes them out again
    #[command(after_help = discard::EXAMPLES)]
    Discard(discard::Discard),
    /// Take discarded dead letters out again
    #[command(after_help = restore::EXAMPLES)]
    Restore(restore::Restore),
    /// Print whole dead letters, a line of JSON each
    #[command(after_help = export::EXAMPLES)]
    Export(export::Export),
}

impl Dead {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let done = match self {
            Self::Groups(groups) => groups.run(server, format),
            Self::List(list) => list.run(server, format),
            Self::Show(show) => show.run(server, format),
            Self::Replay(replay) => replay.run(server, format),
            Self::Discard(discard) => discard.run(server, format),
            Self::Restore(restore) => restore.run(server, format),
            Self::Export(export) => export.run(server, format),
        };
        done.map_err(TriageFailure::of)
    }
}
