//! Reads bodies, up to their limit.

use domain::limits::{BODY_BYTES, BODY_READ_BYTES};
use futures_util::StreamExt;
use platform::Problem;
use worker::Request;

use crate::in_flight::InFlight;

/// A body, and the right to hold it.
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    pub(crate) in_flight: InFlight,
}

/// Reads the body whole. One that is refused is still read, to a limit of its own, so that the caller gets the answer
/// instead of a broken pipe.
pub(crate) async fn read(request: &mut Request) -> Result<Body, Problem> {
    if let Some(encoding) = request.headers().get("content-encoding")?.filter(|encoding| encoding != "identity") {
        return Err(Problem::ContentType(format!("content-encoding {encoding} is not understood; send plain text")));
    }
    let length = request.headers().get("content-length")?.and_then(|length| length.parse::<usize>().ok());
    let in_flight = InFlight::enter(length.unwrap_or(BODY_BYTES).min(BODY_BYTES));
    // A known length is read in one go, which is three times as fast as piece by piece.
    if length.is_some_and(|length| length <= BODY_BYTES)
        && let Ok(in_flight) = in_flight
    {
        return Ok(Body { bytes: request.bytes().await?, in_flight });
    }
    let bytes = read_stream(request, in_flight.is_ok()).await?;
    Ok(Body { bytes, in_flight: in_flight? })
}

/// Reads piece by piece; what is not to be kept, or too large, is let go as it comes.
async fn read_stream(request: &mut Request, keep: bool) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::new();
    let mut total = 0;
    let Ok(mut stream) = request.stream() else { return Ok(body) };
    while let Some(piece) = stream.next().await {
        let piece = piece?;
        total += piece.len();
        if total > BODY_READ_BYTES {
            break;
        }
        if keep && total <= BODY_BYTES {
            body.extend_from_slice(&piece);
        } else {
            body = Vec::new();
        }
    }
    if total > BODY_BYTES {
        let detail = format!("the body is larger than {BODY_BYTES} bytes: send the tasks in several requests");
        return Err(Problem::TooLarge(detail));
    }
    Ok(body)
}

/// What a body is, by its `content-type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContentType {
    /// `application/x-ndjson`.
    Ndjson,
    /// `application/json`.
    Json,
}

impl ContentType {
    /// Reads the header.
    pub(crate) fn of(request: &Request) -> Result<Self, Problem> {
        let header = request.headers().get("content-type")?.unwrap_or_default();
        let essence = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/x-ndjson" => Ok(Self::Ndjson),
            "application/json" => Ok(Self::Json),
            _ => Err(Problem::ContentType("send application/x-ndjson or application/json".to_owned())),
        }
    }
}
