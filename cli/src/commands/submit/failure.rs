//! Why a job in parts is not submitted: what happened, what became of the parts sent so far, and what to do next.

use std::fmt;
use std::io;
use std::path::PathBuf;

use domain::id::JobId;

use super::split::PART_BYTES;
use crate::address::Address;
use crate::commands::to_type;
use crate::exit::Exit;
use crate::failure::{Failure, refusal};
use crate::problem::Problem;
use crate::table::grouped;

/// Why a job in parts is not submitted.
#[derive(Debug)]
pub(crate) enum PartsFailure {
    /// Lines of the file are wrong. Nothing was sent.
    WrongLines(PathBuf, Problem),
    /// A line, counted from 1, does not fit into a part.
    LongLine(PathBuf, u64),
    /// There are blank lines only.
    NoTasks(PathBuf),
    /// The file is no longer what it was when its job was opened.
    Changed(PathBuf, Left),
    /// The job was opened under another API key.
    OtherKey(PathBuf, Left),
    /// Another run submits the same at this moment.
    Underway(PathBuf),
    /// The record cannot be read or written.
    NoRecord(PathBuf, io::Error),
    /// Something failed after the job was opened.
    CutOff(Failure, Left),
}

/// A job that was left open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    /// The job.
    pub(super) job: JobId,
    /// Its tasks so far.
    pub(super) accepted: u64,
    /// Where it is.
    pub(super) server: Address,
    /// How the same tasks are submitted again.
    pub(super) again: Again,
}

/// How tasks are submitted again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// The same command goes on; with `--restart` it begins.
    Restart,
    /// The same command goes on; with another `--idempotency-key` it begins.
    OtherKey,
    /// What was read is gone: all of it must be sent again.
    FromTheStart,
}

impl PartsFailure {
    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::CutOff(cause, _) => cause.exit(),
            _ => Exit::Usage,
        }
    }

    /// Whether it says what became of the job.
    pub(super) fn names_the_job(&self) -> bool {
        matches!(self, Self::Changed(..) | Self::OtherKey(..) | Self::CutOff(..))
    }
}

impl From<PartsFailure> for Failure {
    fn from(failure: PartsFailure) -> Self {
        Self::Parts(Box::new(failure))
    }
}

impl Left {
    /// What to say when Ctrl-C ends the command.
    pub(super) fn last_words(&self) -> String {
        let goes_on = match self.again {
            Again::Restart | Again::OtherKey => "Running the same command again goes on from there.".to_owned(),
            Again::FromTheStart => self.cancel_and_begin_again(),
        };
        format!("stopped: {self}\n{goes_on}")
    }

    /// The command that cancels it, to be typed.
    pub(super) fn cancel(&self) -> String {
        to_type("cancel", self.job, &self.server)
    }

    /// How to begin anew.
    fn begin_again(&self) -> &'static str {
        match self.again {
            Again::Restart => "Submit with --restart to begin a new job of all tasks",
            Again::OtherKey => "Submit with another --idempotency-key to begin a new job of all tasks",
            Again::FromTheStart => "Such input cannot be resumed: submit all of it again",
        }
    }

    /// The same, where what was accepted may be unwanted then.
    fn cancel_and_begin_again(&self) -> String {
        format!("{}; `{}` cancels what still waits of this one.", self.begin_again(), self.cancel())
    }
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "job {} was left open ", self.job)?;
        match self.accepted {
            0 => f.write_str("without tasks"),
            1 => f.write_str("with 1 task, which runs"),
            tasks => write!(f, "with {} tasks, which run", grouped(tasks)),
        }
    }
}

impl fmt::Display for PartsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongLines(path, problem) => {
                write!(f, "{} has lines that are wrong", path.display())?;
                for fault in problem.faults() {
                    write!(f, "\n  {fault}")?;
                }
                f.write_str("\nNothing was sent: mend it and submit it again.")
            }
            Self::LongLine(path, line) => {
                write!(f, "{}: line {line} is longer than {} MiB", path.display(), PART_BYTES >> 20)?;
                write!(f, ", and a task may have {} bytes", grouped(domain::limits::TASK_BYTES as u64))
            }
            Self::NoTasks(path) => write!(f, "{} has blank lines only: there are no tasks in it", path.display()),
            Self::Changed(path, left) => {
                write!(f, "{} was changed after a part of it was submitted", path.display())?;
                left_behind(f, left)
            }
            Self::OtherKey(path, left) => {
                write!(f, "parts of {} were submitted with another API key", path.display())?;
                left_behind(f, left)?;
                f.write_str("\nOr use that key again: MONOTASK_KEY or --key.")
            }
            Self::Underway(path) => {
                write!(f, "{} is being submitted by another run of this command\nWait for its end.", path.display())
            }
            Self::NoRecord(path, error) => write!(
                f,
                "what is needed to resume cannot be kept in {}: {error}\n\
                 Set XDG_STATE_HOME to a folder that can be written; --restart ignores what is there.",
                path.display()
            ),
            Self::CutOff(cause, left) => cut_off(f, cause, left),
        }
    }
}

fn left_behind(f: &mut fmt::Formatter<'_>, left: &Left) -> fmt::Result {
    write!(f, "\n{left}\n{}", left.cancel_and_begin_again())
}

fn cut_off(f: &mut fmt::Formatter<'_>, cause: &Failure, left: &Left) -> fmt::Result {
    // What a refusal advises holds for requests that are all or nothing.
    match cause {
        Failure::Refused(401 | 403, _) => write!(f, "{cause}")?,
        Failure::Refused(status, problem) => refusal(f, *status, problem)?,
        _ => write!(f, "{cause}")?,
    }
    match cause {
        // Its state is what was refused.
        Failure::Refused(404 | 409 | 410, _) => {
            let tasks = grouped(left.accepted);
            return write!(f, "\njob {} got {tasks} tasks before\n{}.", left.job, left.begin_again());
        }
        Failure::Refused(400 | 422, _) => {
            write!(f, "\n{left}\nNothing of the part with these lines was accepted: mend them.")?;
        }
        Failure::Refused(401 | 403, _) => return goes_on(f, left),
        Failure::Refused(..) => write!(f, "\n{left}")?,
        _ => return goes_on(f, left),
    }
    write!(f, "\n{}", left.cancel_and_begin_again())
}

/// What to do where the same command helps, if it can be resumed at all.
fn goes_on(f: &mut fmt::Formatter<'_>, left: &Left) -> fmt::Result {
    match left.again {
        Again::FromTheStart => left_behind(f, left),
        _ => write!(f, "\n{left}\nThen run the same command again: it goes on from there."),
    }
}
