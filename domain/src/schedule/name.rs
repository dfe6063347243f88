//! Names of schedules.

use std::fmt;
use std::str::FromStr;

use crate::limits::SCHEDULE_NAME_CHARS;

/// A schedule's name: letters, digits, `.`, `_` and `-`, the first a letter or a digit. It fits a path as it is, and has no
/// `@`, which is before the fire time in the key of a firing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScheduleName(String);

impl ScheduleName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ScheduleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ScheduleName {
    type Err = UnreadableName;

    fn from_str(text: &str) -> Result<Self, UnreadableName> {
        let begins = text.starts_with(|first: char| first.is_ascii_alphanumeric());
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        if begins && plain && text.len() <= SCHEDULE_NAME_CHARS {
            Ok(Self(text.to_owned()))
        } else {
            Err(UnreadableName)
        }
    }
}

/// Text that is no name of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a schedule's name has 1 to {SCHEDULE_NAME_CHARS} letters, digits, '.', '_' and '-', the first a letter or a digit"
)]
pub struct UnreadableName;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_a_path_as_it_is() {
        for name in ["a", "7", "nightly-report_v2.1", &"x".repeat(100)] {
            assert_eq!(name.parse::<ScheduleName>().unwrap().to_string(), name);
        }
        for name in ["", ".", "..", "-a", "a b", "a/b", "a%20b", "ä", "a@b", "a\n", &"x".repeat(101)] {
            assert_eq!(name.parse::<ScheduleName>(), Err(UnreadableName), "{name}");
        }
    }
}
