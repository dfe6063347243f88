//! Schedules as they are saved.

use crate::schedule::{Definition, Origin, Precondition, ScheduleName};
use crate::statement::Statement;
use crate::time::Timestamp;

/// A row as [`ScheduleRow`](crate::schedule::ScheduleRow) reads it, with `input` as it is said.
pub(super) fn row(input: &str) -> String {
    format!(
        "json_array(name, source, revision, created_at, updated_at, json(timing), generator, lane, {input}, paused, failures, \
         last_job, (SELECT count(*) FROM runs INDEXED BY runs_pending_of WHERE runs.schedule = name AND outcome = 'pending'), \
         (SELECT min(planned_at) FROM runs INDEXED BY runs_pending_of WHERE runs.schedule = name AND outcome = 'pending' \
         AND backfill = 0 AND fired_at IS NOT NULL), \
         (SELECT min(planned_at) FROM runs INDEXED BY runs_pending_of WHERE runs.schedule = name AND outcome = 'pending' \
         AND backfill = 0 AND waiting = 1)) AS text"
    )
}

/// Saves a schedule, if `precondition` holds; nothing is answered if it does not. `config` is the hash of a definition of the
/// config file, which takes no name from one made by the API. `next_at` is its next fire time; one whose calendar does not
/// change keeps its own, so that what is due stays due.
pub fn put(
    name: &ScheduleName,
    definition: &Definition,
    next_at: Option<Timestamp>,
    now: Timestamp,
    config: Option<&str>,
    precondition: Precondition,
) -> Statement {
    let timing = serde_json::to_string(&definition.timing).unwrap_or_default();
    let source = if config.is_some() { Origin::Config } else { Origin::Api };
    let insert = Statement::new(
        "INSERT INTO schedules (name, source, definition, revision, created_at, updated_at, timing, generator, lane, paused, \
         next_at, input) SELECT ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ? WHERE ",
    )
    .bind(name.as_str())
    .bind(source.name())
    .bind(config)
    .bind(now.as_millis())
    .bind(now.as_millis())
    .bind(timing)
    .bind(&*definition.work.generator)
    .bind(definition.work.lane.name())
    .bind(definition.paused.unwrap_or_default().then_some("hand"))
    .bind(next_at.map(Timestamp::as_millis))
    .bind(definition.work.input.get())
    .then(&holds(precondition, name));
    let insert = match source {
        Origin::Api => insert,
        Origin::Config => insert
            .and(" AND NOT EXISTS (SELECT 1 FROM schedules WHERE name = ? AND source = 'api')")
            .bind(name.as_str()),
    };
    insert
        .and(
            " ON CONFLICT (name) DO UPDATE SET source = excluded.source, definition = excluded.definition, \
             revision = revision + 1, updated_at = excluded.updated_at, timing = excluded.timing, \
             generator = excluded.generator, lane = excluded.lane, input = excluded.input, failures = 0, \
             paused = CASE WHEN ? THEN excluded.paused ELSE paused END, \
             next_at = CASE WHEN timing ->> 'cron' = excluded.timing ->> 'cron' \
             AND timing ->> 'timezone' = excluded.timing ->> 'timezone' \
             THEN min(coalesce(next_at, excluded.next_at), coalesce(excluded.next_at, next_at)) \
             ELSE excluded.next_at END RETURNING ",
        )
        .and(&row("json(input)"))
        .bind(definition.paused.is_some())
}

/// Whether `precondition` holds for the schedule `name`.
fn holds(precondition: Precondition, name: &ScheduleName) -> Statement {
    let there = Statement::new("EXISTS (SELECT 1 FROM schedules WHERE name = ?").bind(name.as_str());
    match precondition {
        Precondition::None => Statement::new("true"),
        Precondition::Never => Statement::new("false"),
        Precondition::Present => there.and(")"),
        Precondition::Absent => Statement::new("NOT ").then(&there.and(")")),
        Precondition::Unchanged { created_at, revision } => {
            there.and(" AND created_at = ? AND revision = ?)").bind(created_at).bind(revision)
        }
    }
}

/// One schedule.
pub fn show(name: &ScheduleName) -> Statement {
    Statement::new(&format!("SELECT {} FROM schedules WHERE name = ?", row("json(input)"))).bind(name.as_str())
}

/// Schedules by name, from after `after` on, without their inputs.
pub fn list(after: &str, limit: u32) -> Statement {
    let select = format!("SELECT {} FROM schedules WHERE name > ? ORDER BY name LIMIT ?", row("NULL"));
    Statement::new(&select).bind(after).bind(limit)
}

/// Pauses a schedule by hand.
pub fn pause(name: &ScheduleName, now: Timestamp) -> Statement {
    let update = "UPDATE schedules SET paused = 'hand', revision = revision + 1, updated_at = ? \
                  WHERE name = ? AND paused IS NOT 'hand'";
    Statement::new(update).bind(now.as_millis()).bind(name.as_str())
}

/// Resumes a schedule; its failures are forgotten.
pub fn resume(name: &ScheduleName, now: Timestamp) -> Statement {
    let update = "UPDATE schedules SET paused = NULL, failures = 0, revision = revision + 1, updated_at = ? \
                  WHERE name = ? AND paused IS NOT NULL";
    Statement::new(update).bind(now.as_millis()).bind(name.as_str())
}

/// Deletes a schedule that was made by the API, if `precondition` holds, and what was still to fire of it. Its other runs
/// stay: a schedule of that name that is made again must not fire them again. Answers the name, if it is deleted.
pub fn delete(name: &ScheduleName, precondition: Precondition) -> [Statement; 2] {
    let schedule = Statement::new("DELETE FROM schedules WHERE name = ? AND source = 'api' AND ").bind(name.as_str());
    let pending = Statement::new(
        "DELETE FROM runs INDEXED BY runs_pending_of WHERE schedule = ? AND outcome = 'pending' \
         AND NOT EXISTS (SELECT 1 FROM schedules WHERE name = ?)",
    );
    [
        schedule.then(&holds(precondition, name)).and(" RETURNING name AS text"),
        pending.bind(name.as_str()).bind(name.as_str()),
    ]
}

/// Deletes schedules that are in the config file no more, given as a JSON array of names, and what was still to fire of them.
pub fn forget_config(names: &str) -> [Statement; 2] {
    let pending = "DELETE FROM runs WHERE outcome = 'pending' AND schedule IN \
                   (SELECT name FROM schedules WHERE source = 'config' AND name IN (SELECT value FROM json_each(?)))";
    let schedules = "DELETE FROM schedules WHERE source = 'config' AND name IN (SELECT value FROM json_each(?))";
    [Statement::new(pending).bind(names), Statement::new(schedules).bind(names)]
}
