//! What a call is answered with.

use domain::calls::{LINES, NEXT_INDEX};
use serde::Serialize;
use worker::{Headers, Response, Result};

/// The ending of a call.
pub(crate) enum Answer {
    /// Here it is, as JSON.
    Json(String),
    /// A page of results.
    Page {
        /// As NDJSON.
        lines: Vec<u8>,
        /// How many lines.
        count: usize,
        /// The index to go on from, if there is more.
        next: Option<u32>,
    },
    /// There is no such job, or task.
    Unknown,
    /// Refused for this reason; nothing changed.
    Refused(String),
    /// The job holds as much as it can; nothing changed.
    Full(String),
}

impl Answer {
    pub(crate) fn json(value: &impl Serialize) -> Result<Self> {
        Ok(Self::Json(serde_json::to_string(value)?))
    }

    pub(crate) fn into_response(self) -> Result<Response> {
        match self {
            Self::Json(json) => Response::ok(json),
            Self::Unknown => Response::error("unknown", 404),
            Self::Refused(detail) => Response::error(detail, 409),
            Self::Full(detail) => Response::error(detail, 413),
            Self::Page { lines, count, next } => {
                let headers = Headers::new();
                headers.set(LINES, &count.to_string())?;
                if let Some(next) = next {
                    headers.set(NEXT_INDEX, &next.to_string())?;
                }
                Ok(Response::from_bytes(lines)?.with_headers(headers))
            }
        }
    }
}
