//! Why a schedule was not looked at, or nothing was done with it.

use std::fmt;
use std::path::PathBuf;

use domain::calendar::InvalidCalendar;

use super::name::ScheduleName;
use super::source::DEFINITION_BYTES;
use crate::exit::Exit;
use crate::failure::{Failure, refusal};
use crate::problem::Problem;
use crate::table::escaped;

/// Why a schedule was not looked at, or nothing was done with it.
#[derive(Debug)]
pub(crate) enum ScheduleFailure {
    /// Nothing says what the schedule is.
    NothingToPut,
    /// A file is no JSON.
    NotJson(PathBuf, serde_json::Error),
    /// A line of a file, counted from 1, is no JSON.
    NotJsonLine(PathBuf, usize, serde_json::Error),
    /// A file is larger than a schedule may be.
    TooLarge(PathBuf),
    /// Two headers have this name.
    SameHeader(String),
    /// No calendar is of this cron expression in this time zone.
    NoCalendar(InvalidCalendar),
    /// Nobody is there to be asked.
    NobodyToAsk,
    /// The server did not do this with the schedule.
    Refused(Act, ScheduleName, u16, Problem),
}

/// What is done with a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// It is looked at.
    Look,
    /// It is made, and must not be there.
    Create,
    /// It is made or changed.
    Put,
    /// It is deleted.
    Delete,
    /// It makes a job now.
    Run,
    /// It is paused or resumed.
    Switch,
    /// Its past fire times make their jobs.
    Backfill,
}

impl ScheduleFailure {
    /// The same failure, with advice that fits where `act` was to be done with the schedule.
    pub(super) fn of(failure: Failure, act: Act, name: &ScheduleName) -> Failure {
        match failure {
            Failure::Refused(status @ (400 | 404 | 409 | 412 | 413 | 422), problem) => {
                Self::Refused(act, name.clone(), status, problem).into()
            }
            other => other,
        }
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NothingToPut
            | Self::NotJson(..)
            | Self::NotJsonLine(..)
            | Self::TooLarge(_)
            | Self::SameHeader(_)
            | Self::NoCalendar(_)
            | Self::NobodyToAsk => Exit::Usage,
            Self::Refused(..) => Exit::Refused,
        }
    }
}

impl From<ScheduleFailure> for Failure {
    fn from(failure: ScheduleFailure) -> Self {
        Self::Schedule(Box::new(failure))
    }
}

impl fmt::Display for ScheduleFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingToPut => f.write_str(
                "nothing says what the schedule is\n\
                 Give --cron and one of --tasks, --template and --http; or --file with all of it.",
            ),
            Self::NotJson(path, error) => {
                write!(f, "{} is not JSON: {error}\nNothing was sent: mend it and put it again.", path.display())
            }
            Self::NotJsonLine(path, line, error) => write!(
                f,
                "line {line} of {} is not JSON: {error}\n\
                 Nothing was sent: it takes a task per line, such as {{\"kind\":\"simulate\",\"payload\":{{}}}}.",
                path.display()
            ),
            Self::TooLarge(path) => write!(
                f,
                "{} is larger than {} KiB, the most that a schedule may have\n{OTHERWISE}",
                path.display(),
                DEFINITION_BYTES >> 10
            ),
            Self::SameHeader(name) => {
                write!(f, "two headers are named {name}\nGive --header once for each name, its values in one.")
            }
            Self::NoCalendar(invalid) => {
                f.write_str("it cannot be said when that fires")?;
                for (field, detail) in invalid.fields() {
                    write!(f, "\n  {field}: {}", escaped(&detail))?;
                }
                f.write_str("\n`monotask schedules next --help` says what an expression may hold.")
            }
            Self::NobodyToAsk => f.write_str(
                "a schedule is deleted after asking, and standard input is not a terminal\n\
                 Add --yes to delete it without being asked.",
            ),
            Self::Refused(act, name, status, problem) => {
                refusal(f, *status, problem)?;
                write!(f, "\n{}", advice(*act, name, *status))
            }
        }
    }
}

const OTHERWISE: &str =
    "Let it make its tasks: --template fills in one task many times, --http asks a server for them.";

fn advice(act: Act, name: &ScheduleName, status: u16) -> String {
    match (status, act) {
        (404, _) => {
            "`monotask schedules list` shows which there are; MONOTASK_URL or --url names the server.".to_owned()
        }
        (409, Act::Create | Act::Put | Act::Delete) => {
            "A schedule of config/schedules.toml is changed there: change the file and deploy.".to_owned()
        }
        (412, Act::Create) => format!(
            "It is there already: look at it with `monotask schedules show {name}`; without --create it is changed."
        ),
        (412, _) => format!("It was changed meanwhile: look at it again with `monotask schedules show {name}`."),
        (413, _) => OTHERWISE.to_owned(),
        (_, Act::Look) => "Check what you asked for.".to_owned(),
        (_, Act::Create | Act::Put) => "Nothing was changed: mend it and put it again.".to_owned(),
        (_, Act::Run) => format!(
            "No job was made: `monotask schedules show {name}` shows what makes its tasks; mend that and put it again."
        ),
        (_, Act::Backfill) => "No job will be made: give a span that is over and has fewer fire times.".to_owned(),
        (_, Act::Delete | Act::Switch) => {
            format!("Nothing was changed: `monotask schedules show {name}` shows where it is.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(act: Act, status: u16) -> String {
        let problem = Problem { detail: "because".to_owned(), ..Problem::default() };
        ScheduleFailure::of(Failure::Refused(status, problem), act, &"nightly".parse().unwrap()).to_string()
    }

    #[test]
    fn every_refusal_says_what_to_do_next() {
        for (act, status, advice) in [
            (Act::Look, 404, "monotask schedules list"),
            (Act::Put, 409, "config/schedules.toml"),
            (Act::Create, 412, "there already: look at it with `monotask schedules show nightly`"),
            (Act::Put, 412, "changed meanwhile: look at it again with `monotask schedules show nightly`"),
            (Act::Delete, 412, "changed meanwhile"),
            (Act::Put, 413, "--template"),
            (Act::Put, 422, "mend it and put it again"),
            (Act::Run, 422, "No job was made"),
            (Act::Backfill, 422, "fewer fire times"),
        ] {
            let text = refused(act, status);
            let first = format!("the server refused the request ({status}): because\n");
            assert!(text.starts_with(&first) && text[first.len()..].contains(advice), "{text}");
        }
    }

    #[test]
    fn what_is_not_about_the_schedule_keeps_its_own_advice() {
        assert!(refused(Act::Put, 401).contains("MONOTASK_KEY"));
        assert!(refused(Act::Put, 403).contains("scope"));
    }
}
