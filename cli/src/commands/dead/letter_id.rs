//! The id of a dead letter.

use std::fmt;
use std::str::FromStr;

use domain::id::{JobId, TaskId};
use serde::Serialize;

/// What a dead letter is known by: its task, its job's callback, or the message that nobody could decode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct LetterId(String);

/// Text that is not the id of a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not the id of a dead letter: <job>-<index>, <job>-callback or message-<id>, where a job is 32 lower-case hexadecimal digits"
)]
pub(crate) struct UnreadableLetterId;

impl FromStr for LetterId {
    type Err = UnreadableLetterId;

    fn from_str(text: &str) -> Result<Self, UnreadableLetterId> {
        let is_callback = |text: &str| text.strip_suffix("-callback").is_some_and(|job| job.parse::<JobId>().is_ok());
        let is_message = |text: &str| text.strip_prefix("message-").is_some_and(is_word);
        let fits = text.parse::<TaskId>().is_ok() || is_callback(text) || is_message(text);
        if fits { Ok(Self(text.to_owned())) } else { Err(UnreadableLetterId) }
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

impl fmt::Display for LetterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_known_by_its_task_its_callback_or_its_message() {
        let job = "0199f0c2a0007abc8def0123456789ab";
        for (text, fits) in [
            (format!("{job}-7"), true),
            (format!("{job}-callback"), true),
            ("message-2f6c0d4e".to_owned(), true),
            (job.to_owned(), false),
            ("7-callback".to_owned(), false),
            ("message-".to_owned(), false),
            ("message-a/../b".to_owned(), false),
        ] {
            assert_eq!(text.parse::<LetterId>().is_ok(), fits, "{text}");
        }
    }
}
