//! JSON bodies of requests, read whole.

use serde::de::{DeserializeOwned, IgnoredAny};

use crate::json_error::{detail, diagnose};
use crate::submission::{Fault, Refusal};

/// Reads a body as `T`.
///
/// # Errors
/// What is wrong with it, and with which field.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let unreadable = |detail: String| Refusal::Unreadable(vec![Fault::new("", detail)]);
    let text = std::str::from_utf8(body).map_err(|_| unreadable("not UTF-8".to_owned()))?;
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        return Err(unreadable(format!("not valid JSON: {}", detail(&error))));
    }
    if let Some(error) = diagnose(text, |text| serde_json::from_str::<T>(text).map(drop)) {
        return Err(Refusal::Wrong(vec![Fault::new(&error.field, error.detail)]));
    }
    serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))
}
