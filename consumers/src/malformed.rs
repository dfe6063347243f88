//! Hands a message that nobody can decode to the archive.

use domain::dead_letter::MalformedCall;
use domain::lane::Lane;
use platform::messages::Body;
use worker::{Env, Error, Method, Request, RequestInit, Result};

/// Archives the message under its own id: handing it over twice changes nothing.
pub(crate) async fn archive(env: &Env, message: &str, lane: Option<Lane>, body: &Body, fault: &str) -> Result<()> {
    let (Body::Text(body) | Body::Other(body)) = body;
    let call = MalformedCall { message: message.into(), lane, body: body.into(), fault: fault.into() };
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(Some(serde_json::to_string(&call)?.into()));
    let request = Request::new_with_init("https://dlq/malformed", &init)?;
    let response = env.service("DLQ")?.fetch_request(request).await?;
    match response.status_code() {
        200 => Ok(()),
        status => Err(Error::RustError(format!("dlq answered {status}"))),
    }
}
