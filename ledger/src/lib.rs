//! Stub.
use worker::{Context, Env, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(_request: Request, _env: Env, _context: Context) -> Result<Response> {
    Response::ok("{\"status\":\"ok\"}")
}

/// Stub.
#[worker::durable_object]
pub struct JobLedger {
    _state: worker::State,
}

impl worker::DurableObject for JobLedger {
    fn new(state: worker::State, _env: Env) -> Self {
        Self { _state: state }
    }
    async fn fetch(&self, _request: Request) -> Result<Response> {
        Response::ok("{}")
    }
}
