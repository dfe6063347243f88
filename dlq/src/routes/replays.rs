//! `/v1/replays`: which there are, how they go on, and an operator's word to them. What their objects say is passed on as
//! it is.

use domain::id::ReplayId;
use domain::page::Page;
use domain::replay::ItemVerdict;
use domain::triage::statements::replays;
use platform::{Problem, query};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use worker::{Env, Response};

use crate::index::Index;
use crate::replays::Replays;

/// A replay in the list: when it was asked for, whether it has ended, and as it was last told.
#[derive(Deserialize)]
struct Listed(ReplayId, u64, u8, Box<RawValue>);

#[derive(Serialize)]
struct ReplaysView {
    replays: Vec<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

pub(super) async fn list(pairs: &[(String, String)], env: &Env) -> Result<Response, Problem> {
    query::only(pairs, &["limit", "cursor"])?;
    let page = Page::of("replays", &());
    let after: Option<(u64, ReplayId)> = query::value(pairs, "cursor").map(|cursor| page.place(cursor)).transpose()?;
    let limit = query::limit(pairs)?;
    let mut listed: Vec<Listed> = Index::new(env)?.rows(&replays(after.as_ref(), limit + 1)).await?;
    let is_more = listed.len() > limit as usize;
    listed.truncate(limit as usize);
    let cursor = listed.last().filter(|_| is_more).map(|last| page.cursor(&(last.1, last.0)));
    let objects = Replays::new(env)?;
    let mut replays = Vec::with_capacity(listed.len());
    // One after the other: few are under way at any time.
    for one in listed {
        replays.push(refresh(&objects, one).await);
    }
    super::json(200, &ReplaysView { replays, cursor })
}

/// The replay as its object sees it now. One that has ended does not change any more; one whose object does not answer is
/// shown as the index knows it.
async fn refresh(objects: &Replays, Listed(id, _, has_ended, view): Listed) -> Box<RawValue> {
    if has_ended != 0 {
        return view;
    }
    let now = objects.read(id, "summary").await.ok();
    now.and_then(|text| RawValue::from_string(text).ok()).unwrap_or(view)
}

pub(super) async fn view(id: ReplayId, env: &Env) -> Result<Response, Problem> {
    super::text(200, Replays::new(env)?.read(id, "view").await?)
}

pub(super) async fn items(id: ReplayId, pairs: &[(String, String)], env: &Env) -> Result<Response, Problem> {
    query::only(pairs, &["verdict", "limit", "cursor"])?;
    let verdict = query::one_of(pairs, "verdict", &ItemVerdict::ALL, ItemVerdict::name)?;
    let from = match query::value(pairs, "cursor") {
        Some(cursor) => items_page(id, verdict).place(cursor)?,
        None => 0,
    };
    let limit = query::limit(pairs)?;
    let verdict = verdict.map_or_else(String::new, |verdict| format!("&verdict={}", verdict.name()));
    super::text(200, Replays::new(env)?.read(id, &format!("items?from={from}&limit={limit}{verdict}")).await?)
}

/// The list of the items of a replay.
pub(crate) fn items_page(id: ReplayId, verdict: Option<ItemVerdict>) -> Page {
    Page::of("items", &(id, verdict))
}

pub(super) async fn resume(id: ReplayId, key: &str, env: &Env) -> Result<Response, Problem> {
    super::text(202, Replays::new(env)?.say(id, "resume", key).await?)
}

pub(super) async fn cancel(id: ReplayId, key: &str, env: &Env) -> Result<Response, Problem> {
    super::text(202, Replays::new(env)?.say(id, "cancel", key).await?)
}
