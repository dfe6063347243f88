//! `POST /v1/schedules/{name}/run`, `…/pause`, `…/resume` and `…/backfill`.

use domain::access::ApiKey;
use domain::id::JobId;
use domain::limits::FIRING_LEASE;
use domain::schedule::statements::{self, add_run, remove_run};
use domain::schedule::{BackfillRequest, Ending, ScheduleName, fire_times};
use domain::statement::Statement;
use domain::submission::Fault;
use domain::time::Timestamp;
use platform::ledger::Ledgers;
use platform::{Problem, query};
use worker::{Env, Request, Response};

use super::shelf::{Shelf, read, unknown};
use crate::body::{self, ContentType};
use crate::routes;
use crate::schedules::{Firer, Taken};

/// Makes one job now, also if the schedule is paused or its last job is not done. An `Idempotency-Key` names that job: a
/// repeat is told of the same one.
pub(in crate::routes) async fn run(
    request: &Request,
    env: &Env,
    key: &ApiKey,
    name: &ScheduleName,
) -> Result<Response, Problem> {
    query::only(&query::pairs(request), &[])?;
    let shelf = Shelf::open(env)?;
    let keyed = platform::idempotency_key(request)?.map(|text| JobId::of_run(name, &key.id, &text));
    if let Some(job) = keyed
        && Ledgers::new(env)?.exists(job).await?
    {
        return routes::text(200, format!(r#"{{"job":"{job}","duplicate":true}}"#));
    }
    // Stored before it fires: should this Worker die in between, a tick fires it.
    let stored = shelf.store_config(name)?;
    let run = add_run(name, shelf.now, shelf.now.after(FIRING_LEASE), keyed);
    let answers = shelf.database.transact(&stored.into_iter().chain([run]).collect::<Vec<_>>()).await?;
    let added = answers.last().and_then(|rows| rows.first()).ok_or_else(unknown)?;
    let at = Timestamp::from_millis(added.parse().map_err(|_| Problem::Unavailable)?);
    let firer = Firer::new(env, platform::settings(env)?, &shelf.database, at);
    let taken = Taken { schedule: name.clone(), backfill: false, at, again: false, keyed };
    let job = taken.job();
    match firer.fire_now(taken).await?.ok_or_else(unknown)? {
        // The run stays pending: whether the ledger has made the job is not known, and a tick makes the same one.
        Ok(Ending::Fired(_) | Ending::Waits) => routes::text(202, format!(r#"{{"job":"{job}"}}"#)),
        Ok(Ending::Skipped(reason) | Ending::Failed(reason)) => Err(Problem::Refused(vec![Fault::new("", reason)])),
        // Nothing was made: who is told to try again wants one job.
        Err(_) => {
            shelf.database.run(&remove_run(name, at)).await?;
            Err(Problem::Busy)
        }
    }
}

/// Pauses a schedule: its fire times pass by.
pub(in crate::routes) async fn pause(request: &Request, env: &Env, name: &ScheduleName) -> Result<Response, Problem> {
    change(request, env, name, statements::pause).await
}

/// Resumes a schedule from its next fire time on.
pub(in crate::routes) async fn resume(request: &Request, env: &Env, name: &ScheduleName) -> Result<Response, Problem> {
    change(request, env, name, statements::resume).await
}

async fn change(
    request: &Request,
    env: &Env,
    name: &ScheduleName,
    statement: fn(&ScheduleName, Timestamp) -> Statement,
) -> Result<Response, Problem> {
    query::only(&query::pairs(request), &[])?;
    let shelf = Shelf::open(env)?;
    let stored = shelf.store_config(name)?;
    let rest = [statement(name, shelf.now), statements::show(name)];
    let answers = shelf.database.transact(&stored.into_iter().chain(rest).collect::<Vec<_>>()).await?;
    let row = read(answers.last().and_then(|rows| rows.first()).ok_or_else(unknown)?)?;
    shelf.answer(200, &row)
}

/// Has fire times of the past fire after all, by the next ticks.
pub(in crate::routes) async fn backfill(
    request: &mut Request,
    env: &Env,
    name: &ScheduleName,
) -> Result<Response, Problem> {
    query::only(&query::pairs(request), &[])?;
    if ContentType::of(request)? != ContentType::Json {
        return Err(Problem::ContentType("send application/json".to_owned()));
    }
    let body = body::read(request).await?;
    let shelf = Shelf::open(env)?;
    let asked = BackfillRequest::read(&body.bytes, shelf.now).map_err(Problem::of_request)?;
    let row = shelf.find(name).await?;
    let calendar = row.timing.calendar().map_err(|error| Problem::Conflict(error.to_string()))?;
    let times = fire_times(&asked, &calendar).map_err(Problem::of_request)?;
    let stored = shelf.store_config(name)?;
    let statements: Vec<Statement> = stored.into_iter().chain([statements::backfill(name, &times)]).collect();
    let answers = shelf.database.transact(&statements).await?;
    let firings = answers.last().map_or(0, Vec::len);
    tracing::info!(schedule = name.as_str(), from = %asked.from, to = %asked.to, firings, "backfill");
    routes::text(202, format!(r#"{{"firings":{firings}}}"#))
}
