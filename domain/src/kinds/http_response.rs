//! What an HTTP answer means for an `http.request`.

use std::time::Duration;

use chrono::DateTime;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::limits::OUTPUT_BYTES;
use crate::outcome::{Outcome, Output, TaskError};
use crate::time::Timestamp;

/// Bytes of an answer's body that are kept.
pub const KEPT_BODY_BYTES: usize = 4 * 1_024;

/// Judges an answer: 2xx succeeds; 408, 425, 429 and 5xx are retried, when the other side says if it says; all
/// others, redirects too, fail for good.
pub fn judge(status: u16, retry_after: Option<&str>, body: &[u8], now: Timestamp) -> Outcome {
    let body = String::from_utf8_lossy(&body[..body.len().min(KEPT_BODY_BYTES)]);
    match status {
        200..300 => match output(status, &body) {
            Ok(output) => Outcome::Succeeded(output),
            Err(error) => Outcome::Failed { error },
        },
        408 | 425 | 429 | 500..600 => Outcome::Retry {
            error: error(status, &body),
            after: retry_after.and_then(|text| read_retry_after(text, now)),
        },
        _ => Outcome::Failed { error: error(status, &body) },
    }
}

/// The request did not get an answer in time.
pub fn timed_out(limit: Duration) -> Outcome {
    let error = TaskError::new("http.timeout", &format!("no answer within {} s", limit.as_secs_f64()));
    Outcome::Retry { error, after: None }
}

/// The request got no answer.
pub fn network_error(detail: &str) -> Outcome {
    Outcome::Retry { error: TaskError::new("http.network", detail), after: None }
}

fn error(status: u16, body: &str) -> TaskError {
    let class = format!("http.{status}");
    let body = body.trim();
    match body.is_empty() {
        true => TaskError::new(&class, &format!("the server answered {status}")),
        false => TaskError::new(&class, body),
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    status: u16,
    body: &'a str,
}

/// The output; a body whose escapes make it too long is cut further.
fn output(status: u16, body: &str) -> Result<Output, TaskError> {
    let mut kept = body.len();
    loop {
        kept = body.floor_char_boundary(kept);
        let json = serde_json::to_string(&Answer { status, body: &body[..kept] }).unwrap_or_default();
        if json.len() <= OUTPUT_BYTES || kept == 0 {
            return Output::new(RawValue::from_string(json).unwrap_or_default());
        }
        kept /= 2;
    }
}

/// `Retry-After`, RFC 9110 section 10.2.3: seconds, or a date.
fn read_retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(text).ok()?;
    let date = Timestamp::from_millis(u64::try_from(date.timestamp_millis()).ok()?);
    Some(date.since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_792_000_000_000);

    fn class(status: u16) -> (&'static str, String) {
        match judge(status, None, b"", NOW) {
            Outcome::Succeeded(_) => ("succeeds", String::new()),
            Outcome::Retry { error, .. } => ("is retried", error.class),
            Outcome::Failed { error } => ("fails", error.class),
        }
    }

    #[test]
    fn every_status_has_its_outcome() {
        for status in [200, 201, 204, 299] {
            assert_eq!(class(status).0, "succeeds", "{status}");
        }
        for status in [408, 425, 429, 500, 502, 503, 599] {
            assert_eq!(class(status), ("is retried", format!("http.{status}")));
        }
        for status in [301, 302, 304, 307, 400, 401, 404, 410, 422] {
            assert_eq!(class(status), ("fails", format!("http.{status}")));
        }
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_as_a_date() {
        assert_eq!(read_retry_after("120", NOW), Some(Duration::from_secs(120)));
        assert_eq!(read_retry_after("Wed, 14 Oct 2026 17:47:40 GMT", NOW), Some(Duration::from_secs(60)));
        assert_eq!(read_retry_after("Wed, 14 Oct 2020 17:47:40 GMT", NOW), Some(Duration::ZERO));
        for nonsense in ["", "soon", "-5", "1.5"] {
            assert_eq!(read_retry_after(nonsense, NOW), None, "{nonsense}");
        }
    }

    #[test]
    fn the_output_keeps_the_start_of_the_body_and_fits() {
        for body in [vec![b'x'; 10_000], vec![1; 10_000], vec![0xff; 10_000], "ü".repeat(5_000).into_bytes()] {
            let Outcome::Succeeded(output) = judge(200, None, &body, NOW) else { panic!("not a success") };
            let json = output.into_json().unwrap();
            assert!(json.get().len() <= OUTPUT_BYTES && json.get().starts_with(r#"{"status":200,"body":""#));
        }
    }

    #[test]
    fn the_server_s_own_words_are_the_message() {
        let Outcome::Failed { error } = judge(422, None, b" no such customer\n", NOW) else { panic!("not failed") };
        assert_eq!(error.message, "no such customer");
    }
}
