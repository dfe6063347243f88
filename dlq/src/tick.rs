//! `POST /tick`: what the cron tick has this Worker do. Letters that were kept long enough leave the index; the archive
//! lets go of them by itself. Replays whose alarm the platform has dropped get it back.

use domain::time::Timestamp;
use domain::triage::statements::{reap, unended};
use platform::Problem;
use worker::{Env, Response, Result};

use crate::index::Index;
use crate::replays::Replays;

/// Replays that one tick looks after.
const LOOKED_AFTER: u32 = 100;
/// Statements of one tick, a thousand letters each.
const AT_MOST: usize = 50;

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
    match look_after_replays(env).await {
        Ok(()) => Response::ok(""),
        Err(problem) => {
            tracing::error!(?problem, "replays could not be looked after; the next tick tries again");
            Response::error("not done", 503)
        }
    }
}

/// The second net, as jobs have one.
async fn look_after_replays(env: &Env) -> std::result::Result<(), Problem> {
    let (index, replays) = (Index::new(env)?, Replays::new(env)?);
    for id in index.transact(&[unended(LOOKED_AFTER)]).await?.concat() {
        let Ok(id) = id.parse() else { continue };
        if let Err(problem) = replays.say(id, "touch", "").await {
            tracing::warn!(replay = %id, ?problem, "not looked after; it will be next time");
        }
    }
    Ok(())
}

async fn reap_all(now: Timestamp, env: &Env) -> std::result::Result<usize, String> {
    let keep = platform::settings(env).map_err(|error| error.to_string())?.archive.keep;
    let before = u64::try_from(keep.as_millis()).unwrap_or(u64::MAX);
    let statement = reap(Timestamp::from_millis(now.as_millis().saturating_sub(before)));
    let index = Index::new(env).map_err(|error| error.to_string())?;
    let mut reaped = 0;
    for _ in 0..AT_MOST {
        match index.transact(std::slice::from_ref(&statement)).await.map_err(|error| error.to_string())?.concat().len()
        {
            0 => break,
            some => reaped += some,
        }
    }
    Ok(reaped)
}
