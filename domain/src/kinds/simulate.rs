//! `simulate`: a task that does what its payload says. For development and tests; refused elsewhere.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{PayloadError, read};
use crate::json_scan::Scan;
use crate::limits::MAX_TIMEOUT;
use crate::outcome::TaskError;

/// What a simulated task does; `{}` succeeds at once with the output null.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Simulate<'a> {
    /// The output of its success.
    #[serde(borrow, default)]
    pub output: Option<&'a RawValue>,
    /// How long it takes, in milliseconds.
    #[serde(default)]
    pub sleep_ms: u32,
    /// It fails this many times, to be retried, before it succeeds.
    #[serde(default)]
    pub fail_times: u32,
    /// It never succeeds, and fails in this way.
    #[serde(default)]
    pub fail: Option<Failure>,
    /// What it asks to wait before the next attempt, in seconds.
    #[serde(default)]
    pub retry_after: Option<u32>,
    /// It panics.
    #[serde(default)]
    pub panic: bool,
    /// The error of its failures.
    #[serde(default)]
    pub error: Option<TaskError>,
}

/// How a simulated task fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Failure {
    /// In a way that may go away.
    Retryable,
    /// For good.
    Permanent,
}

impl<'a> Simulate<'a> {
    /// Reads a payload.
    ///
    /// # Errors
    /// What is wrong with it, and with which field.
    pub fn parse(payload: &'a str) -> Result<Self, PayloadError> {
        let simulate: Self = read(payload, |text| serde_json::from_str::<Simulate>(text).map(drop))?;
        if u128::from(simulate.sleep_ms) > MAX_TIMEOUT.as_millis() {
            return Err(PayloadError::new(
                "sleep_ms",
                format!("at most {} ms, the longest timeout", MAX_TIMEOUT.as_millis()),
            ));
        }
        Ok(simulate)
    }
}

/// Passes over a payload that says no more than what to output and returns its text; nothing is wrong with such a one.
/// `depth` as for [`Scan::value`].
pub(crate) fn scan<'a>(scan: &mut Scan<'a>, depth: usize) -> Option<&'a str> {
    let mut seen = false;
    scan.spanned(|scan| {
        scan.object(|name, scan| {
            // Twice is an error; serde says so.
            (name == "output" && !seen).then(|| seen = true)?;
            scan.value(depth - 1).map(drop)
        })
    })
}

/// Checks a payload.
pub(super) fn check(payload: &str) -> Result<(), PayloadError> {
    Simulate::parse(payload).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_payload_just_succeeds() {
        let simulate = Simulate::parse("{}").unwrap();
        assert!(simulate.output.is_none() && simulate.fail.is_none() && !simulate.panic);
    }

    #[test]
    fn a_refused_payload_names_its_field() {
        for (payload, field) in [
            (r#"{"sleep_ms":-1}"#, "sleep_ms"),
            (r#"{"sleep_ms":300001}"#, "sleep_ms"),
            (r#"{"fail":"sometimes"}"#, "fail"),
            (r#"{"error":{"class":"a"}}"#, "error"),
            (r#"{"error":{"class":7,"message":""}}"#, "error.class"),
            (r#"{"sleep":1}"#, "sleep"),
            ("7", ""),
        ] {
            let error = Simulate::parse(payload).unwrap_err();
            assert_eq!(error.field, field, "{payload}: {error}");
        }
    }
}
