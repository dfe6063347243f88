//! What tells one version of something from another: an entity tag, RFC 9110.

use std::fmt;
use std::str::FromStr;

/// An entity tag, without its quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Etag(String);

/// Text that is no entity tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an etag: printable ASCII characters without `\"`, as the server shows it, with or without its quotes")]
pub(crate) struct UnreadableEtag;

/// When a change is made at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Nothing is there.
    Absent,
    /// It is still this version.
    Unchanged(Etag),
}

impl Etag {
    /// As a shell takes it without care: no quotes.
    pub(crate) fn bare(&self) -> &str {
        &self.0
    }
}

impl FromStr for Etag {
    type Err = UnreadableEtag;

    fn from_str(text: &str) -> Result<Self, UnreadableEtag> {
        // A proxy that compresses an answer makes its tag weak; the server knows it without the mark only.
        let strong = text.strip_prefix("W/").filter(|tag| tag.starts_with('"')).unwrap_or(text);
        let bare = strong.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or(strong);
        let fits = !bare.is_empty() && bare != "*" && bare.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
        if fits { Ok(Self(bare.to_owned())) } else { Err(UnreadableEtag) }
    }
}

impl fmt::Display for Etag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

impl Condition {
    /// The header that says so: its name and value.
    pub(crate) fn header(&self) -> (&'static str, String) {
        match self {
            Self::Absent => ("if-none-match", "*".to_owned()),
            Self::Unchanged(etag) => ("if-match", etag.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_the_same_with_and_without_quotes_and_from_a_proxy() {
        for text in ["5f-1", "\"5f-1\"", "W/\"5f-1\""] {
            assert_eq!(text.parse::<Etag>().unwrap().to_string(), "\"5f-1\"", "{text}");
        }
        assert_eq!("W/5".parse::<Etag>().unwrap().bare(), "W/5");
    }

    #[test]
    fn what_would_not_stand_in_a_header_or_means_any_version_is_refused() {
        for text in ["", "\"\"", "\"", "a\"b", "a b", "a\n", "ä", "*"] {
            assert_eq!(text.parse::<Etag>(), Err(UnreadableEtag), "{text}");
        }
    }
}
