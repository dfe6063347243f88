//! `/v1/schedules`.

mod act;
mod delete;
mod list;
mod put;
mod runs;
mod shelf;

use domain::schedule::ScheduleName;
use platform::{Problem, query};
use worker::{Env, Request, Response};

pub(super) use act::{backfill, pause, resume, run};
pub(super) use delete::delete;
pub(super) use list::list;
pub(super) use put::put;
pub(super) use runs::runs;

use shelf::Shelf;

/// `GET /v1/schedules/{name}`.
pub(super) async fn get(request: &Request, env: &Env, name: &ScheduleName) -> Result<Response, Problem> {
    query::only(&query::pairs(request), &[])?;
    let shelf = Shelf::open(env)?;
    shelf.answer(200, &shelf.find(name).await?)
}
