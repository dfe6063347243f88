//! What discard and restore have in common: many letters change their state in one call, and nothing runs.

use serde::Deserialize;
use serde_json::json;

use super::selection::{Act, Selection};
use crate::failure::Failure;
use crate::moment::now;
use crate::output::tell;
use crate::server::{Post, Server};

/// What the server changed.
#[derive(Debug, Deserialize)]
pub(super) struct Changed {
    /// How many letters.
    pub(super) count: u64,
    /// Where the journal has it; missing if nothing was changed.
    pub(super) journal: Option<u64>,
}

/// Does `act` with the letters that are selected: the server's answer, and what it says.
pub(super) fn change(server: &Server, act: Act, selection: &Selection) -> Result<(String, Changed), Failure> {
    let body = json!({ "filter": selection.body(act, now())? }).to_string();
    let post = Post {
        url: server.address().join(&format!("/v1/dead-letters/{act}"), &[]),
        content_type: "application/json",
        idempotency_key: None,
        body: body.as_bytes(),
    };
    // Called again it would count only what the first call left.
    let answer = server.post_once(&post).inspect_err(|failure| {
        if failure.leaves_open() {
            tell(
                "it is not known how many letters were changed: `monotask journal` says it, \
                 and the same command again does the rest",
            );
        }
    })?;
    let changed = server.parse(&answer)?;
    Ok((answer, changed))
}
