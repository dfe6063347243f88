//! `GET /v1/health`: needs no key and asks no other part.

use platform::Problem;
use worker::Response;

pub(crate) fn get() -> Result<Response, Problem> {
    super::text(200, concat!(r#"{"status":"ok","version":""#, env!("CARGO_PKG_VERSION"), r#""}"#).to_owned())
}
