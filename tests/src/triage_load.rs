//! Triage under load: 100,000 open dead letters, how fast they are indexed, found, archived and replayed, and what that
//! costs where the platform counts.

pub mod archiving;
pub mod figure;
pub mod index;
pub mod letters;
pub mod night;
pub mod operations;
pub mod pages;
pub mod replay;

use domain::time::Timestamp;

use crate::pipeline::{Pipeline, Setup};

/// The time on this machine, by which the local runtime goes too.
#[expect(clippy::disallowed_methods, reason = "this runs on the machine, where clocks work")]
pub fn now() -> Timestamp {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(now.as_millis()).unwrap_or(0))
}

/// A pipeline behind the probe that logs what each invocation asked of KV and D1.
pub fn pipeline() -> Pipeline {
    Setup::new().probed().env("LOG_LEVEL", "debug").start()
}
