//! `POST /v1/dead-letters/replay`: begins a replay, or shows what one would do.

use domain::id::ReplayId;
use domain::lane::Lane;
use domain::replay::{RefusedItem, Request as ReplayOf};
use domain::triage::ReplayRequest;
use domain::triage::statements::{Frozen, Held, count, frozen, held};
use platform::{Problem, now};
use serde::Serialize;
use serde_json::value::RawValue;
use worker::{Env, Request, Response};

use crate::archive::Archive;
use crate::index::Index;
use crate::replay::decide::{Item, prepare};
use crate::replays::{Begun, Replays};

/// Letters that a dry run looks at.
const CHECKED: u32 = 1_000;
/// And shows before and after.
const SAMPLE: usize = 5;
/// Bytes of letters after which a dry run looks at no more.
const CHECKED_BYTES: usize = 4_000_000;

pub(super) async fn post(request: &mut Request, key: &str, env: &Env) -> Result<Response, Problem> {
    let idempotency_key = platform::idempotency_key(request)?;
    let bytes = request.bytes().await?;
    let body = ReplayRequest::read(&bytes).map_err(Problem::of_request)?;
    if body.dry_run {
        return dry_run(&body, env).await;
    }
    let id = match idempotency_key {
        Some(text) => ReplayId::keyed(key, &text),
        None => random_replay()?,
    };
    // Of what it says, not of how it is written.
    let said = serde_json::to_vec(&body).map_err(worker::Error::from)?;
    let content = platform::sha256_hex(&[&said]).await?;
    let call = ReplayOf { id, key: key.to_owned(), created_at: now(), content, body, lane: Lane::Default, frozen: 0 };
    let Begun { count, is_repeat } = Replays::new(env)?.create(&call).await?;
    super::json(if is_repeat { 200 } else { 202 }, &Accepted { replay: id, count, duplicate: is_repeat })
}

#[derive(Serialize)]
struct Accepted {
    replay: ReplayId,
    count: u32,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
}

#[derive(Serialize)]
struct Preview {
    count: u32,
    /// How many of them were looked at, the oldest.
    checked: usize,
    sample: Vec<Sample>,
    refused: Vec<Refused>,
}

#[derive(Serialize)]
struct Sample {
    task: String,
    before: Box<RawValue>,
    after: Box<RawValue>,
}

#[derive(Serialize)]
struct Refused {
    task: String,
    detail: String,
}

/// What a replay would do. Nothing is changed.
async fn dry_run(body: &ReplayRequest, env: &Env) -> Result<Response, Problem> {
    let (index, archive) = (Index::new(env)?, Archive::new(env)?);
    let count: u32 = index.row(&count(&body.filter)).await?;
    let Frozen(.., tasks) = index.row(&frozen(&body.filter, None, CHECKED)).await?;
    let before = prepare(env, &archive, &index, &tasks[..tasks.len().min(SAMPLE)], None, usize::MAX).await?;
    let patch = body.patch.as_ref().map(|patch| patch.get());
    let mut after = prepare(env, &archive, &index, &tasks, patch, CHECKED_BYTES).await?;
    if !body.force {
        refuse_late(&index, &tasks, &mut after).await?;
    }
    let sample =
        before.iter().zip(&after).filter_map(|(before, after)| sample(before.as_ref().ok()?, after.as_ref().ok()?));
    let refused = tasks.iter().zip(&after).filter_map(|(task, item)| {
        let refusal = item.as_ref().err()?;
        Some(Refused { task: task.clone(), detail: refusal.to_string() })
    });
    let preview = Preview { count, checked: after.len(), sample: sample.collect(), refused: refused.collect() };
    super::json(200, &preview)
}

/// What succeeded late is not replayed unless that is said.
async fn refuse_late(index: &Index, tasks: &[String], items: &mut [Item]) -> Result<(), Problem> {
    let Held(_, late) = index.row(&held(tasks, random_replay()?)).await?;
    for (task, item) in tasks.iter().zip(items) {
        if late.contains(task) {
            *item = Err(RefusedItem::SucceededLate);
        }
    }
    Ok(())
}

fn sample(before: &domain::replay::ReplayTask, after: &domain::replay::ReplayTask) -> Option<Sample> {
    let raw = |payload: &str| RawValue::from_string(payload.to_owned()).ok();
    Some(Sample { task: before.origin.clone(), before: raw(&before.payload)?, after: raw(&after.payload)? })
}

fn random_replay() -> Result<ReplayId, Problem> {
    let mut random = [0; 10];
    platform::fill(&mut random)?;
    Ok(ReplayId::random(now(), random))
}
