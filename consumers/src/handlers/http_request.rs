//! Runs `http.request`: one signed HTTP request.

use std::time::Duration;

use domain::id::TaskId;
use domain::kinds::http_request::{HostRule, HttpRequest};
use domain::kinds::http_response::{KEPT_BODY_BYTES, judge, network_error, timed_out};
use domain::outcome::{Outcome, TaskError};
use domain::signature::Secrets;
use domain::task::TaskLine;
use domain::time::Timestamp;
use futures_util::StreamExt;
use futures_util::future::FutureExt;
use worker::{
    AbortController, AbortSignal, Env, Fetch, Headers, Method, Request, RequestInit, RequestRedirect, Response,
};

use super::{Handler, Run};
use crate::pack_run::PackRun;
use crate::running::Started;

pub(crate) struct HttpRequests {
    hosts: &'static HostRule,
    secrets: Result<Secrets, String>,
}

impl HttpRequests {
    pub(crate) fn new(env: &Env, hosts: &'static HostRule) -> Self {
        let secrets = match env.secret("WEBHOOK_SECRET") {
            Ok(secret) => Secrets::parse(&secret.to_string()).map_err(|error| error.to_string()),
            Err(_) => Err("the secret WEBHOOK_SECRET is not set".to_owned()),
        };
        Self { hosts, secrets }
    }

    async fn request(&self, pack: &PackRun<'_>, task: &TaskLine<'_>) -> Outcome {
        let request = match HttpRequest::parse(task.payload(), self.hosts) {
            Ok(request) => request,
            Err(error) => return Outcome::Failed { error: TaskError::new("payload", &error.to_string()) },
        };
        // An unsigned request is never sent: the operator sets the secret and replays.
        let secrets = match &self.secrets {
            Ok(secrets) => secrets,
            Err(detail) => return Outcome::Failed { error: TaskError::new("webhook_secret", detail) },
        };
        let job = pack.pack.header.job;
        // A replayed callback is the same message to whoever gets it.
        let replayed = task.origin.as_ref().and_then(|origin| origin.task.strip_suffix("-callback"));
        let id = match (pack.pack.header.callback, replayed) {
            (true, _) => job.to_string(),
            (false, Some(origin)) => origin.to_owned(),
            (false, None) => TaskId { job, index: task.index }.to_string(),
        };
        let prepared = match prepare(&request, secrets, &id) {
            Ok(prepared) => prepared,
            Err(error) => return Outcome::Failed { error: TaskError::new("payload", &error.to_string()) },
        };
        let mut abort = AbortOnDrop::new();
        let until = platform::now().after(task.timeout());
        match answer(prepared, &mut abort, until).await {
            Ok((status, retry_after, body)) => judge(status, retry_after.as_deref(), &body, platform::now()),
            Err(error) => network_error(&error.to_string()),
        }
    }
}

impl Handler for HttpRequests {
    fn run<'t>(&'t self, pack: &'t PackRun<'_>, task: &'t TaskLine<'_>) -> Run<'t> {
        Started::Waits(self.request(pack, task).boxed_local())
    }

    fn timed_out(&self, limit: Duration) -> Outcome {
        timed_out(limit)
    }
}

/// Builds the request, signed per the Standard Webhooks specification.
/// `id` is what the receiver tells repeats by.
fn prepare(request: &HttpRequest<'_>, secrets: &Secrets, id: &str) -> worker::Result<Request> {
    let headers = Headers::new();
    headers.set("user-agent", concat!("monotask/", env!("CARGO_PKG_VERSION")))?;
    if request.body_is_json() {
        headers.set("content-type", "application/json")?;
    }
    for (name, value) in &request.headers {
        headers.set(name, value)?;
    }
    let body = request.body_text();
    let seconds = platform::now().as_millis() / 1_000;
    headers.set("webhook-id", id)?;
    headers.set("webhook-timestamp", &seconds.to_string())?;
    headers.set("webhook-signature", &secrets.sign(id, seconds, body.as_deref().unwrap_or_default()))?;
    let mut init = RequestInit::new();
    init.with_method(Method::from(request.method.name().to_owned()))
        .with_headers(headers)
        .with_redirect(RequestRedirect::Manual)
        .with_body(body.map(|body| body.as_ref().into()));
    Request::new_with_init(&request.url, &init)
}

/// Sends it; the answer's status, `Retry-After` and the start of its body, whatever of it comes before the task's time is
/// over.
async fn answer(
    request: Request,
    abort: &mut AbortOnDrop,
    until: Timestamp,
) -> worker::Result<(u16, Option<String>, Vec<u8>)> {
    let mut response = Fetch::Request(request).send_with_signal(&abort.signal).await?;
    let headers = response.headers();
    let retry_after = headers.get("retry-after")?;
    if headers.get("content-length")?.as_deref() == Some("0") {
        abort.disarm();
        return Ok((response.status_code(), retry_after, Vec::new()));
    }
    let limit = BODY.min(until.since(platform::now()) / 2);
    let (body, read) = start_of_body(&mut response, limit).await;
    if read == BodyRead::Whole {
        abort.disarm();
    }
    Ok((response.status_code(), retry_after, body))
}

/// How much of a body was read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BodyRead {
    /// It came to its end.
    Whole,
    /// More may come.
    Partly,
}

/// The status is the answer; a body that stalls longer than this is taken as far as it came.
const BODY: Duration = Duration::from_secs(2);

/// Reads no more than is kept: the rest of a large answer is never transferred. A body that breaks off does not change
/// what its status says: a request that was answered must not be made again.
async fn start_of_body(response: &mut Response, limit: Duration) -> (Vec<u8>, BodyRead) {
    let mut body = Vec::new();
    let Ok(mut stream) = response.stream() else { return (body, BodyRead::Partly) };
    let read = async {
        loop {
            match stream.next().await {
                Some(Ok(piece)) => body.extend_from_slice(&piece),
                Some(Err(_)) => return BodyRead::Partly,
                None => return BodyRead::Whole,
            }
            if body.len() >= KEPT_BODY_BYTES {
                return BodyRead::Partly;
            }
        }
    };
    let read = platform::timeout(limit, read).await.unwrap_or_else(|elapsed| {
        tracing::debug!(%elapsed, "the body of an answer stalled");
        BodyRead::Partly
    });
    (body, read)
}

/// Ends the request when the task is over, in time or not. One that has ended by itself needs no end: it would cost as much
/// as making the request.
struct AbortOnDrop {
    controller: Option<AbortController>,
    signal: AbortSignal,
}

impl AbortOnDrop {
    fn new() -> Self {
        let controller = AbortController::default();
        let signal = controller.signal();
        Self { controller: Some(controller), signal }
    }

    fn disarm(&mut self) {
        self.controller = None;
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(controller) = self.controller.take() {
            controller.abort();
        }
    }
}
