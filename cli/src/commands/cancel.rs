//! `monotask cancel`: what waits never runs.

use std::str::FromStr;

use domain::id::{JobId, TaskId, UnreadableId};

use super::{Format, job};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{print, tell};
use crate::server::Server;

/// What to cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A whole job.
    Job(JobId),
    /// One task of it.
    Task(TaskId),
}

impl FromStr for Target {
    type Err = UnreadableId;

    fn from_str(text: &str) -> Result<Self, UnreadableId> {
        text.parse().map(Self::Job).or_else(|_| text.parse().map(Self::Task))
    }
}

pub(super) fn run(server: &Server, target: Target, format: Format) -> Result<Exit, Failure> {
    match target {
        Target::Job(id) => {
            let body = server.post_again(&format!("{}/cancel", job::path(id)))?;
            job::show(&server.parse(&body)?, &body, format)?;
        }
        Target::Task(id) => {
            let body = server.post_again(&format!("/v1/tasks/{id}/cancel"))?;
            match format {
                Format::Json => print(&body)?,
                Format::Text => tell(&format!("task {id} is canceled; if it runs, it finishes and is not tried again")),
            }
        }
    }
    Ok(Exit::Fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_job_or_a_task() {
        let job = "0199f0c2a0007abc8def0123456789ab";
        assert!(matches!(job.parse(), Ok(Target::Job(_))));
        assert!(matches!(format!("{job}-3").parse(), Ok(Target::Task(task)) if task.index == 3));
        assert!("latest".parse::<Target>().is_err());
    }
}
