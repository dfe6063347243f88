//! Waiting for something, but not forever.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use worker::Delay;

/// The time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no answer within {0:?}")]
pub struct Elapsed(pub Duration);

/// Waits for `future` for at most `limit`.
///
/// # Errors
/// [`Elapsed`].
pub async fn timeout<F: Future>(limit: Duration, future: F) -> Result<F::Output, Elapsed> {
    match select(pin!(future), pin!(Delay::from(limit))).await {
        Either::Left((output, _)) => Ok(output),
        Either::Right(_) => Err(Elapsed(limit)),
    }
}
