//! The name of a schedule.

use std::fmt;
use std::str::FromStr;

/// What a schedule is known by. Every letter of it may stand in a URL as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScheduleName(String);

/// Text that is not the name of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not the name of a schedule: 1 to 100 letters (A-Z, a-z), digits, `.`, `_` and `-`, the first a letter or a digit"
)]
pub(crate) struct UnreadableName;

/// The longest name.
const LETTERS: usize = 100;

impl ScheduleName {
    /// Where the server has it.
    pub(super) fn path(&self) -> String {
        format!("/v1/schedules/{self}")
    }
}

impl FromStr for ScheduleName {
    type Err = UnreadableName;

    fn from_str(text: &str) -> Result<Self, UnreadableName> {
        let begins = text.starts_with(|first: char| first.is_ascii_alphanumeric());
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let fits = begins && text.len() <= LETTERS && text.bytes().all(letter);
        if fits { Ok(Self(text.to_owned())) } else { Err(UnreadableName) }
    }
}

impl fmt::Display for ScheduleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_the_server_allows_and_nothing_else() {
        for text in ["a", "7", "nightly", "Report.daily_v2-eu", &"n".repeat(100)] {
            assert_eq!(text.parse::<ScheduleName>().unwrap().to_string(), text);
        }
        for text in ["", ".", "..", "-a", "_a", "a/b", "a b", "a?b", "a%2f", "ä", "a\n", &"n".repeat(101)] {
            assert_eq!(text.parse::<ScheduleName>(), Err(UnreadableName), "{text}");
        }
    }
}
