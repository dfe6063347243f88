//! What a handler reports of one task.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::limits::{ERROR_CLASS_BYTES, ERROR_MESSAGE_BYTES, OUTPUT_BYTES};

/// What a handler reports of one run of one task.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It worked.
    Succeeded(Output),
    /// It did not work and may work later.
    Retry {
        /// What went wrong.
        error: TaskError,
        /// How long the other side asked us to wait, if it did.
        after: Option<Duration>,
    },
    /// It did not work and never will.
    Failed {
        /// What went wrong.
        error: TaskError,
    },
}

/// A task's result: JSON of at most [`OUTPUT_BYTES`], null where the handler has nothing to say.
#[derive(Clone, Debug, Default)]
pub struct Output(Option<Box<RawValue>>);

impl Output {
    /// The output null.
    pub const NULL: Self = Self(None);

    /// Takes `json` as the output.
    ///
    /// # Errors
    /// The permanent failure `output_too_large` if it is longer than [`OUTPUT_BYTES`].
    pub fn new(json: Box<RawValue>) -> Result<Self, TaskError> {
        match json.get() {
            "null" => Ok(Self::NULL),
            text if text.len() > OUTPUT_BYTES => Err(TaskError::new(
                "output_too_large",
                &format!("the output has {} bytes; the limit is {OUTPUT_BYTES}", text.len()),
            )),
            _ => Ok(Self(Some(json))),
        }
    }

    /// The JSON, `None` for null.
    pub fn into_json(self) -> Option<Box<RawValue>> {
        self.0
    }
}

/// What went wrong in one attempt: a class that dead letters are grouped by, and a message for people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskError {
    /// A short stable name, such as `http.503`; at most [`ERROR_CLASS_BYTES`].
    pub class: String,
    /// What a person should know; at most [`ERROR_MESSAGE_BYTES`].
    pub message: String,
}

impl TaskError {
    /// An error of `class` with `message`, both cut to their limits.
    pub fn new(class: &str, message: &str) -> Self {
        Self { class: cut(class, ERROR_CLASS_BYTES).to_owned(), message: cut(message, ERROR_MESSAGE_BYTES).to_owned() }
    }
}

/// The longest start of `text` that has at most `bytes` and ends between two characters.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_over_the_limit_is_a_failure_that_names_both_sizes() {
        let json = RawValue::from_string(format!("\"{}\"", "x".repeat(OUTPUT_BYTES))).unwrap();
        let error = Output::new(json).unwrap_err();
        assert_eq!(error.class, "output_too_large");
        assert!(error.message.contains("16386") && error.message.contains("16384"), "{}", error.message);
    }

    #[test]
    fn errors_are_cut_between_characters() {
        let error = TaskError::new(&"k".repeat(500), &"ü".repeat(2_000));
        assert_eq!(error.class.len(), ERROR_CLASS_BYTES);
        assert_eq!(error.message.len(), ERROR_MESSAGE_BYTES);
        let odd = TaskError::new("k", &format!("x{}", "ü".repeat(2_000)));
        assert_eq!(odd.message.len(), ERROR_MESSAGE_BYTES - 1);
    }
}
