//! The list of replays.

use super::Statement;
use crate::id::ReplayId;
use crate::time::Timestamp;

/// Tells the index where a replay is. What comes late never overwrites what is newer.
pub fn tell_replay(replay: ReplayId, created_at: Timestamp, version: u32, view: &str) -> Statement {
    Statement::new(
        "INSERT INTO replays (replay, created_at, version, view) VALUES (?, ?, ?, ?) ON CONFLICT (replay) \
         DO UPDATE SET created_at = excluded.created_at, version = excluded.version, view = excluded.view \
         WHERE (replays.created_at, replays.version) < (excluded.created_at, excluded.version)",
    )
    .bind(replay.to_string())
    .bind(created_at.as_millis())
    .bind(version)
    .bind(view)
}

/// Takes a replay off the list that is deleted.
pub fn forget_replay(replay: ReplayId) -> Statement {
    Statement::new("DELETE FROM replays WHERE replay = ?").bind(replay.to_string())
}

/// Replays, newest first, each as it was last told: `[replay, created_at, whether it has ended, view]`. `after` is when the
/// last one shown was asked for, and its id.
pub fn replays(after: Option<&(u64, ReplayId)>, limit: u32) -> Statement {
    let mut statement = Statement::new(
        "SELECT json_array(replay, created_at, view->>'completed_at' IS NOT NULL, json(view)) AS text FROM replays",
    );
    if let Some((created_at, replay)) = after {
        statement = statement.and(" WHERE (created_at, replay) < (?, ?)").bind(*created_at).bind(replay.to_string());
    }
    statement.and(" ORDER BY created_at DESC, replay DESC LIMIT ?").bind(limit)
}
