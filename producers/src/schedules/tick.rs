//! One tick: reads what is due, plans and takes it in one transaction, and has it fired.

use std::time::Duration;

use domain::limits::{FIRING_LEASE, TICK_FIRINGS};
use domain::schedule::statements::{TakenRow, TickRow, due, insert_runs, move_on, reap, take};
use domain::schedule::{DueSchedule, Step, plan};
use domain::time::Timestamp;
use platform::Database;
use worker::Env;

use super::file;
use super::fire::{Firer, Taken};
use crate::acceptance::Acceptance;

/// Fires what is due at `at`, the time that the tick was planned for: the only clock of a firing.
pub(crate) async fn fire_due(env: &Env, at: Timestamp) -> Result<(), worker::Error> {
    let refused = |error: platform::PlatformError| worker::Error::RustError(error.to_string());
    let settings = platform::settings(env).map_err(refused)?;
    let file = platform::environment(env).map_err(refused)?.schedules();
    let database = Database::new(env).map_err(refused)?;
    let now = platform::now();
    let reap_before = before(now, settings.schedules.keep);
    let found = Found::read(database.run(&due(at, reap_before)).await?);
    let acceptance = Acceptance::of(settings);
    let changes = file::changes(file, &found.config, &acceptance.rules(now, None), at);

    // What waited for this tick and what is due now each get half of it at least; then what waits for other jobs, then
    // backfills.
    let waited = found.pending[0].len().min(TICK_FIRINGS);
    let plan = plan(at, &found.due, (TICK_FIRINGS - waited).max(TICK_FIRINGS / 2));
    let planned = plan.runs.iter().filter(|run| run.step == Step::Fire).count();
    let pending: Vec<_> = found.pending.iter().flatten().take(TICK_FIRINGS - planned).collect();

    // No whole minute: a firing that is put off until then is told from one that is taken until then.
    let lease = at.after(FIRING_LEASE - Duration::from_millis(1));
    let mut statements = changes.gone;
    let first_change = statements.len();
    let (names, changed): (Vec<_>, Vec<_>) = changes.changed.into_iter().unzip();
    statements.extend(changed);
    let first_run = statements.len();
    let is_planned = !plan.moves.is_empty();
    if !plan.moves.is_empty() {
        statements.extend([insert_runs(&plan.runs, at, lease, now), move_on(&plan.moves)]);
    }
    if !pending.is_empty() {
        statements.push(take(&pending, at, lease));
    }
    if found.reap {
        statements.push(reap(reap_before));
    }
    if statements.is_empty() {
        tracing::debug!(d1_queries = database.queries(), "no schedule is due");
        return Ok(());
    }
    let answers = database.transact(&statements).await?;
    for (name, saved) in names.iter().zip(&answers[first_change..]) {
        match saved.is_empty() {
            true => tracing::error!(
                schedule = name,
                "not taken over from the config file: the API has made one of that name"
            ),
            false => tracing::info!(schedule = name, "taken over from the config file"),
        }
    }
    // Another tick may have planned or taken the same: what is answered is this one's.
    let mut firing: Vec<Taken> = Vec::new();
    for (place, rows) in answers[first_run..].iter().enumerate() {
        // What was planned by this very tick nobody can have fired.
        let again = !(is_planned && place == 0);
        firing.extend(rows.iter().filter_map(|row| taken(row, lease, again)));
    }
    tracing::debug!(due = found.due.len(), planned = plan.runs.len(), firing = firing.len(), "schedules are due");
    let firer = Firer::new(env, settings, &database, at);
    firer.fire(firing).await;
    tracing::debug!(d1_queries = database.queries(), "the tick is done");
    Ok(())
}

/// The firing of a row, if it is to be fired by who holds `lease`.
fn taken(row: &str, lease: Timestamp, again: bool) -> Option<Taken> {
    let TakenRow(schedule, at, backfill, due_at, keyed) = serde_json::from_str(row).ok()?;
    let mine = due_at == Some(lease.as_millis());
    let (schedule, at) = (schedule.parse().ok()?, Timestamp::from_millis(at));
    mine.then_some(Taken { schedule, backfill: backfill == 1, at, again, keyed })
}

/// What a tick has read.
#[derive(Default)]
struct Found {
    config: Vec<(String, String)>,
    due: Vec<DueSchedule>,
    /// Those that wait for a tick only, those that wait for other jobs, and backfills: schedule and fire time.
    pending: [Vec<(String, u64)>; 3],
    reap: bool,
}

impl Found {
    fn read(rows: Vec<String>) -> Self {
        let mut found = Self::default();
        for row in rows {
            match serde_json::from_str(&row) {
                Ok(row) => found.add(row),
                // The others must not wait for it.
                Err(error) => tracing::error!(%error, "a schedule cannot be read, and does not fire"),
            }
        }
        found
    }

    fn add(&mut self, row: TickRow) {
        match row {
            TickRow::Config(name, hash) => self.config.push((name, hash)),
            TickRow::Pending(name, at, backfill, waiting) => {
                let place = if backfill == 1 { 2 } else { usize::from(waiting.min(1)) };
                self.pending[place].push((name, at));
            }
            TickRow::Reap => self.reap = true,
            due @ TickRow::Due(..) => self.due.extend(due.into_due()),
        }
    }
}

fn before(now: Timestamp, keep: Duration) -> Timestamp {
    let keep = u64::try_from(keep.as_millis()).unwrap_or(u64::MAX);
    Timestamp::from_millis(now.as_millis().saturating_sub(keep))
}
