//! Runs as callers ask for them.

use serde::Deserialize;

use crate::id::JobId;
use crate::schedule::{Outcome, RunView, ScheduleName};
use crate::statement::Statement;
use crate::time::Timestamp;

/// A run as stored: fire time, when it ended, how, why, and its job. An array, as all rows.
#[derive(Debug, Deserialize)]
pub struct RunRow(u64, u64, Outcome, Option<String>, Option<JobId>);

impl RunRow {
    /// Where the page after this row begins.
    pub fn place(&self) -> u64 {
        self.0
    }

    /// The run as callers read it.
    pub fn into_view(self) -> RunView {
        let Self(planned_at, fired_at, outcome, reason, job) = self;
        RunView {
            planned_at: Timestamp::from_millis(planned_at),
            fired_at: Timestamp::from_millis(fired_at),
            lateness_ms: fired_at.saturating_sub(planned_at),
            outcome,
            reason,
            job,
        }
    }
}

/// Runs that have ended, newest fire time first, from before `before` on.
pub fn runs(name: &ScheduleName, before: Option<u64>, limit: u32) -> Statement {
    let mut select = Statement::new(
        "SELECT json_array(planned_at, fired_at, outcome, reason, job) AS text FROM runs \
         WHERE schedule = ? AND outcome <> 'pending'",
    )
    .bind(name.as_str());
    if let Some(before) = before {
        select = select.and(" AND planned_at < ?").bind(before);
    }
    select.and(" ORDER BY planned_at DESC LIMIT ?").bind(limit)
}

/// Has `times` fire after all, unless they did or are about to. Answers a row for each that will.
pub fn backfill(name: &ScheduleName, times: &[Timestamp]) -> Statement {
    Statement::new(
        "INSERT INTO runs (schedule, planned_at, outcome, due_at, backfill) \
         SELECT name, t.value, 'pending', t.value, 1 FROM json_each(?) AS t JOIN schedules ON name = ? WHERE true \
         ON CONFLICT (schedule, planned_at) DO UPDATE SET outcome = 'pending', due_at = excluded.due_at, backfill = 1, \
         reason = NULL, fired_at = NULL, recorded_at = NULL WHERE runs.outcome IN ('skipped', 'failed') \
         RETURNING json_array(planned_at) AS text",
    )
    .bind(serde_json::to_string(times).unwrap_or_default())
    .bind(name.as_str())
}

/// Removes a run that a caller asked for and was told that it was not made.
pub fn remove_run(name: &ScheduleName, at: Timestamp) -> Statement {
    Statement::new("DELETE FROM runs WHERE schedule = ? AND planned_at = ? AND outcome = 'pending'")
        .bind(name.as_str())
        .bind(at.as_millis())
}

/// Adds a run that a caller asked for now, at `at` or, if that is taken, at the first millisecond after that is not: pending
/// until `lease`, when a tick takes it if whoever made it died. Fire times are whole minutes: no run by hand takes the place of
/// one. `keyed` is the job that it makes, where the request's key names it. Answers the time that it has, as a number; nothing if
/// there is no such schedule.
pub fn add_run(name: &ScheduleName, at: Timestamp, lease: Timestamp, keyed: Option<JobId>) -> Statement {
    Statement::new(
        "INSERT INTO runs (schedule, planned_at, outcome, due_at, fired_at, job) \
         SELECT name, free + (free % 60000 = 0), 'pending', ?, free, ? \
         FROM (SELECT name, coalesce((SELECT max(planned_at) + 1 FROM runs WHERE schedule = name \
         AND planned_at BETWEEN ? AND ? + 1000), ?) AS free FROM schedules WHERE name = ?) WHERE true \
         RETURNING json(planned_at) AS text",
    )
    .bind(lease.as_millis())
    .bind(keyed.map(|job| job.to_string()))
    .bind(at.as_millis())
    .bind(at.as_millis())
    .bind(at.as_millis())
    .bind(name.as_str())
}
