//! The dlq Worker: archives dead letters. No public route.

mod archive;
mod batch;
mod malformed;

use js_sys::Promise;
use platform::guard::{GuardedAllocator, invocation};
use wasm_bindgen::prelude::*;
use worker::worker_sys::{Context, MessageBatch};
use worker::{Env, Method, Request, Response, Result, event};

#[global_allocator]
static ALLOCATOR: GuardedAllocator = GuardedAllocator;

/// Called by the consumers Worker's service binding only: this Worker has no route of its own.
#[event(fetch)]
async fn fetch(mut request: Request, env: Env, _context: worker::Context) -> Result<Response> {
    platform::logs::init(&env);
    match (request.method(), request.path().as_str()) {
        (Method::Post, "/malformed") => malformed::archive(&request.text().await?, &env).await,
        _ => Response::error("no public route", 404),
    }
}

/// Takes a batch of the dead-letters queue. It never fails: every message is settled by itself.
#[wasm_bindgen(js_name = queue)]
pub fn queue(batch: MessageBatch, env: Env, _context: Context) -> Promise {
    platform::logs::init(&env);
    invocation(async move { batch::consume(&batch, &env).await })
}
