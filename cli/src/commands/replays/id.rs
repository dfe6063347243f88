//! The id of a replay.

use std::fmt;
use std::str::FromStr;

use domain::id::JobId;
use serde::Deserialize;

/// A replay: 32 lower-case hexadecimal digits, as a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct ReplayId(JobId);

/// Text that is not the id of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a replay: 32 lower-case hexadecimal digits, as `monotask replays list` shows them")]
pub(crate) struct UnreadableReplayId;

impl ReplayId {
    /// Where the server has it.
    pub(super) fn path(self) -> String {
        format!("/v1/replays/{self}")
    }
}

impl FromStr for ReplayId {
    type Err = UnreadableReplayId;

    fn from_str(text: &str) -> Result<Self, UnreadableReplayId> {
        text.parse().map(Self).map_err(|_| UnreadableReplayId)
    }
}

impl fmt::Display for ReplayId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
