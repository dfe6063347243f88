//! The header `Idempotency-Key`.

use worker::Request;

use crate::Problem;

/// The `Idempotency-Key`, if the caller gave one.
///
/// # Errors
/// [`Problem::Wrong`] if it is not what a key may be.
pub fn idempotency_key(request: &Request) -> Result<Option<String>, Problem> {
    let Some(key) = request.headers().get("idempotency-key")? else { return Ok(None) };
    let fits = (1..=255).contains(&key.len()) && key.bytes().all(|b| (0x20..0x7f).contains(&b));
    if fits { Ok(Some(key)) } else { Err(Problem::wrong("Idempotency-Key", "1 to 255 printable ASCII characters")) }
}
