//! What is compared.

use std::io;
use std::panic::{self, AssertUnwindSafe};

use crate::monotask;
use crate::outcome::{About, Bulk, Latencies, Outcome};
use crate::peer::{PEERS, Peer};
use crate::work::Work;

/// One of the systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// This project.
    MonoTask,
    /// Another.
    Peer(Peer),
}

/// How a run ended, also if it panicked: what it did not expect is a fault of the system that it drives.
fn ended<T>(run: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let problem = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Outcome::Broke { problem: problem.unwrap_or_else(|| "it panicked".to_owned()) }
    })
}

impl System {
    /// All of them, MonoTask first.
    pub fn all() -> Vec<Self> {
        std::iter::once(Self::MonoTask).chain(PEERS.map(Self::Peer)).collect()
    }

    /// Its name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::MonoTask => "monotask",
            Self::Peer(peer) => peer.name,
        }
    }

    /// Its name in tables.
    pub fn title(self) -> &'static str {
        match self {
            Self::MonoTask => monotask::TITLE,
            Self::Peer(peer) => peer.title,
        }
    }

    /// Has it do `work`; a peer says what it is made of.
    ///
    /// # Errors
    /// A peer's program that does not keep to the rules.
    pub fn bulk(self, work: Work) -> io::Result<(Outcome<Bulk>, Option<About>)> {
        match self {
            Self::MonoTask => Ok((ended(|| monotask::bulk(work)), Some(monotask::about()))),
            Self::Peer(peer) => peer.bulk(work),
        }
    }

    /// Has it do `tasks` single tasks one after the other.
    ///
    /// # Errors
    /// As [`Self::bulk`].
    pub fn latency(self, tasks: u32) -> io::Result<Outcome<Latencies>> {
        match self {
            Self::MonoTask => Ok(ended(|| monotask::latency(tasks))),
            Self::Peer(peer) => peer.latency(tasks),
        }
    }
}
