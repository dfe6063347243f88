//! Where a dead letter is, by name.

use serde::{Deserialize, Serialize};

/// Where a dead letter is; what may follow what is in [`Origin`](crate::origin::Origin).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LetterState {
    /// It waits to be replayed or discarded.
    Open,
    /// A task that replays it is under way.
    Replayed,
    /// A replay of it succeeded.
    Resolved,
    /// An operator gave it up; it may be restored.
    Discarded,
}

impl LetterState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Open, Self::Replayed, Self::Resolved, Self::Discarded];

    /// The state's name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Replayed => "replayed",
            Self::Resolved => "resolved",
            Self::Discarded => "discarded",
        }
    }
}
