//! Why dead letters were not looked at, or not acted on.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::selection::Act;
use crate::exit::Exit;
use crate::failure::{Failure, refusal};
use crate::problem::Problem;

/// Why dead letters were not looked at, or not acted on.
#[derive(Debug)]
pub(crate) enum TriageFailure {
    /// Nothing says which letters are meant.
    NothingSelected(Act),
    /// An act is on letters in one state.
    AnyState(Act),
    /// Nobody is there to be asked.
    NobodyToAsk,
    /// A file cannot be written.
    Unwritable(PathBuf, io::Error),
    /// The server did not accept the filter, or what to do.
    Refused(u16, Problem),
}

impl TriageFailure {
    /// The same failure, with advice that fits where the request was about dead letters.
    pub(in crate::commands) fn of(failure: Failure) -> Failure {
        match failure {
            Failure::Refused(status @ (400 | 409 | 413 | 422), problem) => Self::Refused(status, problem).into(),
            other => other,
        }
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NothingSelected(_) | Self::AnyState(_) | Self::NobodyToAsk | Self::Unwritable(..) => Exit::Usage,
            Self::Refused(..) => Exit::Refused,
        }
    }
}

impl From<TriageFailure> for Failure {
    fn from(failure: TriageFailure) -> Self {
        Self::Triage(Box::new(failure))
    }
}

impl fmt::Display for TriageFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingSelected(act) => write!(
                f,
                "nothing says which dead letters to {act}\n\
                 Give a filter such as --fingerprint, or --task; --all is every one that is {}.",
                act.state()
            ),
            Self::AnyState(act) => write!(
                f,
                "only letters that are {} can be {}\nLeave --state any out; it is for looking.",
                act.state(),
                act.done()
            ),
            Self::NobodyToAsk => f.write_str(
                "a replay asks before it begins, and standard input is not a terminal\n\
                 Add --yes to replay without being asked, or --dry-run to look only.",
            ),
            Self::Unwritable(path, error) => write!(f, "{} cannot be written: {error}", path.display()),
            Self::Refused(status, problem) => {
                refusal(f, *status, problem)?;
                f.write_str(match status {
                    409 if problem.detail.contains("idempotency key") => {
                        "\nAn idempotency key stands for one replay: give another --idempotency-key, or the same options."
                    }
                    409 => "\nNothing was changed: `monotask replays list` shows where each replay is.",
                    413 => "\nNothing was changed: it is too large. Make the patch smaller, or name fewer tasks.",
                    _ => "\nNothing was changed: mend it and try again. `monotask dead groups` shows what there is.",
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_says_what_to_do_next() {
        let refused = |status| TriageFailure::Refused(status, Problem::default());
        for (failure, exit, advice) in [
            (TriageFailure::NothingSelected(Act::Replay), Exit::Usage, "--all is every one that is open"),
            (TriageFailure::NothingSelected(Act::Restore), Exit::Usage, "--all is every one that is discarded"),
            (TriageFailure::AnyState(Act::Restore), Exit::Usage, "can be restored\nLeave --state any out"),
            (TriageFailure::NobodyToAsk, Exit::Usage, "--yes"),
            (refused(422), Exit::Refused, "mend it"),
            (refused(413), Exit::Refused, "smaller"),
            (refused(409), Exit::Refused, "monotask replays list"),
        ] {
            let text = failure.to_string();
            assert!(text.contains(advice) && failure.exit() == exit, "{text}");
        }
    }

    #[test]
    fn only_what_can_be_mended_is_told_as_such() {
        let refused = |status| TriageFailure::of(Failure::Refused(status, Problem::default()));
        assert!(matches!(refused(422), Failure::Triage(_)));
        assert!(matches!(refused(404), Failure::Refused(404, _)));
    }
}
