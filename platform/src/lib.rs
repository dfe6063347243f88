//! What the Workers share of the runtime: the one crate besides them that names `worker`.

mod clock;
mod database;
mod digest;
mod environment;
pub mod guard;
mod idempotency;
pub mod index;
pub mod ledger;
pub mod logs;
mod memory;
pub mod messages;
mod pieces;
mod problem;
pub mod query;
mod queues;
mod random;
mod retry;
pub mod storage;
mod timeout;

pub use clock::now;
pub use database::Database;
pub use digest::sha256_hex;
pub use environment::{PlatformError, environment, settings};
pub use idempotency::idempotency_key;
pub use memory::memory;
pub use pieces::Pieces;
pub use problem::Problem;
pub use queues::send;
pub use random::{fill, rng};
pub use retry::{retry, retry_after};
pub use timeout::{Elapsed, timeout};
