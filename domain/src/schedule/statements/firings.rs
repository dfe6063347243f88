//! What is read to fire, and recorded of it.

use super::definitions::row;
use crate::schedule::{Ending, ScheduleChange, ScheduleName};
use crate::statement::Statement;
use crate::time::Timestamp;

/// Schedules with all that they fire with, as [`ScheduleRow`](crate::schedule::ScheduleRow) reads them.
pub fn load(names: &[&str]) -> Statement {
    let select = format!("SELECT {} FROM schedules WHERE name IN (SELECT value FROM json_each(?))", row("json(input)"));
    Statement::new(&select).bind(serde_json::to_string(names).unwrap_or_default())
}

/// Records how firings ended, at the tick `at`. What was recorded already stays, unless it has fired after all; one that has
/// not ended keeps the job that a request's key named.
pub fn record<'e>(
    endings: impl IntoIterator<Item = (&'e ScheduleName, Timestamp, &'e Ending)>,
    at: Timestamp,
    now: Timestamp,
) -> Statement {
    let rows = endings.into_iter().map(|(schedule, planned_at, ending)| {
        let (outcome, reason, job) = match ending {
            Ending::Fired(job) => ("fired", None, Some(*job)),
            Ending::Skipped(reason) => ("skipped", Some(reason), None),
            Ending::Failed(reason) => ("failed", Some(reason), None),
            Ending::Waits => ("pending", None, None),
        };
        (schedule.as_str(), planned_at, outcome, reason, job)
    });
    let rows: Vec<_> = rows.collect();
    Statement::new(
        "UPDATE runs SET outcome = e.value ->> 2, reason = e.value ->> 3, job = CASE WHEN e.value ->> 2 = 'pending' THEN job ELSE e.value ->> 4 END, \
         fired_at = CASE WHEN e.value ->> 2 <> 'pending' THEN ? END, \
         recorded_at = CASE WHEN e.value ->> 2 <> 'pending' THEN ? END, \
         due_at = CASE WHEN e.value ->> 2 = 'pending' THEN ? END, waiting = e.value ->> 2 = 'pending' FROM json_each(?) AS e \
         WHERE schedule = e.value ->> 0 AND planned_at = e.value ->> 1 \
         AND (runs.outcome = 'pending' OR e.value ->> 2 = 'fired')",
    )
    .bind(at.as_millis())
    .bind(now.as_millis())
    .bind(at.as_millis())
    .bind(serde_json::to_string(&rows).unwrap_or_default())
}

/// Changes schedules by how their firings ended. A firing that ends after a newer one does not take its job's place; a run
/// by hand, at no whole minute, does.
pub fn settle(changes: &[(&ScheduleName, ScheduleChange)]) -> Statement {
    let rows: Vec<_> = changes
        .iter()
        .map(|(name, change)| (name.as_str(), change.fired, change.failures, change.last_job.unzip()))
        .collect();
    Statement::new(
        "UPDATE schedules SET failures = CASE WHEN c.value ->> 1 THEN 0 ELSE failures END + (c.value ->> 2), \
         last_job = CASE WHEN c.value ->> 3 ->> 1 >= coalesce(last_job_at, 0) OR (c.value ->> 3 ->> 1) % 60000 <> 0 THEN c.value ->> 3 ->> 0 ELSE last_job END, \
         last_job_at = max(coalesce(c.value ->> 3 ->> 1, 0), coalesce(last_job_at, 0)) \
         FROM json_each(?) AS c WHERE name = c.value ->> 0",
    )
    .bind(serde_json::to_string(&rows).unwrap_or_default())
}

/// Pauses those of the schedules `names` that have failed too often in a row. Answers their names.
pub fn pause_failing(names: &[&str], now: Timestamp) -> Statement {
    Statement::new(
        "UPDATE schedules SET paused = 'failures', revision = revision + 1, updated_at = ? \
         WHERE paused IS NULL AND failures >= (timing ->> 'pause_after_failures') \
         AND name IN (SELECT value FROM json_each(?)) RETURNING name AS text",
    )
    .bind(now.as_millis())
    .bind(serde_json::to_string(names).unwrap_or_default())
}
