//! `monotask schedules show`: all of one schedule.

use clap::Args;

use super::failure::{Act, ScheduleFailure};
use super::name::ScheduleName;
use super::view::ScheduleView;
use crate::commands::{Format, to_type};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{print, tell};
use crate::server::Server;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask schedules show nightly
  monotask schedules show nightly --json | jq .next
  etag=$(monotask schedules show nightly | awk '$1 == \"etag\" { print $2 }')

Fire times are shown in the schedule's time zone and in UTC. `monotask schedules put --if-match \"$etag\"` changes the
schedule only if nobody has changed it since.";

/// The arguments of `monotask schedules show`.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The schedule's name
    name: ScheduleName,
}

impl Show {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let answer = server.look(&self.name.path());
        let answer = answer.map_err(|failure| ScheduleFailure::of(failure, Act::Look, &self.name))?;
        if format == Format::Json {
            return print(&answer.body).map(|()| Exit::Fine);
        }
        let schedule: ScheduleView = server.parse(&answer.body)?;
        print(&schedule.text(answer.etag.as_ref()))?;
        tell(&format!("what became of its fire times: {}", to_type("schedules runs", &self.name, server.address())));
        Ok(Exit::Fine)
    }
}
