//! `GET /v1/jobs/{job}` and its audit; `POST /v1/jobs/{job}/cancel`.

use domain::calls::{CancelCall, VERSION};
use domain::id::JobId;
use platform::ledger::Ledgers;
use platform::{Problem, query};
use worker::{Env, Headers, Request, Response};

pub(crate) async fn get(request: &Request, env: &Env, job: JobId) -> Result<Response, Problem> {
    query::only(&query::pairs(request), &[])?;
    pass_on(Ledgers::new(env)?.read(job, "job").await?, "application/json").await
}

/// Recounts the job from its rows and compares.
pub(crate) async fn audit(request: &Request, env: &Env, job: JobId) -> Result<Response, Problem> {
    query::only(&query::pairs(request), &[])?;
    pass_on(Ledgers::new(env)?.read_all(job, "audit").await?, "application/json").await
}

/// Cancels the job: what waits never runs, what runs finishes and is recorded.
pub(crate) async fn cancel(request: &Request, env: &Env, job: JobId) -> Result<Response, Problem> {
    query::only(&query::pairs(request), &[])?;
    let view = Ledgers::new(env)?.cancel(job, &CancelCall { v: VERSION, index: None }).await?;
    super::text(202, view)
}

/// The ledger's answer as ours.
pub(super) async fn pass_on(mut response: Response, content_type: &str) -> Result<Response, Problem> {
    let headers = Headers::new();
    headers.set("content-type", content_type)?;
    Ok(Response::ok(response.text().await?)?.with_headers(headers))
}
