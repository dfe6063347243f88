//! How much of this isolate's memory generators may hold at once: ticks and runs by hand share it with each other.

use domain::limits::BODY_BYTES;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Bytes of tasks: two of the largest firings. Each is packed into about as many again.
const BYTES: usize = 2 * BODY_BYTES;
static ROOM: Semaphore = Semaphore::const_new(BYTES);

/// URLs that are asked at once, of the six connections of an invocation.
/// <https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections>
static URLS: Semaphore = Semaphore::const_new(4);

/// The right to hold tasks; given back when dropped.
#[derive(Debug)]
pub(crate) struct Room(#[expect(dead_code, reason = "held, not read")] Option<SemaphorePermit<'static>>);

/// Waits for room for `bytes`; no firing is larger than a submission may be.
pub(crate) async fn room(bytes: usize) -> Room {
    let bytes = u32::try_from(bytes.min(BODY_BYTES)).unwrap_or(u32::MAX);
    // The semaphore is never closed.
    Room(ROOM.acquire_many(bytes).await.ok())
}

/// Waits for one's turn to ask a URL.
pub(crate) async fn turn() -> Room {
    Room(URLS.acquire().await.ok())
}
