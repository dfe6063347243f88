//! `POST /v1/schedules/{name}/run`, `…/pause`, `…/resume` and `…/backfill`.

use domain::limits::FIRING_LEASE;
use domain::schedule::statements::{self, add_run, remove_run};
use domain::schedule::{BackfillRequest, Ending, ScheduleName, fire_times};
use domain::statement::Statement;
use domain::submission::Fault;
use domain::time::Timestamp;
use platform::{Problem, query};
use worker::{Env, Request, Response};

use super::shelf::{Shelf, read, unknown};
use crate::body::{self, ContentType};
use crate::routes;
use crate::schedules::{Firer, Taken};

/// Makes one job now, also if the schedule is paused or its last job is not done.
pub(in crate::routes) async fn run(request: &Request, env: &Env, name: &ScheduleName) -> Result<Response, Problem> {
    query::only(&query::pairs(request), &[])?;
    let shelf = Shelf::open(env)?;
    // Stored before it fires: should this Worker die in between, a tick fires it.
    let stored = shelf.store_config(name)?;
    let run = add_run(name, shelf.now, shelf.now.after(FIRING_LEASE));
    let answers = shelf.database.transact(&stored.into_iter().chain([run]).collect::<Vec<_>>()).await?;
    let added = answers.last().and_then(|rows| rows.first()).ok_or_else(unknown)?;
    let at = Timestamp::from_millis(added.parse().map_err(|_| Problem::Unavailable)?);
    let firer = Firer::new(env, platform::settings(env)?, &shelf.database, at);
    let ending = firer.fire_now(Taken { schedule: name.clone(), backfill: false, at, again: false }).await?;
    match ending.ok_or_else(unknown)? {
        Ending::Fired(job) => routes::text(202, format!(r#"{{"job":"{job}"}}"#)),
        Ending::Skipped(reason) | Ending::Failed(reason) => Err(Problem::Refused(vec![Fault::new("", reason)])),
        // Who is told to try again does, and wants one job.
        Ending::Waits => {
            shelf.database.run(&remove_run(name, at)).await?;
            Err(Problem::Unavailable)
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
