//! What Cloudflare publishes of its limits, as far as they bound the whole and not one call: no code of ours can check
//! these before the platform does. Those that our code checks are [`domain::limits`].

use std::time::Duration;

/// Messages that one queue takes, and delivers, in a second; more is refused with "Too Many Requests".
/// <https://developers.cloudflare.com/queues/platform/limits/>
pub const QUEUE_MESSAGES_PER_SECOND: u64 = 5_000;
/// Invocations of one queue's consumer at once (same page).
pub const CONSUMER_INVOCATIONS: u64 = 250;
/// Bytes that may wait in one queue; more is refused with "Storage Limit Exceeded" (same page).
pub const BACKLOG_BYTES: u64 = 25_000_000_000;
/// How long a message waits before the queue forgets it, unless the queue is told otherwise (same page).
pub const RETENTION: Duration = Duration::from_secs(4 * 86_400);
/// CPU time of one invocation, unless it is told otherwise.
/// <https://developers.cloudflare.com/workers/platform/limits/#cpu-time>
pub const INVOCATION_CPU: Duration = Duration::from_secs(30);
/// Requests that one invocation may make.
/// <https://developers.cloudflare.com/workers/platform/limits/#subrequests>
pub const SUBREQUESTS: u64 = 10_000;
/// Requests that one Durable Object serves in a second, a soft limit.
/// <https://developers.cloudflare.com/durable-objects/platform/limits/>
pub const OBJECT_REQUESTS_PER_SECOND: u64 = 1_000;
/// Bytes of one D1 database, which runs one query at a time.
/// <https://developers.cloudflare.com/d1/platform/limits/>
pub const DATABASE_BYTES: u64 = 10_000_000_000;
/// What one million queue operations cost, in dollars. A message is three: written, read, deleted, each for every 64 KB.
/// <https://developers.cloudflare.com/queues/platform/pricing/>
pub const DOLLARS_PER_MILLION_OPERATIONS: f64 = 0.40;
