//! Exit codes.

use std::process::ExitCode;

/// How the command ended, as scripts see it. `--help` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is well.
    Fine = 0,
    /// The job that was watched ended with dead or canceled tasks; of a replay that was watched letters died again, were
    /// refused or canceled, or it halted; or an audit found differences; or nothing was done because that was the answer
    /// to the question.
    TasksFailed = 1,
    /// The command line, or a file it names, is wrong. clap exits with the same.
    Usage = 2,
    /// The server refused the request.
    Refused = 3,
    /// The server cannot be reached, or is in trouble, if only for some of the jobs that an audit is of.
    Unavailable = 4,
    /// Stopped by Ctrl-C.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
