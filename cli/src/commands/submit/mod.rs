//! `monotask submit`: a file of tasks becomes a job.

mod acknowledged;
mod bar;
mod check;
mod failure;
mod lock;
mod parts;
mod record;
mod resumable;
mod source;
mod split;
mod stream;
mod whole;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use domain::id::JobId;
use domain::kinds::Kind;
use domain::lane::Lane;
use domain::views::JobView;
use serde::Deserialize;
use serde_json::json;

use self::acknowledged::FullJob;
use self::source::Source;
use super::{Format, job, watch};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::idempotency_key;
use crate::output::{print, tell};
use crate::server::Server;
use crate::table::grouped;

pub(crate) use self::failure::PartsFailure;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask submit tasks.ndjson --name nightly --lane bulk
  monotask submit tasks.ndjson --watch
  seq 100 | jq -c '{ref: tostring}' | monotask submit - --kind simulate
  monotask submit job.json

A file holds a task per line (NDJSON), such as {\"kind\":\"simulate\",\"payload\":{}}; one that ends in .json holds
{\"name\"?, \"lane\"?, \"callback\"?, \"tasks\": [...]}. Standard output gets the job's id and nothing else.
A file that is too much for one job becomes several, whose ids are a line each.

NDJSON over 4 MiB is checked, then sent in parts, whose tasks run as soon as they are there; tasks of two parts may
change places, so tell them by their \"ref\". Cut off by Ctrl-C or an outage, the same command goes on where it was:
what it needs for that is kept in ~/.local/state/monotask (or in $XDG_STATE_HOME/monotask). A half-sent file counts as
changed, and is refused, when its size or modification time differ; --restart begins a new job.";

/// The arguments of `monotask submit`.
#[derive(Debug, Args)]
pub(crate) struct Submit {
    /// The tasks; `-` is standard input
    file: PathBuf,
    /// How to read them, if the file's name does not say it
    #[arg(long, value_enum)]
    format: Option<BodyFormat>,
    /// A name for the job
    #[arg(long)]
    name: Option<String>,
    /// The lane its tasks travel in: high, default or bulk
    #[arg(long)]
    lane: Option<Lane>,
    /// The kind of tasks that do not say theirs
    #[arg(long)]
    kind: Option<Kind>,
    /// Where to send word when the job ends
    #[arg(long, value_name = "URL")]
    callback: Option<String>,
    /// Watch the job until it ends
    #[arg(long)]
    watch: bool,
    /// Names this submission: the same key again is the same job. Made up if missing
    #[arg(long, value_name = "KEY", value_parser = idempotency_key::read)]
    idempotency_key: Option<String>,
    /// Begin a new job, though the same command was cut off before; the job it left open stays as it is
    #[arg(long, conflicts_with = "idempotency_key")]
    restart: bool,
}

/// How tasks are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum BodyFormat {
    /// A task per line
    Ndjson,
    /// One object with the job's options and its tasks
    Json,
}

/// The answer to a submission, as far as it is used.
#[derive(Deserialize)]
struct Accepted {
    job: JobId,
    lane: Lane,
    accepted: u64,
    #[serde(default)]
    duplicate: bool,
    /// Jobs before it, where the file was too much for one.
    #[serde(skip)]
    before: Vec<JobId>,
}

impl Submit {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let body_format = self.body_format();
        let query = self.query(body_format)?;
        let (answer, accepted) = match Source::open(&self.file, body_format)? {
            Source::File(file) => resumable::submit(server, &self, &query, file, format)?,
            source => self.once(server, &query, source, format)?,
        };
        tell(&accepted.text());
        match (self.watch, format) {
            (true, _) => accepted.jobs().try_fold(Exit::Fine, |exit, job| {
                let ended = watch::run(server, job, format)?;
                Ok(if ended == Exit::Fine { exit } else { ended })
            }),
            (false, Format::Json) => print(&answer).map(|()| Exit::Fine),
            (false, Format::Text) => {
                accepted.jobs().try_for_each(|job| print(&job.to_string()))?;
                Ok(Exit::Fine)
            }
        }
    }

    /// Submits what may be there only once.
    fn once(
        &self,
        server: &Server,
        query: &[(&'static str, String)],
        source: Source,
        format: Format,
    ) -> Result<(String, Accepted), Failure> {
        match source {
            Source::Whole(body) => whole::submit(server, self, query, &body),
            Source::Stream(from) => stream::submit(server, self, query, from, format),
            Source::File(file) => resumable::submit(server, self, query, file, format),
        }
    }

    /// The key that names this submission.
    fn key(&self) -> Result<String, Failure> {
        self.idempotency_key.clone().map_or_else(idempotency_key::random, Ok)
    }

    fn body_format(&self) -> BodyFormat {
        let by_name = match self.file.extension() {
            Some(extension) if extension.eq_ignore_ascii_case("json") => BodyFormat::Json,
            _ => BodyFormat::Ndjson,
        };
        self.format.unwrap_or(by_name)
    }

    fn query(&self, format: BodyFormat) -> Result<Vec<(&'static str, String)>, Failure> {
        let options = [
            ("name", "--name", self.name.clone()),
            ("lane", "--lane", self.lane.map(|lane| lane.to_string())),
            ("kind", "--kind", self.kind.map(|kind| kind.to_string())),
            ("callback", "--callback", self.callback.clone()),
        ];
        let mut query = Vec::new();
        for (name, option, value) in options {
            match (value, format) {
                (None, _) => {}
                (Some(value), BodyFormat::Ndjson) => query.push((name, value)),
                (Some(_), BodyFormat::Json) => return Err(Failure::OptionOfJsonBody(option)),
            }
        }
        Ok(query)
    }
}

impl Accepted {
    /// A job in parts, told as one in a single request; `duplicate` if nothing was added. `full` are those before it.
    fn sealed(job: &JobView, full: &[FullJob], duplicate: bool) -> (String, Self) {
        let before: Vec<JobId> = full.iter().map(|full| full.job).collect();
        let accepted = u64::from(job.counts.accepted) + full.iter().map(|full| full.accepted).sum::<u64>();
        let path = job::path(job.job);
        let mut answer = json!({
            "job": job.job,
            "name": job.name,
            "lane": job.lane,
            "accepted": accepted,
            "state": job.state,
            "links": { "job": path, "results": format!("{path}/results") },
        });
        if duplicate {
            answer["duplicate"] = true.into();
        }
        if !before.is_empty() {
            answer["jobs"] = before.iter().chain([&job.job]).map(ToString::to_string).collect();
        }
        (answer.to_string(), Self { job: job.job, lane: job.lane, accepted, duplicate, before })
    }

    /// All jobs of the submission, in order.
    fn jobs(&self) -> impl Iterator<Item = JobId> + '_ {
        self.before.iter().copied().chain([self.job])
    }

    fn text(&self) -> String {
        let tasks = if self.accepted == 1 { "task" } else { "tasks" };
        let known = if self.duplicate { ", known before: nothing was added" } else { "" };
        let jobs: Vec<String> = self.jobs().map(|job| job.to_string()).collect();
        let noun = if jobs.len() == 1 { "job" } else { "jobs" };
        let jobs = jobs.join(", ");
        format!("accepted {} {tasks} as {noun} {jobs} in lane {}{known}", grouped(self.accepted), self.lane)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Cli, Command};

    fn submit(args: &[&str]) -> Submit {
        let args = ["monotask", "submit"].iter().chain(args);
        match Cli::try_parse_from(args).unwrap().command {
            Command::Submit(submit) => submit,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_name_of_the_file_says_how_to_read_it_unless_told() {
        for (args, format) in [
            (&["tasks.ndjson"][..], BodyFormat::Ndjson),
            (&["-"], BodyFormat::Ndjson),
            (&["job.JSON"], BodyFormat::Json),
            (&["job.json", "--format", "ndjson"], BodyFormat::Ndjson),
            (&["-", "--format", "json"], BodyFormat::Json),
        ] {
            assert_eq!(submit(args).body_format(), format, "{args:?}");
        }
    }

    #[test]
    fn options_stand_in_the_query_of_ndjson_and_nowhere_else() {
        let submit = submit(&["-", "--name", "a b", "--lane", "bulk", "--kind", "simulate", "--callback", "http://c"]);
        let names: Vec<_> = submit.query(BodyFormat::Ndjson).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["name", "lane", "kind", "callback"]);
        assert!(matches!(submit.query(BodyFormat::Json), Err(Failure::OptionOfJsonBody("--name"))));
    }

    #[test]
    fn an_unknown_lane_is_a_usage_error_that_lists_the_lanes() {
        let error = Cli::try_parse_from(["monotask", "submit", "-", "--lane", "fast"]).unwrap_err();
        assert!(error.to_string().contains("high, default and bulk"), "{error}");
    }

    #[test]
    fn a_repeat_says_that_nothing_was_added() {
        let answer = r#"{"job":"0199f0c2a0007abc8def0123456789ab","lane":"default","accepted":1,"duplicate":true}"#;
        let text = serde_json::from_str::<Accepted>(answer).unwrap().text();
        assert!(text.starts_with("accepted 1 task as job 0199") && text.contains("nothing was added"), "{text}");
    }
}
