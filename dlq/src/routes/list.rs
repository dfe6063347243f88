//! `GET /v1/dead-letters` and `GET /v1/dead-letters/export`: dead letters, those that died last first.

use domain::triage::statements::{ListPlace, Listed, list};
use domain::triage::{Filter, IndexedLetter, PARAMETERS, Page};
use platform::{Problem, query};
use serde::Serialize;
use worker::{Env, Response};

use super::{json, record};
use crate::archive::Archive;
use crate::index::Index;

#[derive(Serialize)]
struct Letters<T> {
    dead_letters: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

pub(super) async fn get(pairs: &[(String, String)], env: &Env) -> Result<Response, Problem> {
    let (letters, cursor) = page(&Index::new(env)?, pairs).await?;
    json(200, &Letters { dead_letters: letters, cursor })
}

/// The same with the content of each.
pub(super) async fn export(pairs: &[(String, String)], env: &Env) -> Result<Response, Problem> {
    let (letters, cursor) = page(&Index::new(env)?, pairs).await?;
    let dead_letters = record::with_content(letters, &Archive::new(env)?).await?;
    json(200, &Letters { dead_letters, cursor })
}

async fn page(index: &Index, pairs: &[(String, String)]) -> Result<(Vec<IndexedLetter>, Option<String>), Problem> {
    let (filter, page) = filter_of(pairs, "dead letters")?;
    let after: Option<ListPlace> = query::value(pairs, "cursor").map(|cursor| page.place(cursor)).transpose()?;
    let limit = query::limit(pairs)?;
    // One more than is shown, to know whether there is more.
    let mut rows: Vec<Listed> = index.rows(&list(&filter, after, limit + 1)).await?;
    let is_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let cursor = rows.last().filter(|_| is_more).map(|last| page.cursor(&last.place()));
    Ok((rows.into_iter().map(Listed::into_letter).collect(), cursor))
}

/// The filter that a list's query gives, and the list that it makes.
pub(super) fn filter_of(pairs: &[(String, String)], name: &str) -> Result<(Filter, Page), Problem> {
    let known: Vec<&str> = PARAMETERS.into_iter().chain(["limit", "cursor"]).collect();
    query::only(pairs, &known)?;
    let pairs = pairs.iter().map(|(name, value)| (&**name, &**value));
    let filter = Filter::from_query(pairs).map_err(Problem::Wrong)?;
    let page = Page::of(name, &filter);
    Ok((filter, page))
}
