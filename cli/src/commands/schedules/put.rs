//! `monotask schedules put`: a schedule is made, or changed.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::definition::Definition;
use super::failure::{Act, ScheduleFailure};
use super::name::ScheduleName;
use super::source;
use super::view::ScheduleView;
use crate::commands::{Format, to_type};
use crate::etag::{Condition, Etag};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{print, tell};
use crate::server::Server;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask schedules put nightly --cron \"0 2 * * *\" --timezone Europe/Berlin --tasks tasks.ndjson --lane bulk
  monotask schedules put report --cron \"0 9 * * 1-5\" --template report.json --overlap skip --pause-after 3
  monotask schedules put import --cron \"*/15 * * * *\" --http https://example.com/tasks --header 'Accept: text/plain'
  monotask schedules put nightly --file nightly.json --create
  monotask schedules put nightly --file nightly.json --if-match \"$etag\"

A FILE for --file holds the whole schedule: {\"cron\", \"timezone\"?, \"generator\": \"tasks\" | \"template\" | \"http\", \"input\", …}.
What is put replaces all of a schedule that is there; what is not given gets its default, but one that is paused stays so.

Strings of a template may hold {{item}}, {{item.name}}, {{index}}, {{fire_time}}, {{date}} and {{schedule}}; those of the
URL of --http the last three.";

/// The arguments of `monotask schedules put`.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("content").args(["file", "tasks", "template", "http"])))]
pub(crate) struct Put {
    /// The schedule's name
    name: ScheduleName,
    /// A file with the whole schedule, as JSON; `-` is standard input
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Only if there is none of this name
    #[arg(long)]
    create: bool,
    /// Only if it is still as `monotask schedules show` showed it with this etag
    #[arg(long, value_name = "ETAG", conflicts_with = "create")]
    if_match: Option<Etag>,
    #[command(flatten)]
    definition: Definition,
}

impl Put {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let body = match &self.file {
            Some(file) => source::json(file)?.get().to_owned(),
            None => self.definition.body()?,
        };
        let name = self.name;
        let act = if self.create { Act::Create } else { Act::Put };
        let condition = self.if_match.map(Condition::Unchanged).or_else(|| self.create.then_some(Condition::Absent));
        let answer = server.put(&name.path(), condition.as_ref(), body.as_bytes()).inspect_err(|failure| {
            if failure.leaves_open() {
                let show = to_type("schedules show", &name, server.address());
                tell(&format!("it is not known whether it was changed: `{show}` says it"));
            }
        });
        let answer = answer.map_err(|failure| ScheduleFailure::of(failure, act, &name))?;
        if format == Format::Json {
            return print(&answer.body).map(|()| Exit::Fine);
        }
        let schedule: ScheduleView = server.parse(&answer.body)?;
        let done = if answer.created { "created" } else { "changed" };
        print(&format!("{done} {name}\n{}", schedule.fires_next()))?;
        if schedule.paused {
            tell(&format!("it is paused; to let it fire: {}", to_type("schedules resume", &name, server.address())));
        }
        Ok(Exit::Fine)
    }
}
