//! Reads bodies, up to their limit and within their time.

use domain::limits::{BODY_BYTES, BODY_READ_BYTES, BODY_TIME};
use domain::submission::Fault;
use platform::{Pieces, Problem, timeout};
use worker::Request;

use crate::room::Hold;

/// A body, and the right to hold it.
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    pub(crate) hold: Hold,
}

/// A body that says to be no longer than this is read in one go, and held before its first byte arrives.
const SHORT: usize = 64 * 1024;
/// Bytes of a longer body that are read at once: only what has arrived is held, and a piece more.
const PIECE: u32 = 512 * 1024;

/// Reads the body whole. One that is refused is still read, to a limit of its own, so that the caller gets the answer
/// instead of a broken pipe.
pub(crate) async fn read(request: &mut Request) -> Result<Body, Problem> {
    if let Some(encoding) = request.headers().get("content-encoding")?.filter(|encoding| encoding != "identity") {
        return Err(Problem::ContentType(format!("content-encoding {encoding} is not understood; send plain text")));
    }
    let length = request.headers().get("content-length")?.and_then(|length| length.parse::<usize>().ok());
    match timeout(BODY_TIME, read_within(request, length)).await {
        Ok(read) => read,
        Err(_) => {
            let detail = format!("the body did not arrive within {} s", BODY_TIME.as_secs());
            Err(Problem::Unreadable(vec![Fault::new("", detail)]))
        }
    }
}

async fn read_within(request: &mut Request, length: Option<usize>) -> Result<Body, Problem> {
    let hold = Hold::body();
    if let Some(short) = length.filter(|length| *length <= SHORT)
        && hold.grow(short).is_ok()
    {
        return Ok(Body { bytes: request.bytes().await?, hold });
    }
    let Some(stream) = request.inner().body() else { return Ok(Body { bytes: Vec::new(), hold }) };
    // Kept outside of linear memory, which never shrinks, until it is known how much there is.
    let mut kept = Vec::new();
    let (mut total, mut room) = (0, Ok(()));
    let mut pieces = Pieces::of(stream, PIECE)?;
    while let Some(piece) = pieces.next().await? {
        let more = piece.length() as usize;
        total += more;
        if total > BODY_READ_BYTES {
            break;
        }
        room = room.and_then(|()| hold.grow(more));
        // What is not to be kept is let go as it comes.
        if total > BODY_BYTES || room.is_err() {
            kept.clear();
            hold.give_back();
        } else {
            kept.push(piece);
        }
    }
    if total > BODY_BYTES {
        let detail = format!("the body is larger than {BODY_BYTES} bytes: send the tasks in several requests");
        return Err(Problem::TooLarge(detail));
    }
    room.map_err(|_| Problem::Busy)?;
    let mut bytes = Vec::with_capacity(total);
    for piece in kept {
        let before = bytes.len();
        bytes.resize(before + piece.length() as usize, 0);
        piece.copy_to(&mut bytes[before..]);
    }
    Ok(Body { bytes, hold })
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
