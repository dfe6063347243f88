//! What the Workers share of the runtime: the one crate besides them that names `worker`.

mod clock;
mod digest;
mod environment;
pub mod guard;
pub mod index;
pub mod ledger;
pub mod logs;
pub mod messages;
mod queues;
mod random;
mod retry;
pub mod storage;
mod timeout;

pub use clock::now;
pub use digest::sha256_hex;
pub use environment::{PlatformError, environment, settings};
pub use queues::send;
pub use random::{fill, rng};
pub use retry::retry;
pub use timeout::{Elapsed, timeout};
