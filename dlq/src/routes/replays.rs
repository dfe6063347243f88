//! `/v1/replays`: which there are, how they go on, and an operator's word to them.

use domain::id::ReplayId;
use domain::limits::OPEN_CONNECTIONS;
use domain::replay::{ItemVerdict, ReplayView};
use domain::triage::statements::{Listed, records, replays};
use domain::triage::{IndexedLetter, Page};
use futures_util::stream::{self, StreamExt};
use platform::{Problem, query};
use serde_json::json;
use worker::{Env, Response};

use crate::index::Index;
use crate::replay::calls::{Item, Items};
use crate::replays::{Replays, parse};

pub(super) async fn list(pairs: &[(String, String)], env: &Env) -> Result<Response, Problem> {
    query::only(pairs, &["limit", "cursor"])?;
    let page = Page::of("replays", &());
    let after: Option<(u64, ReplayId)> = query::value(pairs, "cursor").map(|cursor| page.place(cursor)).transpose()?;
    let limit = query::limit(pairs)?;
    let mut listed: Vec<ReplayView> = Index::new(env)?.rows(&replays(after.as_ref(), limit + 1)).await?;
    let is_more = listed.len() > limit as usize;
    listed.truncate(limit as usize);
    let cursor = listed.last().filter(|_| is_more);
    let cursor = cursor.map(|last| page.cursor(&(last.created_at.as_millis(), last.replay)));
    let objects = Replays::new(env)?;
    let now = stream::iter(listed).map(|view| refresh(&objects, view)).buffered(OPEN_CONNECTIONS);
    let mut answer = json!({ "replays": now.collect::<Vec<_>>().await });
    if let Some(cursor) = cursor {
        answer["cursor"] = cursor.into();
    }
    super::json(200, &answer)
}

/// The replay as its object sees it now. One that has ended does not change any more.
async fn refresh(objects: &Replays, view: ReplayView) -> ReplayView {
    if view.completed_at.is_some() {
        return view;
    }
    match read(objects, view.replay).await {
        Ok(now) => now,
        Err(problem) => {
            tracing::warn!(replay = %view.replay, ?problem, "listed as the index knows it");
            view
        }
    }
}

async fn read(objects: &Replays, id: ReplayId) -> Result<ReplayView, Problem> {
    parse(&mut objects.read(id, "view").await?).await
}

pub(super) async fn view(id: ReplayId, env: &Env) -> Result<Response, Problem> {
    super::json(200, &read(&Replays::new(env)?, id).await?)
}

pub(super) async fn items(id: ReplayId, pairs: &[(String, String)], env: &Env) -> Result<Response, Problem> {
    query::only(pairs, &["verdict", "limit", "cursor"])?;
    let verdict = query::one_of(pairs, "verdict", &ItemVerdict::ALL, ItemVerdict::name)?;
    let page = Page::of("items", &(id, verdict));
    let from: u32 = query::value(pairs, "cursor").map(|cursor| page.place(cursor)).transpose()?.unwrap_or_default();
    let limit = query::limit(pairs)?;
    let mut path = format!("items?from={from}&limit={limit}");
    if let Some(verdict) = verdict {
        path = format!("{path}&verdict={}", verdict.name());
    }
    let mut found: Items = parse(&mut Replays::new(env)?.read(id, &path).await?).await?;
    add_causes(&mut found.items, id, &Index::new(env)?).await?;
    let mut answer = json!({ "items": found.items });
    if let Some(next) = found.next {
        answer["cursor"] = page.cursor(&next).into();
    }
    super::json(200, &answer)
}

/// Says of what those died that died again.
async fn add_causes(items: &mut [Item], id: ReplayId, index: &Index) -> Result<(), Problem> {
    let died: Vec<&str> =
        items.iter().filter(|item| item.verdict == ItemVerdict::DiedAgain).map(|item| &*item.task).collect();
    if died.is_empty() {
        return Ok(());
    }
    let rows: Vec<Listed> = index.rows(&records(&died)).await?;
    let letters: Vec<IndexedLetter> = rows.into_iter().map(Listed::into_letter).collect();
    for item in items.iter_mut().filter(|item| item.verdict == ItemVerdict::DiedAgain) {
        let letter = letters.iter().find(|letter| letter.task == item.task);
        let replay = letter.and_then(|letter| letter.replays.iter().rfind(|replay| replay.replay == id));
        item.fingerprint = replay.and_then(|replay| replay.fingerprint.as_ref()).map(ToString::to_string);
    }
    Ok(())
}

pub(super) async fn resume(id: ReplayId, key: &str, env: &Env) -> Result<Response, Problem> {
    say(id, "resume", key, env).await
}

pub(super) async fn cancel(id: ReplayId, key: &str, env: &Env) -> Result<Response, Problem> {
    say(id, "cancel", key, env).await
}

async fn say(id: ReplayId, word: &str, key: &str, env: &Env) -> Result<Response, Problem> {
    let view: ReplayView = parse(&mut Replays::new(env)?.say(id, word, key).await?).await?;
    super::json(202, &view)
}
