//! Stub.
use worker::{Context, Env, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(_request: Request, _env: Env, _context: Context) -> Result<Response> {
    Response::ok("{\"status\":\"ok\"}")
}

#[event(queue)]
async fn queue(_batch: worker::MessageBatch<String>, _env: Env, _context: Context) -> Result<()> {
    Ok(())
}
