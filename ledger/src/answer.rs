//! What a call is answered with.

use domain::calls::NEXT_INDEX;
use serde::Serialize;
use worker::{Headers, Response, Result};

/// The ending of a call.
pub(crate) enum Answer {
    /// Here it is, as JSON.
    Json(String),
    /// A page of results as NDJSON; the index to go on from, if there is more.
    Page(String, Option<u32>),
    /// There is no such job, or task.
    Unknown,
    /// Refused for this reason; nothing changed.
    Refused(String),
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
            Self::Page(lines, next) => {
                let headers = Headers::new();
                if let Some(next) = next {
                    headers.set(NEXT_INDEX, &next.to_string())?;
                }
                Ok(Response::ok(lines)?.with_headers(headers))
            }
        }
    }
}
