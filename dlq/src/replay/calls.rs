//! What this Worker's routes and the objects of replays say to each other. Both are of one release.

use domain::id::TaskId;
use domain::replay::{ItemVerdict, Request};
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

/// An operator's word to a replay.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Word {
    /// The API key's id.
    pub(crate) key: String,
}

/// A page of items.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Items {
    pub(crate) items: Vec<Item>,
    /// The item that the next page begins with, if there is more.
    pub(crate) next: Option<u32>,
}

/// An item.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) task: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) replay_task: Option<TaskId>,
    pub(crate) verdict: ItemVerdict,
    /// The cause of its next death.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fingerprint: Option<String>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
}

/// A replay that is asked for: how many items it has, and their lane, the object finds.
pub(crate) type Create = Request;
