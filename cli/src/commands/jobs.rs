//! `monotask jobs`: the newest jobs.

use clap::Args;
use clap::builder::PossibleValuesParser;
use domain::id::JobId;
use domain::ledger::JobState;
use domain::views::JobView;
use serde::Deserialize;

use super::{Format, job};
use crate::columns::{Column, columns};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{print, tell};
use crate::pages::{List, PAGE, Pages};
use crate::server::Server;
use crate::table::grouped;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask jobs
  monotask jobs --state running --limit 200
  monotask jobs --source cron --json | jq -r '.jobs[].job'

The list is an index: it may lag by seconds behind what `monotask job` says.";

const STATES: [JobState; 4] = [JobState::Open, JobState::Running, JobState::Completed, JobState::Canceled];

/// Letters of a name that are shown.
const NAME: usize = 40;

/// The arguments of `monotask jobs`.
#[derive(Debug, Args)]
pub(crate) struct Jobs {
    /// Only jobs that are here
    #[arg(long, value_parser = PossibleValuesParser::new(STATES.map(job::state_name)))]
    state: Option<String>,
    /// Only jobs that this created
    #[arg(long, value_parser = PossibleValuesParser::new(["api", "cron", "replay"]))]
    source: Option<String>,
    /// At most this many jobs
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

/// All that every job has.
#[derive(Deserialize)]
struct Id {
    job: JobId,
}

/// The jobs that `filter` lets through, newest first.
fn list(filter: Vec<(&'static str, String)>) -> List {
    List { path: "/v1/jobs".to_owned(), entries: "jobs", filter }
}

/// The ids of all listed jobs.
pub(super) fn ids(server: &Server) -> Result<Vec<JobId>, Failure> {
    let mut pages = Pages::new(server, list(Vec::new()));
    let mut ids = Vec::new();
    while let Some(jobs) = pages.next(PAGE)? {
        for job in jobs {
            ids.push(server.parse::<Id>(job.get())?.job);
        }
    }
    Ok(ids)
}

impl Jobs {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let state = self.state.map(|state| ("state", state));
        let source = self.source.map(|source| ("source", source));
        let filter = state.into_iter().chain(source).collect();
        let jobs = Pages::new(server, list(filter)).first(self.limit)?;
        if format == Format::Json {
            return print(&jobs.json()).map(|()| Exit::Fine);
        }
        let read: Vec<JobView> = jobs.read(server)?;
        if read.is_empty() {
            tell("there are no such jobs");
            return Ok(Exit::Fine);
        }
        print(&text(&read))?;
        if jobs.more {
            tell("there are more jobs: --limit shows more of them");
        }
        Ok(Exit::Fine)
    }
}

fn text(jobs: &[JobView]) -> String {
    let rows: Vec<_> = jobs.iter().map(row).collect();
    let numbers = ["accepted", "succeeded", "dead", "canceled"].map(Column::Number);
    let texts = ["job", "name", "lane", "state"].map(Column::Text);
    let head: Vec<_> = texts.into_iter().chain(numbers).chain([Column::Text("created")]).collect();
    columns(&head, &rows, None)
}

fn row(job: &JobView) -> Vec<String> {
    let counts = &job.counts;
    let numbers = [counts.accepted, counts.succeeded, counts.dead, counts.canceled];
    let texts = [
        job.job.to_string(),
        short(job.name.as_deref().unwrap_or("-")),
        job.lane.to_string(),
        job::state_name(job.state).to_owned(),
    ];
    let numbers = numbers.map(|tasks| grouped(tasks.into()));
    texts.into_iter().chain(numbers).chain([job.created_at.to_string()]).collect()
}

fn short(name: &str) -> String {
    match name.char_indices().nth(NAME) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::job::tests::COMPLETED;

    #[test]
    fn jobs_are_aligned_and_a_long_name_is_cut() {
        let mut other: JobView = serde_json::from_str(COMPLETED).unwrap();
        let first = other.clone();
        other.name = Some("n".repeat(200));
        (other.counts.accepted, other.state) = (7, JobState::Open);
        let expected = format!(
            "\
job                               name                                       lane  state      accepted  succeeded  dead  canceled  created
0199f0c2a0007abc8def0123456789ab  nightly                                    bulk  completed    12,345     12,340     5         0  2027-01-15T08:00:00.000Z
0199f0c2a0007abc8def0123456789ab  {}…  bulk  open              7     12,340     5         0  2027-01-15T08:00:00.000Z
",
            "n".repeat(40)
        );
        assert_eq!(text(&[first, other]), expected);
    }

    #[test]
    fn a_job_without_a_name_has_a_hyphen() {
        let mut job: JobView = serde_json::from_str(COMPLETED).unwrap();
        job.name = None;
        assert_eq!(row(&job)[1], "-");
    }
}
