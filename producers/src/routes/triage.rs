//! `/v1/dead-letters`, `/v1/replays` and `/v1/journal`: passed on to the dlq Worker, which is behind this one and takes its
//! word for whose key it is.

use domain::access::ApiKey;
use domain::limits::TRIAGE_BYTES;
use js_sys::Uint8Array;
use platform::Problem;
use worker::{Env, Headers, Method, Request, RequestInit, Response};

use crate::body::{self, ContentType};

/// Headers of a request that are passed on.
const TO: [&str; 1] = ["idempotency-key"];
/// Headers of an answer that are.
const BACK: [&str; 2] = ["content-type", "retry-after"];

pub(super) async fn pass_on(
    request: &mut Request,
    env: &Env,
    key: &ApiKey,
    request_id: &str,
) -> Result<Response, Problem> {
    let headers = Headers::new();
    headers.set("x-api-key-id", &key.id)?;
    headers.set("x-request-id", request_id)?;
    for name in TO {
        if let Some(value) = request.headers().get(name)? {
            headers.set(name, &value)?;
        }
    }
    let mut init = RequestInit::new();
    init.with_headers(headers);
    let mut hold = None;
    if request.method() == Method::Post {
        let body = body::read(request).await?;
        if body.bytes.len() > TRIAGE_BYTES {
            return Err(Problem::TooLarge(format!("a request about dead letters may have {TRIAGE_BYTES} bytes")));
        }
        // A word to a replay needs no body.
        if !body.bytes.is_empty() && !matches!(ContentType::of(request), Ok(ContentType::Json)) {
            return Err(Problem::ContentType("send application/json".to_owned()));
        }
        init.with_method(Method::Post).with_body(Some(Uint8Array::from(&body.bytes[..]).into()));
        hold = Some(body.hold);
    }
    let passed = Request::new_with_init(&request.inner().url(), &init)?;
    let mut answer = env.service("DLQ")?.fetch_request(passed).await?;
    drop(hold);
    let headers = Headers::new();
    for name in BACK {
        if let Some(value) = answer.headers().get(name)? {
            headers.set(name, &value)?;
        }
    }
    let status = answer.status_code();
    if status >= 500 && status != 503 {
        tracing::error!(status, "dlq failed");
        return Err(Problem::Unavailable);
    }
    Ok(Response::ok(answer.text().await?)?.with_status(status).with_headers(headers))
}
