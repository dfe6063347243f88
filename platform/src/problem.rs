//! Errors as callers see them: `application/problem+json`, RFC 9457.

use domain::calls::JOB_FULL;
use domain::page::MadeUpCursor;
use domain::quota::Exceeded;
use domain::submission::{Fault, Refusal, summary};
use serde::Serialize;
use worker::{Headers, Response, Result};

use crate::PlatformError;
use crate::ledger::{LedgerError, Refused};

/// Why a request is not served. The one place where errors become HTTP statuses.
#[derive(Debug)]
pub enum Problem {
    /// 400: nobody can read it.
    Unreadable(Vec<Fault>),
    /// 401: no key, or an unknown one.
    Unauthorized,
    /// 403: the key lacks the scope.
    Forbidden(&'static str),
    /// 403: in development, a request of another machine's page or name.
    Stranger,
    /// 404: there is no such thing.
    NotFound(String),
    /// 405: not this method; these are allowed.
    MethodNotAllowed(&'static str),
    /// 409: it contradicts what is there.
    Conflict(String),
    /// 410: it was there and is deleted.
    Expired(String),
    /// 412: it was changed meanwhile, or is not there, or is.
    Precondition(String),
    /// 413: the body is too large.
    TooLarge(String),
    /// 413: the job takes no more; the rest goes to another one.
    JobFull(String),
    /// 415: not a content type that is understood here.
    ContentType(String),
    /// 422: understood, but wrong.
    Wrong(Vec<Fault>),
    /// 422: tasks that are understood, but wrong.
    Refused(Vec<Fault>),
    /// 429: too much is under way here.
    Busy,
    /// 429: a quota is used up.
    Quota(Exceeded),
    /// 503: a part of the platform is down.
    Unavailable,
}

/// Seconds after which a caller may try again while a part of the platform is down.
const RETRY_AFTER: &str = "5";

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    /// What programs go by, where the status does not say it all.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    detail: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
}

impl Problem {
    /// The query parameter or field `field` is wrong in the way `detail` says.
    pub fn wrong(field: &str, detail: impl Into<String>) -> Self {
        Self::Wrong(vec![Fault::new(field, detail)])
    }

    /// A request that asks for no tasks is refused.
    pub fn of_request(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unreadable(faults) => Self::Unreadable(faults),
            Refusal::Wrong(faults) => Self::Wrong(faults),
        }
    }

    /// The problem as an answer.
    ///
    /// # Errors
    /// What the runtime says.
    pub fn into_response(self, request_id: &str) -> Result<Response> {
        let (status, title) = self.status();
        let headers = Headers::new();
        headers.set("content-type", "application/problem+json")?;
        match &self {
            Self::Unauthorized => headers.set("www-authenticate", "Bearer")?,
            Self::MethodNotAllowed(methods) => headers.set("allow", methods)?,
            Self::Unavailable => headers.set("retry-after", RETRY_AFTER)?,
            Self::Busy => headers.set("retry-after", "1")?,
            Self::Quota(exceeded) => headers.set("retry-after", &exceeded.retry_after.to_string())?,
            _ => {}
        }
        let code = self.code();
        let (detail, errors) = self.into_detail();
        let body = Body { r#type: "about:blank", title, status, code, detail: &detail, request_id, errors };
        Ok(Response::ok(serde_json::to_string(&body)?)?.with_status(status).with_headers(headers))
    }

    fn code(&self) -> Option<&'static str> {
        match self {
            Self::JobFull(_) => Some(JOB_FULL),
            Self::Quota(_) => Some("quota_exceeded"),
            _ => None,
        }
    }

    fn status(&self) -> (u16, &'static str) {
        match self {
            Self::Unreadable(_) => (400, "Bad Request"),
            Self::Unauthorized => (401, "Unauthorized"),
            Self::Forbidden(_) | Self::Stranger => (403, "Forbidden"),
            Self::NotFound(_) => (404, "Not Found"),
            Self::MethodNotAllowed(_) => (405, "Method Not Allowed"),
            Self::Conflict(_) => (409, "Conflict"),
            Self::Expired(_) => (410, "Gone"),
            Self::Precondition(_) => (412, "Precondition Failed"),
            Self::TooLarge(_) | Self::JobFull(_) => (413, "Content Too Large"),
            Self::ContentType(_) => (415, "Unsupported Media Type"),
            Self::Wrong(_) | Self::Refused(_) => (422, "Unprocessable Content"),
            Self::Busy | Self::Quota(_) => (429, "Too Many Requests"),
            Self::Unavailable => (503, "Service Unavailable"),
        }
    }

    fn into_detail(self) -> (String, Vec<Fault>) {
        match self {
            Self::Unreadable(faults) => (format!("the body cannot be read: {}", summary(&faults)), faults),
            Self::Wrong(faults) => (format!("the request is wrong: {}", summary(&faults)), faults),
            Self::Refused(faults) => (format!("nothing was accepted: {}", summary(&faults)), faults),
            Self::Unauthorized => ("give a known key: Authorization: Bearer <key>".to_owned(), Vec::new()),
            Self::Forbidden(scope) => (format!("the key lacks the scope {scope}"), Vec::new()),
            Self::Stranger => {
                ("in development only this machine is served: call 127.0.0.1 or localhost".to_owned(), Vec::new())
            }
            Self::MethodNotAllowed(methods) => (format!("allowed here: {methods}"), Vec::new()),
            Self::Busy => ("too many large requests at once; nothing was accepted, try again".to_owned(), Vec::new()),
            Self::Quota(exceeded) => (exceeded.to_string(), Vec::new()),
            Self::Unavailable => ("a part of the platform is down; try again".to_owned(), Vec::new()),
            Self::NotFound(detail)
            | Self::Conflict(detail)
            | Self::Expired(detail)
            | Self::Precondition(detail)
            | Self::TooLarge(detail)
            | Self::JobFull(detail)
            | Self::ContentType(detail) => (detail, Vec::new()),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unreadable(faults) => Self::Unreadable(faults),
            Refusal::Wrong(faults) => Self::Refused(faults),
        }
    }
}

impl From<Exceeded> for Problem {
    fn from(exceeded: Exceeded) -> Self {
        Self::Quota(exceeded)
    }
}

impl From<MadeUpCursor> for Problem {
    fn from(error: MadeUpCursor) -> Self {
        Self::wrong("cursor", error.to_string())
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Unknown => Self::NotFound("there is no such job or task".to_owned()),
            LedgerError::Refused(Refused::Conflict(detail)) => Self::Conflict(detail),
            LedgerError::Refused(Refused::Full(detail)) => Self::JobFull(detail),
            LedgerError::Unavailable(error) => {
                tracing::error!(%error, "ledger unavailable");
                Self::Unavailable
            }
        }
    }
}

impl From<PlatformError> for Problem {
    fn from(error: PlatformError) -> Self {
        tracing::error!(%error, "this Worker is not set up");
        Self::Unavailable
    }
}

impl From<worker::Error> for Problem {
    fn from(error: worker::Error) -> Self {
        tracing::error!(%error, "the runtime failed");
        Self::Unavailable
    }
}
