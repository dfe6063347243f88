//! `monotask submit`: a file of tasks becomes a job.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use domain::id::JobId;
use domain::kinds::Kind;
use domain::lane::Lane;
use domain::limits::BODY_BYTES;
use serde::Deserialize;

use super::{Format, watch};
use crate::exit::Exit;
use crate::failure::{Broken, Failure};
use crate::output::{print, tell};
use crate::server::{Post, Server};
use crate::table::grouped;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask submit tasks.ndjson --name nightly --lane bulk
  monotask submit tasks.ndjson --watch
  seq 100 | jq -c '{ref: tostring}' | monotask submit - --kind simulate
  monotask submit job.json

A file holds a task per line (NDJSON), such as {\"kind\":\"simulate\",\"payload\":{}}; one that ends in .json holds
{\"name\"?, \"lane\"?, \"callback\"?, \"tasks\": [...]}. Standard output gets the job's id and nothing else.";

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
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
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
}

impl Submit {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let body_format = self.body_format();
        let query = self.query(body_format)?;
        let body = read(&self.file)?;
        let idempotency_key = match &self.idempotency_key {
            Some(key) => key.clone(),
            None => random_key()?,
        };
        let post = Post {
            url: server.address().join("/v1/jobs", &query),
            content_type: match body_format {
                BodyFormat::Ndjson => "application/x-ndjson",
                BodyFormat::Json => "application/json",
            },
            idempotency_key: &idempotency_key,
            body: &body,
        };
        let answer = server.post(&post).inspect_err(|failure| {
            if let Failure::Unreachable(_, Broken::BrokeOff, _) | Failure::Unavailable(..) = failure {
                tell(&format!(
                    "it is not known whether the job was accepted; this is safe in any case:\n  \
                     monotask submit {} --idempotency-key {idempotency_key}  (with the same other options)",
                    self.file.display()
                ));
            }
        })?;
        let accepted: Accepted = server.parse(&answer)?;
        tell(&accepted.text());
        match (self.watch, format) {
            (true, _) => watch::run(server, accepted.job, format),
            (false, Format::Json) => print(&answer).map(|()| Exit::Fine),
            (false, Format::Text) => print(&accepted.job.to_string()).map(|()| Exit::Fine),
        }
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
    fn text(&self) -> String {
        let tasks = if self.accepted == 1 { "task" } else { "tasks" };
        let known = if self.duplicate { ", known before: nothing was added" } else { "" };
        format!("accepted {} {tasks} as job {} in lane {}{known}", grouped(self.accepted), self.job, self.lane)
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |error| Failure::Unreadable(file.to_owned(), error);
    let source: Box<dyn Read> = if file == Path::new("-") {
        if io::stdin().is_terminal() {
            tell("reading tasks from the terminal, one per line; Ctrl-D ends");
        }
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(file).map_err(unreadable)?)
    };
    let mut body = Vec::new();
    source.take(BODY_BYTES as u64 + 1).read_to_end(&mut body).map_err(unreadable)?;
    if body.len() > BODY_BYTES {
        return Err(Failure::TooLarge(file.to_owned()));
    }
    Ok(body)
}

fn random_key() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Failure::NoRandomness)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use uuid::Uuid;

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

    #[test]
    fn made_up_keys_differ() {
        let key = random_key().unwrap();
        assert_ne!(key, random_key().unwrap());
        assert!(key.parse::<Uuid>().is_ok());
    }
}
