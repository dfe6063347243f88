//! `POST /v1/dead-letters/discard` and `POST /v1/dead-letters/restore`: one transaction each, journal included.

use domain::triage::{LetterState, ReplayRequest, statements};
use platform::{Problem, now};
use serde::Serialize;
use worker::{Env, Response};

use crate::index::{Index, read};

/// What was done.
#[derive(Serialize)]
struct Moved {
    count: u32,
    /// The entry of the journal; none if there was nothing to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    journal: Option<u32>,
}

pub(super) async fn discard(body: &[u8], key: &str, env: &Env) -> Result<Response, Problem> {
    let filter = ReplayRequest::read_filter(body, LetterState::Open).map_err(Problem::of_request)?;
    perform(&statements::discard(&filter, key, now()), "discarded", key, env).await
}

pub(super) async fn restore(body: &[u8], key: &str, env: &Env) -> Result<Response, Problem> {
    let filter = ReplayRequest::read_filter(body, LetterState::Discarded).map_err(Problem::of_request)?;
    perform(&statements::restore(&filter, key, now()), "restored", key, env).await
}

async fn perform(
    statements: &[domain::statement::Statement],
    done: &'static str,
    key: &str,
    env: &Env,
) -> Result<Response, Problem> {
    let entry = Index::new(env)?.transact(statements).await?.into_iter().next().unwrap_or_default();
    let entry: Option<(u32, u32)> = read(entry)?.pop();
    let moved = Moved { count: entry.map_or(0, |(_, count)| count), journal: entry.map(|(entry, _)| entry) };
    tracing::info!(key, count = moved.count, journal = moved.journal, done, "dead letters were moved");
    super::json(200, &moved)
}
