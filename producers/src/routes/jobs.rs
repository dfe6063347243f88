//! `GET /v1/jobs/{job}`, its results and its audit; `POST /v1/jobs/{job}/cancel`.

use domain::calls::{CancelCall, NEXT_INDEX, VERSION};
use domain::id::JobId;
use domain::ledger::TaskState;
use futures_util::stream;
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
    pass_on(Ledgers::new(env)?.read(job, "audit").await?, "application/json").await
}

/// Cancels the job: what waits never runs, what runs finishes and is recorded.
pub(crate) async fn cancel(request: &Request, env: &Env, job: JobId) -> Result<Response, Problem> {
    query::only(&query::pairs(request), &[])?;
    let view = Ledgers::new(env)?.cancel(job, &CancelCall { v: VERSION, index: None }).await?;
    super::text(202, view)
}

/// NDJSON by index, `?status=&from=&limit=`; without `limit` all of it, streamed page by page.
pub(crate) async fn results(request: &Request, env: &Env, job: JobId) -> Result<Response, Problem> {
    let pairs = query::pairs(request);
    query::only(&pairs, &["status", "from", "limit"])?;
    let status = query::one_of(&pairs, "status", &TaskState::ALL, TaskState::name)?;
    let from = query::number(&pairs, "from", 0)?.unwrap_or(0);
    let limit = query::number(&pairs, "limit", 1)?;
    let reader = Reader { ledgers: Ledgers::new(env)?, job, status, left: limit };
    // The first page is read before the answer begins, so that an unknown job is a 404.
    let first = reader.page(from).await?;
    let pages = stream::try_unfold((reader, Some(first)), |(mut reader, page)| async move {
        let Some(page) = page else { return Ok(None) };
        reader.left = reader.left.map(|left| left.saturating_sub(page.lines));
        let next = match page.next {
            Some(from) if reader.left != Some(0) => {
                let read = reader.page(from).await;
                Some(read.map_err(|problem| worker::Error::RustError(format!("results end early: {problem:?}")))?)
            }
            _ => None,
        };
        Ok::<_, worker::Error>(Some((page.text.into_bytes(), (reader, next))))
    });
    let headers = Headers::new();
    headers.set("content-type", "application/x-ndjson")?;
    Ok(Response::from_stream(pages)?.with_headers(headers))
}

/// Reads results page by page.
struct Reader {
    ledgers: Ledgers,
    job: JobId,
    status: Option<TaskState>,
    /// How many lines may still follow.
    left: Option<u32>,
}

struct Page {
    text: String,
    lines: u32,
    next: Option<u32>,
}

impl Reader {
    async fn page(&self, from: u32) -> Result<Page, Problem> {
        let mut path = format!("results?from={from}");
        if let Some(left) = self.left {
            path += &format!("&limit={left}");
        }
        if let Some(status) = self.status {
            path += &format!("&status={}", status.name());
        }
        let mut response = self.ledgers.read(self.job, &path).await?;
        let next = response.headers().get(NEXT_INDEX)?.and_then(|next| next.parse().ok());
        let text = response.text().await?;
        let lines = u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
        Ok(Page { text, lines, next })
    }
}

/// The ledger's answer as ours.
pub(super) async fn pass_on(mut response: Response, content_type: &str) -> Result<Response, Problem> {
    let headers = Headers::new();
    headers.set("content-type", content_type)?;
    Ok(Response::ok(response.text().await?)?.with_headers(headers))
}
