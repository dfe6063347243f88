//! The kinds of tasks: what each payload must look like.
//!
//! A kind is its payload and check here, its policy in `config/`, and its handler in `consumers/src/handlers/`.

pub mod http_request;
pub mod http_response;
pub mod simulate;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::json_error::{Read, diagnose};
use crate::json_shape::is_object;
use crate::kinds::http_request::HostRule;

/// Which handler runs a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// A signed HTTP request.
    #[serde(rename = "http.request")]
    HttpRequest,
    /// A task that does what its payload says, for development and tests.
    #[serde(rename = "simulate")]
    Simulate,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::HttpRequest, Self::Simulate];

    /// The kind's name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HttpRequest => "http.request",
            Self::Simulate => "simulate",
        }
    }

    /// Checks that `payload`, well-formed JSON, is one this kind can run.
    ///
    /// # Errors
    /// What is wrong with it, and with which field.
    pub fn check(self, payload: &str, hosts: &HostRule) -> Result<(), PayloadError> {
        match self {
            Self::HttpRequest => http_request::check(payload, hosts),
            Self::Simulate => simulate::check(payload),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or(UnknownKind)
    }
}

/// Text that names no kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind")]
pub struct UnknownKind;

/// A payload that its kind refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {detail}")]
pub struct PayloadError {
    /// The field, as a path from the payload; empty for the payload itself.
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
}

impl PayloadError {
    /// `field` is wrong in the way `detail` says.
    pub fn new(field: &str, detail: impl Into<String>) -> Self {
        Self { field: field.to_owned(), detail: detail.into() }
    }
}

/// Reads a payload as `T`; only a refused one is read again, by `again`, to name the field.
pub(crate) fn read<'a, T: Deserialize<'a>>(payload: &'a str, again: Read) -> Result<T, PayloadError> {
    let read = serde_json::from_str(payload).map_err(|_| match diagnose(payload, again) {
        Some(found) => PayloadError { field: found.field, detail: found.detail },
        None => PayloadError::new("", "unreadable"),
    })?;
    if is_object(payload) { Ok(read) } else { Err(PayloadError::new("", "not an object")) }
}
