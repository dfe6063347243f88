//! What a tick reads, plans and takes.

use serde::Deserialize;

use crate::id::JobId;
use crate::limits::{TICK_FIRINGS, TICK_SCHEDULES};
use crate::schedule::{DueSchedule, PlannedRun, ScheduleName, Step, Timing};
use crate::statement::Statement;
use crate::time::Timestamp;

/// A row of what a tick reads.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TickRow {
    /// A schedule of the config file as it is stored: its name, and the hash of its definition.
    Config(String, String),
    /// A schedule whose fire time has come: name, timing, whether it is paused, the fire time.
    Due(String, Timing, u8, u64),
    /// A firing that waits for a tick: schedule, fire time, whether it is backfilled, whether it has waited for another job.
    Pending(String, u64, u8, u8),
    /// There are runs that were kept long enough.
    Reap,
}

impl TickRow {
    /// The due schedule of a row that is one.
    pub fn into_due(self) -> Option<DueSchedule> {
        let Self::Due(name, timing, paused, next_at) = self else { return None };
        Some(DueSchedule {
            name: name.parse().ok()?,
            timing,
            paused: paused == 1,
            next_at: Timestamp::from_millis(next_at),
        })
    }
}

/// Everything that a tick at `at` has to know, in one read: what the config file's schedules are, what is due, and whether runs
/// are there that were recorded before `reap`.
pub fn due(at: Timestamp, reap: Timestamp) -> Statement {
    Statement::new(
        "SELECT json_object('config', json_array(name, definition)) AS text FROM schedules WHERE source = 'config' \
         UNION ALL SELECT * FROM (SELECT json_object('due', json_array(name, json(timing), paused IS NOT NULL, next_at)) \
         FROM schedules WHERE next_at <= ? ORDER BY next_at, name LIMIT ?) \
         UNION ALL SELECT * FROM (SELECT json_object('pending', json_array(schedule, planned_at, backfill, waiting)) \
         FROM runs WHERE outcome = 'pending' AND due_at <= ? \
         ORDER BY backfill, waiting, due_at, planned_at, schedule LIMIT ?) \
         UNION ALL SELECT * FROM (SELECT json_quote('reap') FROM runs WHERE recorded_at < ? LIMIT 1)",
    )
    .bind(at.as_millis())
    .bind(TICK_SCHEDULES)
    .bind(at.as_millis())
    .bind(TICK_FIRINGS as u32)
    .bind(reap.as_millis())
}

/// Inserts planned runs, those to fire as pending until `lease`. A fire time that has a run already keeps it, and one of a
/// schedule that was moved on meanwhile is not planned. Answers what was inserted, as [`TakenRow`] reads it.
pub fn insert_runs(runs: &[PlannedRun], at: Timestamp, lease: Timestamp, now: Timestamp) -> Statement {
    let rows: Vec<_> = runs
        .iter()
        .map(|run| {
            let (outcome, due_at, reason) = match &run.step {
                Step::Fire => ("pending", Some(lease), None),
                Step::Await(due_at) => ("pending", Some(*due_at), None),
                Step::Skip(reason) => ("skipped", None, Some(reason)),
                Step::Fail(reason) => ("failed", None, Some(reason)),
            };
            let fired_at = (!matches!(run.step, Step::Await(_))).then_some(at);
            (run.schedule.as_str(), run.next_at, run.planned_at, outcome, due_at, reason, fired_at)
        })
        .collect();
    Statement::new(
        "INSERT INTO runs (schedule, planned_at, outcome, due_at, reason, fired_at, recorded_at) \
         SELECT name, r.value ->> 2, r.value ->> 3, r.value ->> 4, r.value ->> 5, r.value ->> 6, \
         CASE WHEN r.value ->> 3 <> 'pending' THEN ? END \
         FROM json_each(?) AS r JOIN schedules ON name = r.value ->> 0 AND next_at = r.value ->> 1 WHERE true \
         ON CONFLICT (schedule, planned_at) DO NOTHING RETURNING json_array(schedule, planned_at, backfill, due_at, job) AS text",
    )
    .bind(now.as_millis())
    .bind(serde_json::to_string(&rows).unwrap_or_default())
}

/// A run that was inserted or taken: schedule, fire time, whether it is backfilled, until when it is pending, and the job
/// that it makes where a request's key names it.
#[derive(Debug, Deserialize)]
pub struct TakenRow(pub String, pub u64, pub u8, pub Option<u64>, pub Option<JobId>);

/// Moves schedules on to their next fire times; one that was moved on meanwhile stays as it is.
pub fn move_on(moves: &[(ScheduleName, Timestamp, Option<Timestamp>)]) -> Statement {
    let rows: Vec<_> = moves.iter().map(|(name, was, next)| (name.as_str(), was, next)).collect();
    Statement::new(
        "UPDATE schedules SET next_at = m.value ->> 2 FROM json_each(?) AS m \
         WHERE name = m.value ->> 0 AND next_at = m.value ->> 1",
    )
    .bind(serde_json::to_string(&rows).unwrap_or_default())
}

/// Takes pending firings that are due at `at`, until `lease`. Answers those that no other tick has taken, as
/// [`TakenRow`] reads them.
pub fn take(firings: &[&(String, u64)], at: Timestamp, lease: Timestamp) -> Statement {
    Statement::new(
        "UPDATE runs SET due_at = ?, fired_at = ? FROM json_each(?) AS t \
         WHERE schedule = t.value ->> 0 AND planned_at = t.value ->> 1 AND outcome = 'pending' AND due_at <= ? RETURNING json_array(schedule, planned_at, backfill, due_at, job) AS text",
    )
    .bind(lease.as_millis())
    .bind(at.as_millis())
    .bind(serde_json::to_string(firings).unwrap_or_default())
    .bind(at.as_millis())
}

/// Deletes runs that were recorded before `before`, a thousand at most.
pub fn reap(before: Timestamp) -> Statement {
    Statement::new(
        "DELETE FROM runs WHERE (schedule, planned_at) IN \
         (SELECT schedule, planned_at FROM runs WHERE recorded_at < ? LIMIT 1000)",
    )
    .bind(before.as_millis())
}
