//! `/v1/replays`: which there are, how they go on, and an operator's word to them. What their objects say is passed on as
//! it is.

use domain::id::ReplayId;
use domain::limits::OPEN_CONNECTIONS;
use domain::replay::ItemVerdict;
use domain::time::Timestamp;
use domain::time::rfc3339;
use domain::triage::Page;
use domain::triage::statements::replays;
use futures_util::stream::{self, StreamExt};
use platform::{Problem, query};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use worker::{Env, Response};

use crate::index::Index;
use crate::replays::Replays;

/// What a list needs to know of a replay.
#[derive(Deserialize)]
struct Listed {
    replay: ReplayId,
    #[serde(with = "rfc3339")]
    created_at: Timestamp,
    #[serde(with = "rfc3339::option")]
    completed_at: Option<Timestamp>,
}

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
    let mut views: Vec<Box<RawValue>> = Index::new(env)?.rows(&replays(after.as_ref(), limit + 1)).await?;
    let is_more = views.len() > limit as usize;
    views.truncate(limit as usize);
    let listed = views.iter().map(|view| serde_json::from_str(view.get())).collect::<Result<Vec<Listed>, _>>();
    let listed = listed.map_err(worker::Error::from)?;
    let cursor = listed.last().filter(|_| is_more);
    let cursor = cursor.map(|last| page.cursor(&(last.created_at.as_millis(), last.replay)));
    let objects = Replays::new(env)?;
    let now = stream::iter(listed.iter().zip(views)).map(|(listed, view)| refresh(&objects, listed, view));
    let replays = now.buffered(OPEN_CONNECTIONS).collect().await;
    super::json(200, &ReplaysView { replays, cursor })
}

/// The replay as its object sees it now. One that has ended does not change any more.
async fn refresh(objects: &Replays, listed: &Listed, view: Box<RawValue>) -> Box<RawValue> {
    if listed.completed_at.is_some() {
        return view;
    }
    let now = async {
        let text = objects.read(listed.replay, "summary").await?;
        RawValue::from_string(text).map_err(|error| Problem::from(worker::Error::from(error)))
    };
    now.await.unwrap_or_else(|problem| {
        tracing::warn!(replay = %listed.replay, ?problem, "listed as the index knows it");
        view
    })
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
