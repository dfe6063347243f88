//! The journal.

use super::Statement;
use crate::id::ReplayId;
use crate::triage::NewEntry;

/// Adds the entries of a replay; one that is there already is not added again.
pub fn add_entries(replay: ReplayId, filter: &str, entries: &[NewEntry]) -> Vec<Statement> {
    let add = |entry: &NewEntry| {
        Statement::new(
            "INSERT INTO journal (at, key, action, filter, count, replay, number) VALUES (?, ?, ?, ?, ?, ?, ?) \
             ON CONFLICT (replay, number, at) DO NOTHING",
        )
        .bind(entry.at.as_millis())
        .bind(entry.key.as_str())
        .bind(entry.action.name())
        .bind(filter)
        .bind(entry.count)
        .bind(replay.to_string())
        .bind(entry.number)
    };
    entries.iter().map(add).collect()
}

/// Entries, newest first, before the entry `before`: an [`EntryRow`](crate::triage::EntryRow) each.
pub fn journal(before: Option<u32>, limit: u32) -> Statement {
    let mut statement =
        Statement::new("SELECT json_array(entry, at, key, action, json(filter), count, replay) AS text FROM journal");
    if let Some(before) = before {
        statement = statement.and(" WHERE entry < ?").bind(before);
    }
    statement.and(" ORDER BY entry DESC LIMIT ?").bind(limit)
}
