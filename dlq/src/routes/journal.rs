//! `GET /v1/journal`: what operators did, newest first, and how to take it back.

use domain::page::Page;
use domain::triage::statements::journal;
use domain::triage::{Entry, EntryRow};
use platform::{Problem, query};
use serde::Serialize;
use worker::{Env, Response};

use crate::index::Index;

#[derive(Serialize)]
struct Journal {
    entries: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

pub(super) async fn get(pairs: &[(String, String)], env: &Env) -> Result<Response, Problem> {
    query::only(pairs, &["limit", "cursor"])?;
    let page = Page::of("journal", &());
    let before: Option<u32> = query::value(pairs, "cursor").map(|cursor| page.place(cursor)).transpose()?;
    let limit = query::limit(pairs)?;
    let rows: Vec<EntryRow> = Index::new(env)?.rows(&journal(before, limit + 1)).await?;
    let mut entries: Vec<Entry> = rows.into_iter().map(EntryRow::into_entry).collect();
    let is_more = entries.len() > limit as usize;
    entries.truncate(limit as usize);
    let cursor = entries.last().filter(|_| is_more).map(|last| page.cursor(&last.entry));
    super::json(200, &Journal { entries, cursor })
}
