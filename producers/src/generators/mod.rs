//! Generators at work: each makes the tasks of a firing, as NDJSON. What they are made from was checked when the schedule was
//! saved (`domain::generators`).

mod http;
mod tasks;
mod template;

use std::time::Duration;

use domain::generators::{Firing, Generator, TemplateError};
use domain::kinds::Kind;
use domain::kinds::http_request::HostRule;
use domain::room::NoRoom;

use crate::room::Hold;

/// What a firing's tasks are made of.
#[derive(Debug)]
pub(crate) struct Made {
    /// A task per line.
    pub(crate) ndjson: Vec<u8>,
    /// The kind of lines that do not say.
    pub(crate) kind: Option<Kind>,
    /// The right to hold them.
    pub(crate) hold: Hold,
}

/// A generator at work.
pub(crate) trait Generate {
    /// Makes the tasks of `firing`; where it has to go somewhere, to `hosts` only.
    async fn generate(&self, firing: &Firing<'_>, hosts: &HostRule) -> Result<Made, GenerateError>;
}

impl Generate for Generator<'_> {
    async fn generate(&self, firing: &Firing<'_>, hosts: &HostRule) -> Result<Made, GenerateError> {
        match self {
            Self::Tasks(tasks) => tasks.generate(firing, hosts).await,
            Self::Template(template) => template.generate(firing, hosts).await,
            Self::Http(http) => http.generate(firing, hosts).await,
        }
    }
}

/// Why a generator made nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GenerateError {
    /// The template has nothing to fill in.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// It may not ask there.
    #[error("{0}")]
    Refused(String),
    /// Nobody answered.
    #[error("no answer: {0}")]
    Network(worker::Error),
    /// It took too long.
    #[error("the answer was not complete within {} s", .0.as_secs())]
    Slow(Duration),
    /// The answer is no list of tasks.
    #[error("answered {0}")]
    Status(u16),
    /// The answer is larger than a submission may be.
    #[error("the answer is larger than {} bytes", domain::limits::BODY_BYTES)]
    TooLarge,
    /// Other requests hold the memory that it needs.
    #[error("no room for its tasks: {0}")]
    NoRoom(#[from] NoRoom),
}

impl GenerateError {
    /// Whether trying again is of no use.
    pub(crate) fn is_final(&self) -> bool {
        match self {
            Self::Template(_) | Self::Refused(_) | Self::TooLarge | Self::NoRoom(_) => true,
            Self::Network(_) | Self::Slow(_) => false,
            Self::Status(status) => !matches!(status, 408 | 425 | 429 | 500..),
        }
    }
}
