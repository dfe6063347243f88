//! `GET /v1/schedules`: by name, those of the index and of the config file in one list.

use domain::page::Page;
use domain::schedule::{ScheduleRow, SchedulesView, statements};
use platform::{Problem, query};
use worker::{Env, Request, Response};

use super::shelf::{Shelf, read};
use crate::routes::json;
use crate::schedules::config_schedule;

pub(in crate::routes) async fn list(request: &Request, env: &Env) -> Result<Response, Problem> {
    let pairs = query::pairs(request);
    query::only(&pairs, &["limit", "cursor"])?;
    let limit = query::limit(&pairs)?;
    let page = Page::of("schedules", &());
    let after: String =
        query::value(&pairs, "cursor").map(|cursor| page.place(cursor)).transpose()?.unwrap_or_default();
    let shelf = Shelf::open(env)?;
    let stored = shelf.database.run(&statements::list(&after, limit + 1)).await?;
    let mut rows = stored.iter().map(|row| read(row)).collect::<Result<Vec<ScheduleRow>, _>>()?;
    // Those that no tick has stored yet. Beyond the page there may be stored ones between them.
    let rules = shelf.acceptance.rules(shelf.now, None);
    let end = rows.get(limit as usize).map(|row| row.name.clone());
    for known in platform::environment(env)?.schedules() {
        let is_on_page = *known.name > *after && end.as_deref().is_none_or(|end| known.name < end);
        let (Err(place), true) = (rows.binary_search_by(|row| (*row.name).cmp(known.name)), is_on_page) else {
            continue;
        };
        let Ok(name) = known.name.parse() else { continue };
        if let Some((definition, _)) = config_schedule(env, &name, &rules)? {
            let row = ScheduleRow::of_config(known.name, definition, shelf.now);
            rows.insert(place, ScheduleRow { input: None, ..row });
        }
    }
    let shown = &rows[..rows.len().min(limit as usize)];
    let cursor = shown.last().filter(|_| rows.len() > shown.len()).map(|last| page.cursor(&last.name));
    let schedules = shown.iter().map(|row| row.view(shelf.now, 1)).collect();
    json(200, &SchedulesView { schedules, cursor })
}
