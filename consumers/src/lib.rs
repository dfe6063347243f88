//! The consumers Worker: runs tasks. No public route.

mod batch;
#[cfg(feature = "faults")]
mod faults;
mod handlers;
mod invocation;
mod malformed;
mod pack_run;
mod running;
mod settling;
mod slice;

use js_sys::Promise;
use platform::guard::{GuardedAllocator, invocation};
use wasm_bindgen::prelude::*;
use worker::worker_sys::{Context, MessageBatch};
use worker::{Env, Request, Response, Result, event};

#[global_allocator]
static ALLOCATOR: GuardedAllocator = GuardedAllocator;

/// Nobody calls this Worker by HTTP.
#[event(fetch)]
async fn fetch(_request: Request, env: Env, _context: worker::Context) -> Result<Response> {
    platform::logs::init(&env);
    Response::error("no public route", 404)
}

/// Takes a batch of messages. An export of our own: `worker`'s macro turns an error into a panic, and its messages
/// lack the count of deliveries. It never fails: every message is settled by itself.
#[wasm_bindgen(js_name = queue)]
pub fn queue(batch: MessageBatch, env: Env, _context: Context) -> Promise {
    platform::logs::init(&env);
    invocation(async move { batch::consume(&batch, &env).await })
}
