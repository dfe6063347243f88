//! Fingerprints: which errors are one error, told many times.
//!
//! [`normalise`] replaces what varies in a message, and keeps what tells its cause. A fingerprint is the hash of
//! what is left, of the error's class, of the kind and of the reason.

mod address;
mod cursor;
#[cfg(test)]
mod golden_groups;
mod hint;
mod json;
mod normalise;
mod number;
mod path;
#[cfg(test)]
mod properties;
mod quoted;
mod time;
mod token;
mod trace;
mod url;
mod word;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

pub use self::normalise::{NORMALISED_BYTES, normalise};
use crate::kinds::Kind;
use crate::outcome::TaskError;
use crate::verdict::Reason;

/// The version of the rules that make a fingerprint. It is raised by every change that gives some message another
/// normalised text: the same cause then makes a new group, and whoever compares two fingerprints sees why. What is
/// stored keeps the fingerprint it has; nothing is computed again.
pub const VERSION: u8 = 1;

/// What errors are grouped by: the version of the rules, a hyphen, 16 lower-case hexadecimal digits.
///
/// ```
/// use domain::fingerprint::Fingerprint;
/// use domain::{kinds::Kind, outcome::TaskError, verdict::Reason};
///
/// let of = |text| Fingerprint::of(Some(Kind::HttpRequest), Reason::Exhausted, &TaskError::new("http.503", text));
/// assert_eq!(of("no answer within 30 s"), of("no answer within 45 s"));
/// assert_ne!(of("no answer within 30 s"), of("connection refused"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint {
    version: u8,
    hash: [u8; 8],
}

impl Fingerprint {
    /// The fingerprint of `error`, of which a task of `kind` died for `reason`. The class counts as it is.
    pub fn of(kind: Option<Kind>, reason: Reason, error: &TaskError) -> Self {
        let kind = kind.map_or("", Kind::name);
        let message = normalise(&error.message);
        let digest = [kind, reason_name(reason), &error.class, &message]
            .iter()
            .fold(Sha256::new().chain_update([VERSION]), |digest, field| {
                digest.chain_update((field.len() as u64).to_be_bytes()).chain_update(field)
            })
            .finalize();
        let mut hash = [0; 8];
        hash.copy_from_slice(&digest[..8]);
        Self { version: VERSION, hash }
    }
}

/// The reason's name in the API.
const fn reason_name(reason: Reason) -> &'static str {
    match reason {
        Reason::Exhausted => "exhausted",
        Reason::Permanent => "permanent",
        Reason::Crashed => "crashed",
        Reason::Malformed => "malformed",
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:016x}", self.version, u64::from_be_bytes(self.hash))
    }
}

impl FromStr for Fingerprint {
    type Err = UnreadableFingerprint;

    fn from_str(text: &str) -> Result<Self, UnreadableFingerprint> {
        let (version, hash) = text.split_once('-').ok_or(UnreadableFingerprint)?;
        let &[version @ b'1'..=b'9'] = version.as_bytes() else { return Err(UnreadableFingerprint) };
        let plain = hash.len() == 16 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        match u64::from_str_radix(hash, 16) {
            Ok(hash) if plain => Ok(Self { version: version - b'0', hash: hash.to_be_bytes() }),
            _ => Err(UnreadableFingerprint),
        }
    }
}

/// Text that is no fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a fingerprint: a digit from 1 to 9, a hyphen, 16 lower-case hexadecimal digits")]
pub struct UnreadableFingerprint;

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_has_one_spelling_of_18_characters() {
        let print = Fingerprint::of(None, Reason::Malformed, &TaskError::new("malformed", "EOF"));
        let text = print.to_string();
        assert_eq!(text.len(), 18);
        assert_eq!(text.parse(), Ok(print));
        assert_eq!(serde_json::to_string(&print).unwrap(), format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<Fingerprint>(&format!("\"{text}\"")).unwrap(), print);
        for later in ["2-0123456789abcdef", "9-0000000000000000"] {
            assert_eq!(later.parse::<Fingerprint>().unwrap().to_string(), later);
        }
        let wrong =
            ["", "1", "-", "0-0123456789abcdef", "10-0123456789abcdef", "1-0123456789abcde", "+-0123456789abcdef"];
        for text in wrong.iter().copied().chain(["1-0123456789ABCDEF", "1-0123456789abcdef0", "1-+123456789abcdef"]) {
            assert_eq!(text.parse::<Fingerprint>(), Err(UnreadableFingerprint), "{text}");
        }
    }

    #[test]
    fn the_name_of_a_reason_is_that_of_the_api() {
        for reason in [Reason::Exhausted, Reason::Permanent, Reason::Crashed, Reason::Malformed] {
            assert_eq!(serde_json::to_string(&reason).unwrap(), format!("\"{}\"", reason_name(reason)));
        }
    }
}
