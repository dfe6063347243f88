//! What became of one run of one system.

use std::collections::BTreeMap;

use serde::Serialize;

/// How a run ended.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome<T> {
    /// Every task was done, and seen to be.
    Done(T),
    /// The system lost tasks or came to a halt.
    Broke {
        /// In its own words.
        problem: String,
    },
    /// It cannot run here.
    Skipped {
        /// What is missing, and where it comes from.
        why: String,
    },
}

impl<T> Outcome<T> {
    /// The figures of a run that ended well.
    pub fn done(&self) -> Option<&T> {
        match self {
            Self::Done(figures) => Some(figures),
            Self::Broke { .. } | Self::Skipped { .. } => None,
        }
    }

    /// Why a run has no figures.
    pub fn why_not(&self) -> Option<&str> {
        match self {
            Self::Done(_) => None,
            Self::Broke { problem } => Some(problem),
            Self::Skipped { why } => Some(why),
        }
    }
}

/// What many tasks at once took.
#[derive(Clone, Debug, Serialize)]
pub struct Bulk {
    /// From the first byte until all tasks were promised, in ms.
    pub accepted_ms: f64,
    /// From the first byte until all were done and counted, in ms.
    pub settled_ms: f64,
    /// The most memory that the serving processes had in use together, in bytes.
    pub memory: u64,
    /// Tasks that ran more than once.
    pub repeated: u64,
    /// Only of MonoTask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger: Option<Ledger>,
}

/// The ledger of a job that has ended.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Ledger {
    /// Its size on disk, in bytes.
    pub bytes: u64,
    /// What `GET /v1/jobs/{job}` takes, in ms: the median of many.
    pub status_ms: f64,
}

/// How long single tasks took, one after the other, from submission until seen to be done, in ms, sorted.
#[derive(Clone, Debug, Serialize)]
pub struct Latencies {
    /// Each task's.
    pub ms: Vec<f64>,
}

/// What a system is made of and how it is set, in its own words.
#[derive(Clone, Debug, Default, Serialize, PartialEq, Eq)]
pub struct About {
    /// Program → version.
    pub versions: BTreeMap<String, String>,
    /// Setting → value.
    pub settings: BTreeMap<String, String>,
}
