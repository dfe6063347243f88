//! `monotask schedules pause`: a schedule fires no more until it is resumed.

use clap::Args;

use super::failure::{Act, ScheduleFailure};
use super::name::ScheduleName;
use crate::commands::{Format, to_type};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{print, tell};
use crate::server::Server;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask schedules pause nightly
  monotask schedules pause nightly --json | jq .paused_by

Its jobs go on. `monotask schedules run` makes a job of it all the same.";

/// The arguments of `monotask schedules pause`.
#[derive(Debug, Args)]
pub(crate) struct Pause {
    /// The schedule's name
    name: ScheduleName,
}

impl Pause {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let name = self.name;
        // What is paused may be paused: a repeat changes nothing.
        let answer = server.post_again(&format!("{}/pause", name.path()));
        let body = answer.map_err(|failure| ScheduleFailure::of(failure, Act::Switch, &name))?;
        match format {
            Format::Json => print(&body)?,
            Format::Text => print(&format!("paused {name}"))?,
        }
        tell(&format!("to let it fire again: {}", to_type("schedules resume", &name, server.address())));
        Ok(Exit::Fine)
    }
}
