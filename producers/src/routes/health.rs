//! `GET /v1/health`: needs no key and asks no other part.

use platform::Problem;
use worker::Response;

pub(crate) fn get() -> Result<Response, Problem> {
    super::json(200, &serde_json::json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}
