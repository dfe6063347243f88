//! `monotask schedules run`: a schedule makes one job now.

use clap::Args;
use domain::id::JobId;
use serde::Deserialize;

use super::failure::{Act, ScheduleFailure};
use super::name::ScheduleName;
use crate::commands::{Format, to_type, watch};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::idempotency_key;
use crate::output::{print, tell};
use crate::server::Server;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask schedules run nightly
  monotask schedules run nightly --watch
  job=$(monotask schedules run nightly) && monotask results \"$job\"

Standard output gets the job's id. The job is made whatever --overlap says, and also when the schedule is paused. With
--watch its progress is shown until it ends, with exit code 1 if tasks are dead or canceled.";

/// The arguments of `monotask schedules run`.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The schedule's name
    name: ScheduleName,
    /// Watch the job until it ends
    #[arg(long)]
    watch: bool,
}

/// The job that was made.
#[derive(Deserialize)]
struct Made {
    job: JobId,
}

impl Run {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let name = self.name;
        // The key names the job: called again the server makes no second one.
        let key = idempotency_key::random()?;
        let answer = server.post_empty(&format!("{}/run", name.path()), &key).inspect_err(|failure| {
            if failure.leaves_open() {
                let jobs = to_type("jobs", "--limit 5", server.address());
                tell(&format!("it is not known whether a job was made: `{jobs}` lists it if it was"));
            }
        });
        let answer = answer.map_err(|failure| ScheduleFailure::of(failure, Act::Run, &name))?;
        let job = server.parse::<Made>(&answer)?.job;
        if self.watch {
            tell(&format!("{name} made job {job}"));
            return watch::run(server, job, format);
        }
        match format {
            Format::Json => print(&answer)?,
            Format::Text => print(&job.to_string())?,
        }
        tell(&format!("to watch it: {}", to_type("watch", job, server.address())));
        Ok(Exit::Fine)
    }
}
