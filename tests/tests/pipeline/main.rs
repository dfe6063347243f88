//! The whole pipeline on the real runtime, driven by HTTP: one module a subject.
//!
//! Most tests share one pipeline and run side by side; a test that needs keys, secrets or faults of its own, or that
//! kills something, starts its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what it did not expect")]
#![allow(clippy::disallowed_methods, reason = "tests run on the machine, where clocks work")]

mod callbacks;
mod cost;
mod dead_letters;
mod delivery;
mod development;
mod endings;
mod expiry;
mod foreign_messages;
mod http_requests;
mod idempotency;
mod keys;
mod limits;
mod listing;
mod malformed_messages;
mod memory;
mod other_releases;
mod outcomes;
mod panics;
mod parts;
mod poison;
mod privacy;
mod probe;
mod queues;
mod quotas;
mod recovery;
mod refusals;
mod results;
mod retries;
mod runtime;
mod schedules;
mod second_net;
mod signatures;
mod triage;
mod triage_cost;

use std::time::Duration;

/// How long anything may take that should take a moment: the machine may be busy.
const SOON: Duration = Duration::from_secs(30);
