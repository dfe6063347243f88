//! `monotask schedules runs`: what became of a schedule's fire times.

use std::time::Duration;

use clap::Args;
use domain::id::JobId;
use domain::time::{Timestamp, rfc3339};
use serde::Deserialize;

use super::failure::{Act, ScheduleFailure};
use super::name::ScheduleName;
use crate::columns::{Column, columns, width};
use crate::commands::{Format, to_type};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{print, tell};
use crate::pages::{List, Pages};
use crate::server::Server;
use crate::table::{second, span};

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask schedules runs nightly
  monotask schedules runs nightly --limit 200
  monotask schedules runs nightly --json | jq -r '.runs[] | select(.outcome == \"failed\").reason'

Newest first. `fired` made a job; `skipped` and `failed` made none, and say why. `late` is how long after its time a run
began. A schedule that is deleted keeps its runs.";

/// The arguments of `monotask schedules runs`.
#[derive(Debug, Args)]
pub(crate) struct Runs {
    /// The schedule's name
    name: ScheduleName,
    /// At most this many runs
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

/// What became of one fire time.
#[derive(Deserialize)]
struct RunView {
    #[serde(with = "rfc3339")]
    planned_at: Timestamp,
    #[serde(with = "rfc3339")]
    fired_at: Timestamp,
    lateness_ms: u64,
    outcome: String,
    reason: Option<String>,
    job: Option<String>,
}

// The last one is not cut for others to stay: half the id of a job is worth nothing.
const HEAD: [Column; 5] = [
    Column::Text("planned"),
    Column::Spare("fired"),
    Column::Number("late"),
    Column::Text("outcome"),
    Column::Text("job or reason"),
];

impl Runs {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let list = List { path: format!("{}/runs", self.name.path()), entries: "runs", filter: Vec::new() };
        let entries = Pages::new(server, list).first(self.limit);
        let entries = entries.map_err(|failure| ScheduleFailure::of(failure, Act::Look, &self.name))?;
        if format == Format::Json {
            return print(&entries.json()).map(|()| Exit::Fine);
        }
        let runs: Vec<RunView> = entries.read(server)?;
        if runs.is_empty() {
            let show = to_type("schedules show", &self.name, server.address());
            tell(&format!("it has not fired yet; when it does next: {show}"));
            return Ok(Exit::Fine);
        }
        let newest = runs.iter().find_map(|run| run.job.as_ref()?.parse::<JobId>().ok());
        let rows: Vec<_> = runs.into_iter().map(row).collect();
        print(&columns(&HEAD, &rows, width()))?;
        if entries.more {
            tell("there are more runs: --limit shows more of them");
        }
        if let Some(job) = newest {
            tell(&format!("the newest job: {}", to_type("job", job, server.address())));
        }
        Ok(Exit::Fine)
    }
}

fn row(run: RunView) -> Vec<String> {
    vec![
        second(run.planned_at),
        second(run.fired_at),
        span(Duration::from_millis(run.lateness_ms)),
        run.outcome,
        run.job.or(run.reason).unwrap_or_else(|| "-".to_owned()),
    ]
}
