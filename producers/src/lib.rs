//! The producers Worker: the front door. It parses, checks, packs, appends, sends and answers; nothing else.

mod accept;
mod acceptance;
mod access;
mod admission;
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
use js_sys::Promise;
use platform::guard::{self, GuardedAllocator};
use tracing::Instrument;
use wasm_bindgen::prelude::*;
use worker::worker_sys::Context;
use worker::{Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event, web_sys};

#[global_allocator]
static ALLOCATOR: GuardedAllocator = GuardedAllocator;

/// Serves one request. An export of our own: one that panics, or whose instance dies, is answered at once, and one whose
/// caller hangs up runs to its end.
#[wasm_bindgen(js_name = fetch)]
pub fn fetch(request: web_sys::Request, env: Env, context: Context) -> Promise {
    platform::logs::init(&env);
    guard::request(&context, serve(request.into(), env))
}

/// Every answer carries `x-request-id`.
async fn serve(request: Request, env: Env) -> Result<Response> {
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
