//! What is said to the index, in SQL. Each statement is one transaction by itself; those that belong together are run as
//! one. Every answer is one column of JSON, `text`, so that it is read by `serde_json` alone.

mod archive;
mod condition;
mod journal;
mod lists;
mod moves;
mod replays;

pub use archive::{archive, reap};
pub use journal::{add_entries, journal};
pub use lists::{Frozen, GroupPlace, Groups, ListPlace, Listed, bundles_of, count, frozen, groups, list, records};
pub use moves::{Held, discard, held, reported, restore, still_replayed, take};
pub use replays::{forget_replay, replays, tell_replay};

use crate::statement::{Statement, Value};

use condition::{Condition, TASKS, states};
