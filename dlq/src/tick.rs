//! `POST /tick`: what the cron tick has this Worker do. Letters that were kept long enough leave the index; the archive
//! lets go of them by itself.

use domain::time::Timestamp;
use domain::triage::statements::reap;
use worker::{Env, Response, Result};

use crate::index::Index;

/// Calls of one tick, about a thousand letters each.
const AT_MOST: usize = 50;
/// The answers of a call that name the letters and the bundles which left.
const LETTERS: usize = 0;
const BUNDLES: usize = 2;

pub(crate) async fn tick(body: &str, env: &Env) -> Result<Response> {
    let Ok(now) = body.parse().map(Timestamp::from_millis) else { return Response::error("no time", 400) };
    match reap_all(now, env).await {
        Ok(0) => {}
        Ok(reaped) => tracing::info!(reaped, "dead letters left the index"),
        Err(error) => {
            tracing::error!(%error, "dead letters could not leave the index; the next tick tries again");
            return Response::error("not done", 503);
        }
    }
    Response::ok("")
}

async fn reap_all(now: Timestamp, env: &Env) -> std::result::Result<usize, String> {
    let keep = platform::settings(env).map_err(|error| error.to_string())?.archive.keep;
    let before = u64::try_from(keep.as_millis()).unwrap_or(u64::MAX);
    let statements = reap(Timestamp::from_millis(now.as_millis().saturating_sub(before)));
    let index = Index::new(env).map_err(|error| error.to_string())?;
    let mut reaped = 0;
    for _ in 0..AT_MOST {
        let answers = index.transact(&statements).await.map_err(|error| error.to_string())?;
        let count = |at: usize| answers.get(at).map_or(0, Vec::len);
        if count(BUNDLES) == 0 {
            break;
        }
        reaped += count(LETTERS);
    }
    Ok(reaped)
}
