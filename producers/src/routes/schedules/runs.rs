//! `GET /v1/schedules/{name}/runs`.

use domain::page::Page;
use domain::schedule::statements::{self, RunRow};
use domain::schedule::{RunsView, ScheduleName};
use platform::{Problem, query};
use worker::{Env, Request, Response};

use super::shelf::Shelf;
use crate::routes::json;

pub(in crate::routes) async fn runs(request: &Request, env: &Env, name: &ScheduleName) -> Result<Response, Problem> {
    let pairs = query::pairs(request);
    query::only(&pairs, &["limit", "cursor"])?;
    let limit = query::limit(&pairs)?;
    let page = Page::of("runs", &name.as_str());
    let before: Option<u64> = query::value(&pairs, "cursor").map(|cursor| page.place(cursor)).transpose()?;
    let shelf = Shelf::open(env)?;
    let rows = shelf.database.run(&statements::runs(name, before, limit + 1)).await?;
    let mut rows = rows.iter().map(|row| serde_json::from_str(row)).collect::<Result<Vec<RunRow>, _>>();
    let rows = rows.as_mut().map_err(|error| worker::Error::RustError(error.to_string()))?;
    // Those of a schedule that was deleted are kept.
    if rows.is_empty() {
        shelf.find(name).await?;
    }
    let is_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let cursor = rows.last().filter(|_| is_more).map(|last| page.cursor(&last.place()));
    json(200, &RunsView { runs: rows.drain(..).map(RunRow::into_view).collect(), cursor })
}
