//! `monotask dead restore`: discarded dead letters are open again.

use clap::Args;

use super::change::change;
use super::dry_run::letters;
use super::selection::{Act, Selection};
use crate::commands::{Format, to_type};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{print, tell};
use crate::server::Server;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask dead restore --journal 12
  monotask dead restore --task \"$job-7\"
  monotask dead restore --all

`monotask dead discard` says which entry of the journal it is, and so does `monotask journal`.";

/// The arguments of `monotask dead restore`.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    selection: Selection,
}

impl Restore {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let (answer, changed) = change(server, Act::Restore, &self.selection)?;
        match format {
            Format::Json => print(&answer)?,
            Format::Text => print(&format!("{} {}", Act::Restore.done(), letters(changed.count)))?,
        }
        if changed.count > 0 {
            tell(&format!("they are open again: {}", to_type("dead", "groups", server.address())));
        }
        Ok(Exit::Fine)
    }
}
