//! `monotask dead discard`: dead letters are put away.

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
  monotask dead discard --fingerprint FINGERPRINT
  monotask dead discard --task \"$job-7\" \"$job-9\"
  monotask dead discard --since 12h -q '\"no such customer\"'
  monotask dead discard --all

It says how many there were and how to undo it. What is discarded is kept as long as any dead letter.";

/// The arguments of `monotask dead discard`.
#[derive(Debug, Args)]
pub(crate) struct Discard {
    #[command(flatten)]
    selection: Selection,
}

impl Discard {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let (answer, changed) = change(server, Act::Discard, &self.selection)?;
        match format {
            Format::Json => print(&answer)?,
            Format::Text => print(&format!("{} {}", Act::Discard.done(), letters(changed.count)))?,
        }
        if let Some(entry) = changed.journal {
            tell(&format!("to undo: {}", to_type("dead restore --journal", entry, server.address())));
        }
        Ok(Exit::Fine)
    }
}
