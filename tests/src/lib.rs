//! Drives the whole pipeline on the real runtime: what the tests in `tests/tests/` and the commands `speed`, `cost`, `triage`, `chaos` and `soak` share.
//!
//! A [`pipeline::Pipeline`] is `scripts/dev.mjs` on a port and a state folder of its own, a [`client::Client`] speaks
//! its HTTP, a [`sink::Sink`] is a server that tasks call, an [`archive::Archive`] reads the dead letters,
//! a [`triage::Triage`] is an operator, a [`schedules::Schedules`] keeps schedules.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what it did not expect")]
#![allow(clippy::disallowed_methods, reason = "this runs on the machine, where clocks work")]

pub mod answer;
pub mod archive;
pub mod builds;
pub mod chaos;
pub mod client;
pub mod command_line;
pub mod cost;
pub mod keys;
pub mod load;
pub mod logs;
pub mod memory;
pub mod patience;
pub mod pipeline;
pub mod processes;
pub mod schedules;
pub mod sink;
pub mod soak;
pub mod state;
pub mod triage;
pub mod triage_load;
pub mod unfinished;

use std::path::PathBuf;
use std::process::Command;

/// The folder of the workspace.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A command that runs the Node.js of `package.json`; where that pins none for the platform, the system's own.
pub fn node() -> Command {
    let pinned = root().join("node_modules/.bin/node");
    Command::new(if pinned.exists() { pinned } else { PathBuf::from("node") })
}

/// What the environment says of `name`; `usual` where it says nothing.
///
/// # Panics
/// If it says what cannot be read.
pub fn setting<T: std::str::FromStr>(name: &str, usual: T) -> T {
    match std::env::var(name) {
        Ok(text) if !text.is_empty() => text.parse().unwrap_or_else(|_| panic!("{name} is \"{text}\", not a number")),
        _ => usual,
    }
}
