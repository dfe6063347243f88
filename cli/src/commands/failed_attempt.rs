//! What went wrong, as the server says it.

use std::fmt;

use serde::Deserialize;

/// One failed attempt of a task.
#[derive(Debug, Deserialize)]
pub(super) struct FailedAttempt {
    attempt: u32,
    at: String,
    error: ErrorView,
}

/// What went wrong in it.
#[derive(Debug, Deserialize)]
pub(super) struct ErrorView {
    class: String,
    message: String,
}

impl fmt::Display for FailedAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "attempt {} at {}: {}", self.attempt, self.at, self.error)
    }
}

impl fmt::Display for ErrorView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.class, self.message)
    }
}
