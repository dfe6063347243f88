//! Why a command failed: what happened, and what to do next. The one place where failures become exit codes.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use domain::calls::JOB_FULL;
use domain::limits::BODY_BYTES;

use crate::address::Address;
use crate::commands::dead::TriageFailure;
use crate::commands::schedules::ScheduleFailure;
use crate::commands::submit::PartsFailure;
use crate::exit::Exit;
use crate::problem::Problem;
use crate::table::escaped;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There is no key for a server elsewhere.
    NoKey(Address),
    /// The key cannot stand in a header.
    UnusableKey,
    /// An option does not go with a JSON body.
    OptionOfJsonBody(&'static str),
    /// A file cannot be read.
    Unreadable(PathBuf, io::Error),
    /// A JSON body is too large for one request, and cannot be split.
    TooLarge(PathBuf),
    /// A job in parts.
    Parts(Box<PartsFailure>),
    /// Dead letters and what is done with them.
    Triage(Box<TriageFailure>),
    /// A schedule and what is done with it.
    Schedule(Box<ScheduleFailure>),
    /// Standard output cannot be written.
    Unwritable(io::Error),
    /// This machine gives no random numbers.
    NoRandomness,
    /// The server cannot be reached, or the connection broke.
    Unreachable(Address, Broken, String),
    /// The server refused the request for what it is.
    Refused(u16, Problem),
    /// The server cannot serve just now.
    Unavailable(u16, Problem, Option<Duration>),
    /// The answer is not what a MonoTask server says.
    Unintelligible(Address, String),
}

/// How far a call got that has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// No connection was made: the server knows nothing of the call.
    NeverConnected,
    /// The server may have got the call.
    BrokeOff,
}

impl Failure {
    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NoKey(_)
            | Self::UnusableKey
            | Self::OptionOfJsonBody(_)
            | Self::Unreadable(..)
            | Self::TooLarge(_)
            | Self::NoRandomness => Exit::Usage,
            // Whoever read our output has read enough, as `head` does.
            Self::Unwritable(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Fine,
            Self::Unwritable(_) => Exit::Usage,
            Self::Parts(failure) => failure.exit(),
            Self::Triage(failure) => failure.exit(),
            Self::Schedule(failure) => failure.exit(),
            Self::Refused(..) => Exit::Refused,
            Self::Unreachable(..) | Self::Unavailable(..) | Self::Unintelligible(..) => Exit::Unavailable,
        }
    }

    /// Whether the same call may work in a moment.
    pub(crate) fn passes(&self) -> bool {
        match self {
            Self::Unreachable(..) => true,
            Self::Unavailable(status, ..) => matches!(status, 429 | 502..=504),
            _ => false,
        }
    }

    /// Whether the job of a part takes no more.
    pub(crate) fn is_job_full(&self) -> bool {
        matches!(self, Self::Refused(413, problem) if problem.code == JOB_FULL)
    }

    /// Whether what was asked for may have been done all the same.
    pub(crate) fn leaves_open(&self) -> bool {
        matches!(self, Self::Unreachable(_, Broken::BrokeOff, _) | Self::Unavailable(..))
    }

    /// The same of a part that has so many lines of its file before it.
    pub(crate) fn after_lines(self, lines: u64) -> Self {
        match self {
            Self::Refused(status, problem) => Self::Refused(status, problem.after(lines)),
            other => other,
        }
    }

    /// How long the server asked to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable(.., after) => *after,
            _ => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKey(address) => {
                write!(f, "no API key for {address}\nSet MONOTASK_KEY, or give --key.")
            }
            Self::UnusableKey => {
                f.write_str("the API key has characters that no key has\nCheck MONOTASK_KEY or --key.")
            }
            Self::OptionOfJsonBody(option) => write!(
                f,
                "{option} does not go with a JSON body, which says it itself\nPut it into the file, or submit NDJSON."
            ),
            Self::Unreadable(path, error) => write!(f, "{} cannot be read: {error}", path.display()),
            Self::TooLarge(path) => write!(
                f,
                "{} is larger than {} MiB, the most that a JSON body may have\n{IN_PARTS}",
                path.display(),
                BODY_BYTES >> 20
            ),
            Self::Parts(failure) => failure.fmt(f),
            Self::Triage(failure) => failure.fmt(f),
            Self::Schedule(failure) => failure.fmt(f),
            Self::Unwritable(error) => write!(f, "standard output cannot be written: {error}"),
            Self::NoRandomness => {
                f.write_str("this machine gives no random numbers for an idempotency key\nGive --idempotency-key.")
            }
            Self::Unreachable(address, broken, cause) => unreachable(f, address, *broken, cause),
            Self::Refused(status, problem) => refused(f, *status, problem),
            Self::Unavailable(status, problem, after) => {
                write!(f, "the server cannot serve this now ({status})")?;
                detail(f, problem)?;
                match after {
                    Some(after) => write!(f, "\nTry again in {} s.", after.as_secs()),
                    None => f.write_str("\nTry again in a moment; its logs know more."),
                }
            }
            Self::Unintelligible(address, cause) => write!(
                f,
                "the answer of {address} is not understood: {cause}\n\
                 Is it a MonoTask server of this release? Check MONOTASK_URL or --url."
            ),
        }
    }
}

const IN_PARTS: &str = "Submit NDJSON, which may have any size: jq -c '.tasks[]' FILE > tasks.ndjson";

fn unreachable(f: &mut fmt::Formatter<'_>, address: &Address, broken: Broken, cause: &str) -> fmt::Result {
    match broken {
        Broken::NeverConnected => write!(f, "{address} cannot be reached: {cause}")?,
        Broken::BrokeOff => write!(f, "the connection to {address} broke: {cause}")?,
    }
    if address.is_loopback() {
        f.write_str("\nIs it running? `make dev` starts it here; MONOTASK_URL or --url names another server.")
    } else {
        f.write_str("\nCheck MONOTASK_URL or --url, and the network.")
    }
}

fn refused(f: &mut fmt::Formatter<'_>, status: u16, problem: &Problem) -> fmt::Result {
    refusal(f, status, problem)?;
    let advice = match status {
        401 => "Set MONOTASK_KEY, or give --key, to a key that this server knows.",
        403 => "Use a key with that scope: MONOTASK_KEY or --key.",
        404 => "Check the id, and that MONOTASK_URL or --url names the server it was submitted to.",
        409 if problem.detail.contains("idempotency key") => {
            "An idempotency key stands for one content: give another --idempotency-key, or the same file."
        }
        410 => "It is too old; its results are gone.",
        413 => IN_PARTS,
        400 | 422 => "Nothing was accepted: mend it and submit all of it again.",
        _ => return Ok(()),
    };
    write!(f, "\n{advice}")
}

/// What a refusal says, without advice.
pub(crate) fn refusal(f: &mut fmt::Formatter<'_>, status: u16, problem: &Problem) -> fmt::Result {
    write!(f, "the server refused the request ({status})")?;
    let faults = problem.faults();
    if faults.is_empty() {
        detail(f, problem)?;
    }
    for fault in faults {
        write!(f, "\n  {}", escaped(&fault))?;
    }
    Ok(())
}

fn detail(f: &mut fmt::Formatter<'_>, problem: &Problem) -> fmt::Result {
    if !problem.detail.is_empty() {
        write!(f, ": {}", escaped(&problem.detail))?;
    }
    if !problem.request_id.is_empty() {
        write!(f, " (request {})", escaped(&problem.request_id))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Address {
        Address::DEVELOPMENT.parse().unwrap()
    }

    fn refusal(status: u16) -> String {
        let problem = Problem { detail: "because".to_owned(), request_id: "r1".to_owned(), ..Problem::default() };
        Failure::Refused(status, problem).to_string()
    }

    #[test]
    fn every_refusal_says_what_to_do_next() {
        for (status, advice) in [
            (401, "MONOTASK_KEY"),
            (403, "scope"),
            (404, "MONOTASK_URL"),
            (410, "gone"),
            (413, "Submit NDJSON"),
            (422, "Nothing was accepted"),
        ] {
            let text = refusal(status);
            let first = format!("the server refused the request ({status}): because (request r1)\n");
            assert!(text.starts_with(&first) && text[first.len()..].contains(advice), "{text}");
        }
    }

    #[test]
    fn another_idempotency_key_is_advised_only_where_the_key_is_the_conflict() {
        let conflict = |detail: &str| {
            let problem = Problem { detail: detail.to_owned(), ..Problem::default() };
            Failure::Refused(409, problem).to_string().contains("--idempotency-key")
        };
        assert!(conflict(&domain::ledger::AppendRefusal::OtherContent.to_string()));
        assert!(!conflict("it has ended already"));
    }

    #[test]
    fn what_the_server_says_cannot_move_the_cursor() {
        let problem = Problem::read("{\"detail\":\"a\\u001b[2Jb\",\"errors\":[{\"detail\":\"c\\u001b[2Jd\"}]}");
        let listed = Failure::Refused(422, problem.clone()).to_string();
        let plain = Failure::Refused(422, Problem { errors: Vec::new(), ..problem }).to_string();
        assert!(listed.contains("c\\u{1b}[2Jd") && plain.contains("a\\u{1b}[2Jb"), "{listed} {plain}");
    }

    #[test]
    fn an_unreachable_server_on_this_machine_may_not_be_started() {
        let failure = |address: &str| {
            let address = address.parse().unwrap();
            Failure::Unreachable(address, Broken::NeverConnected, "connection refused".to_owned()).to_string()
        };
        assert!(failure(Address::DEVELOPMENT).contains("make dev"));
        assert!(!failure("https://tasks.example.com").contains("make dev"));
    }

    #[test]
    fn only_what_passes_is_called_again() {
        assert!(Failure::Unreachable(here(), Broken::BrokeOff, String::new()).passes());
        for (status, passes) in [(429, true), (502, true), (503, true), (504, true), (500, false), (501, false)] {
            assert_eq!(Failure::Unavailable(status, Problem::default(), None).passes(), passes, "{status}");
        }
        assert!(!Failure::Refused(404, Problem::default()).passes());
    }

    #[test]
    fn a_reader_that_has_enough_is_no_error() {
        let failure = Failure::Unwritable(io::ErrorKind::BrokenPipe.into());
        assert_eq!(failure.exit(), Exit::Fine);
        assert_eq!(Failure::Unwritable(io::ErrorKind::StorageFull.into()).exit(), Exit::Usage);
    }
}
