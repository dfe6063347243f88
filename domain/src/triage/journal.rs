//! The journal: what operators did, when, and how to take it back. Entries are added and never changed.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::id::ReplayId;
use crate::time::{Timestamp, rfc3339};

/// What an operator did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Began a replay.
    Replay,
    /// Had a replay go on that had halted.
    Resume,
    /// Canceled a replay.
    Cancel,
    /// Gave dead letters up.
    Discard,
    /// Took that back.
    Restore,
}

impl Action {
    /// The action's name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Replay => "replay",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
            Self::Discard => "discard",
            Self::Restore => "restore",
        }
    }
}

/// An entry to be added, by a replay: it knows how many letters it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewEntry {
    /// When.
    pub at: Timestamp,
    /// The API key's id.
    pub key: String,
    /// What.
    pub action: Action,
    /// Letters that it is about.
    pub count: u32,
    /// How many entries the replay made before: the same one is added once.
    pub number: u32,
}

/// An entry as the database answers it.
#[derive(Debug, Deserialize)]
pub struct EntryRow(u32, Timestamp, String, Action, Option<Box<RawValue>>, u32, Option<ReplayId>);

/// An entry as callers read it.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Its number, counted up.
    pub entry: u32,
    /// When.
    #[serde(with = "rfc3339")]
    pub at: Timestamp,
    /// The API key's id.
    pub key: String,
    /// What.
    pub action: Action,
    /// Which letters; null where a replay says.
    pub filter: Option<Box<RawValue>>,
    /// Letters that it was about.
    pub count: u32,
    /// The replay that it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay: Option<ReplayId>,
    /// How to take it back.
    pub undo: String,
}

impl EntryRow {
    /// The entry that it is.
    pub fn into_entry(self) -> Entry {
        let Self(entry, at, key, action, filter, count, replay) = self;
        let of = replay.map(|replay| replay.to_string()).unwrap_or_default();
        let undo = match action {
            Action::Discard => format!(r#"POST /v1/dead-letters/restore {{"filter":{{"journal":{entry}}}}}"#),
            Action::Restore => format!(r#"POST /v1/dead-letters/discard {{"filter":{{"journal":{entry}}}}}"#),
            Action::Replay | Action::Resume => format!("POST /v1/replays/{of}/cancel takes back what has not run"),
            Action::Cancel => format!(
                "what was taken back is open again: POST /v1/dead-letters/replay with the filter of replay {of}"
            ),
        };
        Entry { entry, at, key, action, filter, count, replay, undo }
    }
}
