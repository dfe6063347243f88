//! What this Worker's routes and the objects of replays say to each other. Both are of one release.

use domain::replay::Request;
use serde::{Deserialize, Serialize};

/// The answer to a replay that was asked for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Begun {
    /// It began.
    Began {
        /// Its items.
        count: u32,
    },
    /// It had begun before; nothing changed.
    Repeat {
        /// Its items.
        count: u32,
    },
    /// The same key came with another request; nothing changed.
    OtherContent,
    /// There is nothing to replay; nothing began.
    Nothing,
    /// There is too much to replay; nothing began.
    TooMany,
}

/// A replay that is asked for: how many items it has, and their lane, the object finds.
pub(crate) type Create = Request;
