//! What a replay is asked to do.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::patch::Patch;
use crate::failure::Failure;
use crate::output::tell;
use crate::server::{Post, Server};

/// What is asked of the server.
#[derive(Debug, Serialize)]
pub(super) struct Order<'a> {
    pub(super) filter: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) patch: Option<&'a Patch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) canary: Option<Canary<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rate: Option<u32>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) force: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) dry_run: bool,
}

/// Which letters run first.
#[derive(Debug, Serialize)]
pub(super) struct Canary<'a> {
    pub(super) stages: &'a [u32],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) halt_above: Option<f64>,
}

impl Order<'_> {
    /// The server's answer. Without a key it must be a dry run: it may be sent more than once.
    pub(super) fn send(&self, server: &Server, idempotency_key: Option<&str>) -> Result<String, Failure> {
        let body = json!(self).to_string();
        let url = server.address().join("/v1/dead-letters/replay", &[]);
        let post = Post { url, content_type: "application/json", idempotency_key, body: body.as_bytes() };
        server.post(&post, &tell)
    }
}
