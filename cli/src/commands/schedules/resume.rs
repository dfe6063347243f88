//! `monotask schedules resume`: a paused schedule fires again.

use clap::Args;

use super::failure::{Act, ScheduleFailure};
use super::name::ScheduleName;
use super::view::ScheduleView;
use crate::commands::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::print;
use crate::server::Server;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask schedules resume nightly
  monotask schedules resume nightly --json | jq -r '.next[0]'

It says when the schedule fires next. Its failures are counted from 0 again.";

/// The arguments of `monotask schedules resume`.
#[derive(Debug, Args)]
pub(crate) struct Resume {
    /// The schedule's name
    name: ScheduleName,
}

impl Resume {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        // What is not paused may be resumed: a repeat changes nothing.
        let answer = server.post_again(&format!("{}/resume", self.name.path()));
        let body = answer.map_err(|failure| ScheduleFailure::of(failure, Act::Switch, &self.name))?;
        match format {
            Format::Json => print(&body)?,
            Format::Text => {
                print(&format!("resumed {}\n{}", self.name, server.parse::<ScheduleView>(&body)?.fires_next()))?;
            }
        }
        Ok(Exit::Fine)
    }
}
