//! Triage under load: 100,000 open dead letters, how fast they are indexed, found, archived and replayed, and what that
//! costs where the platform counts.

pub mod archiving;
pub mod figure;
pub mod index;
pub mod letters;
pub mod operations;
pub mod pages;
pub mod replay;

use crate::pipeline::{Pipeline, Setup};

/// A pipeline behind the probe that logs what each invocation asked of KV and D1.
pub fn pipeline() -> Pipeline {
    Setup::new().probed().env("LOG_LEVEL", "debug").start()
}
