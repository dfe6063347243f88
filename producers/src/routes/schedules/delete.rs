//! `DELETE /v1/schedules/{name}`.

use domain::schedule::{Origin, ScheduleName, statements};
use platform::{Problem, query};
use worker::{Env, Request, Response};

use super::shelf::{Shelf, changed, of_config, precondition};

/// Deletes a schedule and what was still to fire of it. Its jobs go on.
pub(in crate::routes) async fn delete(request: &Request, env: &Env, name: &ScheduleName) -> Result<Response, Problem> {
    query::only(&query::pairs(request), &[])?;
    let precondition = precondition(request)?;
    let shelf = Shelf::open(env)?;
    let deleted = shelf.database.transact(&statements::delete(name, precondition)).await?;
    if deleted.first().is_some_and(|names| !names.is_empty()) {
        tracing::info!(schedule = name.as_str(), "schedule deleted");
        return Ok(Response::empty()?.with_status(204));
    }
    match shelf.find(name).await?.source {
        Origin::Config => Err(of_config(name)),
        Origin::Api => Err(changed(precondition)),
    }
}
