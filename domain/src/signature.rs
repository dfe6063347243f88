//! Signatures of outgoing requests, per the Standard Webhooks specification.
//!
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>

use std::fmt;
use std::ops::RangeInclusive;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What the specification puts before a secret.
const PREFIX: &str = "whsec_";
/// Bytes that the specification allows a key to have.
const KEY_BYTES: RangeInclusive<usize> = 24..=64;
/// Secrets at a time: the new and the old one while rotating.
const SECRETS: usize = 2;

/// The secrets that requests are signed with: one, or two while rotating. A receiver accepts what either signed.
#[derive(Clone)]
pub struct Secrets(Vec<Hmac<Sha256>>);

impl Secrets {
    /// Reads `whsec_<base64>`, once or twice, separated by white space or a comma.
    ///
    /// # Errors
    /// [`SecretError`], which never shows a secret.
    ///
    /// ```
    /// use domain::signature::Secrets;
    ///
    /// let secrets: Secrets = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse()?;
    /// let signature = secrets.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
    /// assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    /// # Ok::<(), domain::signature::SecretError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let texts = text.split(|c: char| c.is_whitespace() || c == ',').filter(|text| !text.is_empty());
        let keys = texts.enumerate().map(|(at, text)| key(at + 1, text)).collect::<Result<Vec<_>, _>>()?;
        match keys.len() {
            0 => Err(SecretError::Missing),
            1..=SECRETS => Ok(Self(keys)),
            found => Err(SecretError::TooMany { found }),
        }
    }

    /// The value of `webhook-signature` for the request with this `webhook-id`, `webhook-timestamp` and body: a
    /// signature by each secret, separated by a space.
    pub fn sign(&self, id: &str, timestamp_seconds: u64, body: &str) -> String {
        let head = format!("{id}.{timestamp_seconds}.");
        let sign = |key: &Hmac<Sha256>| {
            let digest = key.clone().chain_update(&head).chain_update(body).finalize().into_bytes();
            format!("v1,{}", STANDARD.encode(digest))
        };
        self.0.iter().map(sign).collect::<Vec<_>>().join(" ")
    }
}

impl std::str::FromStr for Secrets {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        Self::parse(text)
    }
}

/// Says how many there are and nothing else.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

/// Why a text holds no secrets to sign with. `place` counts from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is none.
    #[error("no secret to sign with: expected {PREFIX} and base64")]
    Missing,
    /// There are more than one rotates between.
    #[error("{found} secrets to sign with: expected one, or two while rotating")]
    TooMany {
        /// How many there are.
        found: usize,
    },
    /// It does not begin as secrets do.
    #[error("secret {place} does not begin with {PREFIX}")]
    NoPrefix {
        /// Which one it is.
        place: usize,
    },
    /// It cannot be decoded.
    #[error("secret {place} is not base64 (with padding) after {PREFIX}")]
    NotBase64 {
        /// Which one it is.
        place: usize,
    },
    /// Its key is too short or too long.
    #[error(
        "secret {place} has {bytes} bytes: expected {} to {}, such as {PREFIX}$(openssl rand -base64 32)",
        KEY_BYTES.start(),
        KEY_BYTES.end()
    )]
    Length {
        /// Which one it is.
        place: usize,
        /// Its length, decoded.
        bytes: usize,
    },
}

fn key(place: usize, text: &str) -> Result<Hmac<Sha256>, SecretError> {
    let base64 = text.strip_prefix(PREFIX).ok_or(SecretError::NoPrefix { place })?;
    let key = STANDARD.decode(base64).map_err(|_| SecretError::NotBase64 { place })?;
    let wrong = SecretError::Length { place, bytes: key.len() };
    if !KEY_BYTES.contains(&key.len()) {
        return Err(wrong);
    }
    Hmac::new_from_slice(&key).map_err(|_| wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vector that the specification's libraries share.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    const OTHER: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    fn sign(secrets: &str) -> String {
        let secrets = Secrets::parse(secrets).unwrap();
        secrets.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#)
    }

    #[test]
    fn the_published_test_vector_is_met() {
        assert_eq!(sign(SECRET), SIGNATURE);
    }

    #[test]
    fn while_rotating_both_secrets_sign_in_the_order_given() {
        let other = sign(OTHER);
        assert_ne!(other, SIGNATURE);
        for separator in [" ", ",", ", ", "\n"] {
            assert_eq!(sign(&format!("{SECRET}{separator}{OTHER}")), format!("{SIGNATURE} {other}"));
        }
        assert_eq!(sign(&format!(" {OTHER} {SECRET}\n")), format!("{other} {SIGNATURE}"));
    }

    #[test]
    fn id_time_and_body_are_all_signed() {
        let secrets = Secrets::parse(SECRET).unwrap();
        let signature = secrets.sign("a", 1, "b");
        for other in [secrets.sign("c", 1, "b"), secrets.sign("a", 2, "b"), secrets.sign("a", 1, "")] {
            assert_ne!(other, signature);
        }
    }

    #[test]
    fn what_is_wrong_with_a_secret_is_said_without_showing_it() {
        let long = format!("whsec_{}", STANDARD.encode([7; 65]));
        for (text, error) in [
            ("", SecretError::Missing),
            (" , ", SecretError::Missing),
            (&format!("{SECRET},{SECRET},{SECRET}"), SecretError::TooMany { found: 3 }),
            (SECRET.trim_start_matches(PREFIX), SecretError::NoPrefix { place: 1 }),
            (&format!("{SECRET} hunter2hunter2"), SecretError::NoPrefix { place: 2 }),
            ("whsec_hunter2!", SecretError::NotBase64 { place: 1 }),
            ("whsec_aHVudGVyMg==", SecretError::Length { place: 1, bytes: 7 }),
            (&long, SecretError::Length { place: 1, bytes: 65 }),
        ] {
            let found = Secrets::parse(text).unwrap_err();
            assert_eq!(found, error);
            assert!(!format!("{found} {found:?}").contains("hunter2"), "{found}");
        }
    }

    #[test]
    fn secrets_do_not_show_in_debug_output() {
        assert_eq!(format!("{:?}", Secrets::parse(SECRET).unwrap()), "Secrets(1)");
    }
}
