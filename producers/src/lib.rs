//! The producers Worker: the front door. It parses, checks, packs, appends, sends and answers; nothing else.

mod accept;
mod acceptance;
mod access;
mod body;
mod generators;
mod request_id;
mod room;
mod route;
mod routes;
mod schedules;
mod tick;

use domain::schedule::tick_time;
use domain::time::Timestamp;
use tracing::Instrument;
use worker::{Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event};

/// Serves one request. Every answer carries `x-request-id`.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    platform::logs::init(&env);
    let request_id = request_id::new();
    let span = tracing::info_span!("request", request_id);
    let answered = match access::refuse_strangers(&request, &env) {
        Ok(()) => routes::serve(request, &env, &request_id).instrument(span).await,
        Err(problem) => Err(problem),
    };
    let mut response = match answered {
        Ok(response) => response,
        Err(problem) => problem.into_response(&request_id)?,
    };
    let headers = response.headers_mut();
    headers.set("x-request-id", &request_id)?;
    headers.set("x-content-type-options", "nosniff")?;
    headers.set("cache-control", "no-store")?;
    Ok(response)
}

/// The cron tick. Its planned time is the only clock that counts. `TICK_TIME=any` is for tests: it lets that lie in the
/// future.
#[event(scheduled)]
async fn scheduled(event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    platform::logs::init(&env);
    let any = env.var("TICK_TIME").is_ok_and(|time| time.to_string() == "any");
    tick::tick(&env, tick_time(Timestamp::from_millis(event.schedule() as u64), platform::now(), any)).await;
}
