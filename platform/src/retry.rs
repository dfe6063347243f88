//! Calls to the platform that are tried again within one invocation: a queue that is overloaded, an object that is
//! moving, a KV key written twice in a second.

use std::future::Future;
use std::time::Duration;

use backoff::backoff::Backoff;
use backoff::future::{Retry, Sleeper};
use rand::RngExt;
use worker::Delay;
use worker::send::SendFuture;

/// Waits between tries: about 50, 200 and 800 ms; then whoever asked has to live with the error.
const WAITS: [Duration; 3] = [Duration::from_millis(50), Duration::from_millis(200), Duration::from_millis(800)];

/// Tries `call` until it succeeds, fails for good as `is_final` says, or has failed four times.
///
/// # Errors
/// The last one.
pub async fn retry<T, E, F, Fut>(what: &'static str, is_final: fn(&E) -> bool, call: F) -> Result<T, E>
where
    E: std::fmt::Display,
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    retry_after(WAITS.to_vec(), what, is_final, call).await
}

/// The same with waits of the caller's own, each drawn from half of it to one and a half.
///
/// # Errors
/// The last one.
pub async fn retry_after<T, E, F, Fut>(
    waits: Vec<Duration>,
    what: &'static str,
    is_final: fn(&E) -> bool,
    mut call: F,
) -> Result<T, E>
where
    E: std::fmt::Display,
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    let operation = || {
        let attempt = call();
        async move {
            attempt.await.map_err(|error| match is_final(&error) {
                true => backoff::Error::permanent(error),
                false => backoff::Error::transient(error),
            })
        }
    };
    let notify = |error: E, wait: Duration| {
        tracing::warn!(what, %error, wait_ms = wait.as_millis() as u64, "call failed; trying again");
    };
    Retry::new(Sleep, FewTries { waits: waits.into_iter() }, notify, operation).await
}

struct Sleep;

impl Sleeper for Sleep {
    // The runtime has one thread; backoff asks for Send all the same.
    type Sleep = SendFuture<Delay>;

    fn sleep(&self, wait: Duration) -> Self::Sleep {
        SendFuture::new(Delay::from(wait))
    }
}

struct FewTries {
    waits: std::vec::IntoIter<Duration>,
}

impl Backoff for FewTries {
    // A retry is begun once.
    fn reset(&mut self) {}

    fn next_backoff(&mut self) -> Option<Duration> {
        let wait = self.waits.next()?;
        let share = crate::rng().map_or(1.0, |mut rng| rng.random_range(0.5..=1.5));
        Some(wait.mul_f64(share))
    }
}
