//! `PUT /v1/schedules/{name}`.

use domain::limits::SCHEDULE_BYTES;
use domain::schedule::{Definition, ScheduleName, statements};
use platform::{Problem, query};
use worker::{Env, Request, Response};

use super::shelf::{Shelf, changed, of_config, precondition, read};
use crate::body::{self, ContentType};
use crate::schedules::is_in_config;

/// Saves a schedule: all of it is checked, and nothing is saved if anything is wrong.
pub(in crate::routes) async fn put(request: &mut Request, env: &Env, name: &ScheduleName) -> Result<Response, Problem> {
    query::only(&query::pairs(request), &[])?;
    if ContentType::of(request)? != ContentType::Json {
        return Err(Problem::ContentType("send application/json".to_owned()));
    }
    let precondition = precondition(request)?;
    let body = body::read(request).await?;
    if body.bytes.len() > SCHEDULE_BYTES {
        let detail =
            format!("a schedule may have {SCHEDULE_BYTES} bytes; the generator http or template makes more tasks");
        return Err(Problem::TooLarge(detail));
    }
    if is_in_config(env, name)? {
        return Err(of_config(name));
    }
    let shelf = Shelf::open(env)?;
    let rules = shelf.acceptance.rules(shelf.now, None);
    let definition = Definition::read(&body.bytes, name, &rules).map_err(Problem::of_request)?;
    let next = definition.timing.calendar().ok().and_then(|calendar| calendar.next(shelf.now));
    let saved = statements::put(name, &definition, next, shelf.now, None, precondition);
    let answer = shelf.database.run(&saved).await?;
    let row = read(answer.first().ok_or_else(|| changed(precondition))?)?;
    tracing::info!(schedule = name.as_str(), revision = row.revision, "schedule saved");
    shelf.answer(if row.revision == 1 { 201 } else { 200 }, &row)
}
