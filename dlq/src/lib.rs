//! The dlq Worker: archives dead letters, and serves their triage behind the front door. No public route.

mod archive;
mod batch;
mod index;
mod malformed;
mod replay;
mod replay_do;
mod replays;
mod routes;
mod tick;

use js_sys::Promise;
use platform::guard::{self, GuardedAllocator, invocation};
use tracing::Instrument;
use wasm_bindgen::prelude::*;
use worker::worker_sys::{Context, MessageBatch};
use worker::{Env, Method, Request, Response, Result, web_sys};

#[global_allocator]
static ALLOCATOR: GuardedAllocator = GuardedAllocator;

/// Called by the service bindings of the other Workers only: this Worker has no route of its own. The front door has
/// checked the key of what comes from outside, and says whose it is.
#[wasm_bindgen(js_name = fetch)]
pub fn fetch(request: web_sys::Request, env: Env, context: Context) -> Promise {
    platform::logs::init(&env);
    guard::request(&context, serve(request.into(), env))
}

async fn serve(mut request: Request, env: Env) -> Result<Response> {
    let path = routes::path(&request);
    match (request.method(), &*path) {
        (Method::Post, "/malformed") => malformed::archive(&request.text().await?, &env).await,
        (Method::Post, "/tick") => tick::tick(&request.text().await?, &env).await,
        _ => {
            let request_id = request.headers().get("x-request-id")?.unwrap_or_default();
            let span = tracing::info_span!("request", request_id);
            let served = routes::serve(&mut request, &env, &path).instrument(span).await;
            served.or_else(|problem| problem.into_response(&request_id))
        }
    }
}

/// Takes a batch of the dead-letters queue. It never fails: every message is settled by itself.
#[wasm_bindgen(js_name = queue)]
pub fn queue(batch: MessageBatch, env: Env, _context: Context) -> Promise {
    platform::logs::init(&env);
    invocation(async move { batch::consume(&batch, &env).await })
}
