//! Triage of dead letters: one file a subject. Tests share the index: each looks at the letters of its own jobs only.

mod again;
mod agreement;
mod bad_night;
mod bodies;
mod cursors;
mod discard;
mod filters;
mod journal;
mod killed;
mod late;
mod lists;
mod operators;
mod pacing;
mod queries;
mod refusals;
mod repeats;
mod replays;
mod requests;
mod search;

use serde_json::Value;

/// What takes a filter.
const ACTIONS: [&str; 3] = ["/v1/dead-letters/discard", "/v1/dead-letters/restore", "/v1/dead-letters/replay"];

/// The tasks of `letters`, in order.
fn tasks_of(letters: &[Value]) -> Vec<&str> {
    letters.iter().map(|letter| letter["task"].as_str().unwrap()).collect()
}
