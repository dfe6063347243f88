//! What the systems are given to do.

use serde::Serialize;

/// Tasks that every system does in its own idiom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Work {
    /// How many.
    pub tasks: u32,
    /// Bytes of each, as a line of JSON that names its kind and its payload.
    pub bytes: usize,
    /// What each does.
    pub does: Does,
}

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Does {
    /// It returns a short text.
    Nothing,
    /// It posts its payload to a server that answers after 20 ms.
    HttpRequest,
}

/// Bytes of a tiny task.
pub const TINY: usize = 116;
/// Bytes of a larger one.
pub const LARGE: usize = 1_000;

impl Work {
    /// Tiny tasks.
    pub fn tiny(tasks: u32) -> Self {
        Self { tasks, bytes: TINY, does: Does::Nothing }
    }

    /// Tasks of 1 KB.
    pub fn large(tasks: u32) -> Self {
        Self { tasks, bytes: LARGE, does: Does::Nothing }
    }

    /// HTTP requests.
    pub fn http(tasks: u32) -> Self {
        Self { tasks, bytes: TINY, does: Does::HttpRequest }
    }

    /// In words.
    pub fn name(&self) -> String {
        let tasks = thousands(self.tasks.into());
        match (self.does, self.bytes) {
            (Does::HttpRequest, _) => format!("{tasks} http.request"),
            (Does::Nothing, TINY) => format!("{tasks} × 116 B"),
            (Does::Nothing, bytes) => format!("{tasks} × {bytes} B"),
        }
    }
}

/// A number with commas between its thousands.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }
}
