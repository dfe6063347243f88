//! A job in one request, all or nothing.

use super::{Accepted, BodyFormat, Submit};
use crate::failure::Failure;
use crate::interrupt::on_interrupt;
use crate::output::tell;
use crate::server::{Post, Server};

/// Submits `body` and gives what the server said.
pub(super) fn submit(
    server: &Server,
    submit: &Submit,
    query: &[(&str, String)],
    body: &[u8],
) -> Result<(String, Accepted), Failure> {
    let idempotency_key = submit.key()?;
    let post = Post {
        url: server.address().join("/v1/jobs", query),
        content_type: match submit.body_format() {
            BodyFormat::Ndjson => "application/x-ndjson",
            BodyFormat::Json => "application/json",
        },
        idempotency_key: Some(&idempotency_key),
        body,
    };
    let not_known = format!(
        "it is not known whether the job was accepted; this is safe in any case:\n  \
         monotask submit {} --idempotency-key {idempotency_key}  (with the same other options)",
        submit.file.display()
    );
    let last_words = not_known.clone();
    on_interrupt(move || tell(&format!("stopped: {last_words}")));
    let answer = server.post(&post, &tell).inspect_err(|failure| {
        if failure.leaves_open() {
            tell(&not_known);
        }
    })?;
    // From here on there is nothing to be repeated.
    on_interrupt(|| {});
    let accepted = server.parse(&answer)?;
    Ok((answer, accepted))
}
