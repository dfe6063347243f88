//! `GET /v1/dead-letters` and `GET /v1/dead-letters/export`: dead letters, those that died last first.

use domain::page::Page;
use domain::triage::statements::{ListPlace, Listed, list};
use domain::triage::{Filter, IndexedLetter, PARAMETERS};
use platform::{Problem, query};
use serde::Serialize;
use worker::{Env, Response};

use super::{json, record};
use crate::archive::Archive;
use crate::index::Index;

/// Letters whose content is read at once.
const EXPORTED_AT_ONCE: usize = 50;
/// Bytes after which a page of whole letters ends: the longest have over 100 KB each, and more for each replay.
const EXPORT_BYTES: usize = 2_000_000;

#[derive(Serialize)]
struct Letters<T> {
    dead_letters: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

pub(super) async fn get(pairs: &[(String, String)], env: &Env) -> Result<Response, Problem> {
    let found = find(&Index::new(env)?, pairs).await?;
    let places: Vec<ListPlace> = found.rows.iter().map(Listed::place).collect();
    let cursor = found.cursor(&places, places.len());
    let dead_letters: Vec<IndexedLetter> = found.rows.into_iter().map(Listed::into_letter).collect();
    json(200, &Letters { dead_letters, cursor })
}

/// The same with the content of each. A page ends early where the letters are long.
pub(super) async fn export(pairs: &[(String, String)], env: &Env) -> Result<Response, Problem> {
    let mut found = find(&Index::new(env)?, pairs).await?;
    let archive = Archive::new(env)?;
    let places: Vec<ListPlace> = found.rows.iter().map(Listed::place).collect();
    let mut rows = std::mem::take(&mut found.rows).into_iter().map(Listed::into_letter);
    let (mut dead_letters, mut read, mut bytes) = (Vec::new(), 0, 0);
    while read < places.len() {
        let some: Vec<IndexedLetter> = rows.by_ref().take(EXPORTED_AT_ONCE).collect();
        read += some.len();
        for record in record::with_content(some, &archive).await? {
            let record = record.into_json()?;
            bytes += record.get().len();
            dead_letters.push(record);
        }
        if bytes >= EXPORT_BYTES {
            break;
        }
    }
    json(200, &Letters { dead_letters, cursor: found.cursor(&places, read) })
}

/// A page of the index.
struct Found {
    page: Page,
    rows: Vec<Listed>,
    is_more: bool,
}

impl Found {
    /// Where the next page begins, if there is one after the first `read` rows.
    fn cursor(&self, places: &[ListPlace], read: usize) -> Option<String> {
        let is_more = self.is_more || read < places.len();
        let last = read.checked_sub(1).and_then(|last| places.get(last)).filter(|_| is_more)?;
        Some(self.page.cursor(last))
    }
}

async fn find(index: &Index, pairs: &[(String, String)]) -> Result<Found, Problem> {
    let (filter, page) = filter_of(pairs, "dead letters")?;
    let after: Option<ListPlace> = query::value(pairs, "cursor").map(|cursor| page.place(cursor)).transpose()?;
    let limit = query::limit(pairs)?;
    // One more than is shown, to know whether there is more.
    let mut rows: Vec<Listed> = index.rows(&list(&filter, after, limit + 1)).await?;
    let is_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    Ok(Found { page, rows, is_more })
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
