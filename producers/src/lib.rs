//! The producers Worker: the front door. It parses, checks, packs, appends, sends and answers; nothing else.

mod accept;
mod acceptance;
mod access;
mod body;
mod generators;
mod in_flight;
mod request_id;
mod route;
mod routes;
mod schedules;
mod tick;

use domain::time::Timestamp;
use tracing::Instrument;
use worker::{Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event};

/// Serves one request. Every answer carries `x-request-id`.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    platform::logs::init(&env);
    let request_id = request_id::new();
    let span = tracing::info_span!("request", request_id);
    let mut response = match routes::serve(request, &env, &request_id).instrument(span).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(&request_id)?,
    };
    response.headers_mut().set("x-request-id", &request_id)?;
    Ok(response)
}

/// The cron tick. Its planned time is the only clock that counts.
#[event(scheduled)]
async fn scheduled(event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    platform::logs::init(&env);
    tick::tick(&env, Timestamp::from_millis(event.schedule() as u64)).await;
}
