//! The generator `http` at work: one request, whose answer is read as it comes and no further than a submission may be long.

use domain::generators::{Firing, Http};
use domain::kinds::http_request::HostRule;
use domain::limits::BODY_BYTES;
use futures_util::StreamExt;
use worker::{AbortController, Fetch, Headers, Request, RequestInit, RequestRedirect};

use super::{Generate, GenerateError, Made};
use crate::room::Hold;

impl Generate for Http<'_> {
    async fn generate(&self, firing: &Firing<'_>, hosts: &HostRule) -> Result<Made, GenerateError> {
        let url = self.url(firing, hosts).map_err(GenerateError::Refused)?;
        let request = prepare(self, &url, firing).map_err(GenerateError::Network)?;
        let abort = AbortController::default();
        let signal = abort.signal();
        let answer = platform::timeout(self.timeout(), read(request, &signal)).await;
        // Whatever of the answer is still to come is not wanted.
        abort.abort();
        let (ndjson, hold) = answer.map_err(|elapsed| GenerateError::Slow(elapsed.0))??;
        Ok(Made { ndjson, kind: self.kind(), hold })
    }
}

fn prepare(http: &Http<'_>, url: &str, firing: &Firing<'_>) -> worker::Result<Request> {
    let headers = Headers::new();
    headers.set("user-agent", concat!("monotask/", env!("CARGO_PKG_VERSION")))?;
    headers.set("accept", "application/x-ndjson")?;
    headers.set("monotask-schedule", firing.schedule.as_str())?;
    headers.set("monotask-fire-time", &firing.at.to_string())?;
    for (name, value) in http.headers() {
        headers.set(name, value)?;
    }
    let mut init = RequestInit::new();
    // An answer elsewhere is no answer: where it may go was checked for this URL only.
    init.with_headers(headers).with_redirect(RequestRedirect::Manual);
    Request::new_with_init(url, &init)
}

async fn read(request: Request, signal: &worker::AbortSignal) -> Result<(Vec<u8>, Hold), GenerateError> {
    let network = GenerateError::Network;
    let mut response = Fetch::Request(request).send_with_signal(signal).await.map_err(network)?;
    let (mut body, hold) = (Vec::new(), Hold::generated());
    match response.status_code() {
        // There is nothing to do this time.
        204 => return Ok((body, hold)),
        200..=299 => {}
        status => return Err(GenerateError::Status(status)),
    }
    // Counted as it comes: how long it will be is not always said, and what is said is its length as it travels, compressed.
    let mut stream = response.stream().map_err(network)?;
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(network)?;
        if body.len() + piece.len() > BODY_BYTES {
            return Err(GenerateError::TooLarge);
        }
        hold.grow(piece.len())?;
        body.extend_from_slice(&piece);
    }
    Ok((body, hold))
}
