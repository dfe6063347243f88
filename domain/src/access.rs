//! Who may do what: API keys and their scopes.

use std::fmt;

use serde::Deserialize;
use sha2::{Digest, Sha256};

/// What a key allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Submit, seal and cancel.
    Submit,
    /// Read everything.
    Read,
    /// Replay, discard and restore dead letters.
    Triage,
    /// Change schedules, pause lanes and kinds.
    Admin,
}

impl Scope {
    const ALL: [Self; 4] = [Self::Submit, Self::Read, Self::Triage, Self::Admin];

    /// The scope's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Read => "read",
            Self::Triage => "triage",
            Self::Admin => "admin",
        }
    }
}

/// A key: only its hash is known.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// Names it in logs and in the journal.
    pub id: String,
    sha256: String,
    scopes: Vec<Scope>,
}

impl ApiKey {
    /// Whether it allows `scope`.
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey").field("id", &self.id).field("scopes", &self.scopes).finish_non_exhaustive()
    }
}

/// The keys that are accepted.
#[derive(Clone, Debug, Default)]
pub struct ApiKeys(Vec<ApiKey>);

/// The secret `API_KEYS` is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// It cannot be read. What is there instead is not said: it may be a key.
    #[error("API_KEYS is not a JSON list of {{id, sha256, scopes}}: see line {line}, column {column}")]
    Unreadable {
        /// The line that cannot be read; the first is 1.
        line: usize,
        /// The column in that line.
        column: usize,
    },
    /// A hash is no hash.
    #[error("API_KEYS: the sha256 of {id:?} is not 64 lower-case hexadecimal digits")]
    NotAHash {
        /// The key's id.
        id: String,
    },
    /// Two keys have one id.
    #[error("API_KEYS: the id {id:?} is given twice")]
    IdTwice {
        /// The id.
        id: String,
    },
    /// The development key was set elsewhere.
    #[error("API_KEYS: the key of {id:?} is the development key, which everybody knows")]
    DevelopmentKey {
        /// The key's id.
        id: String,
    },
}

/// The key that a development environment accepts, and no other.
pub const DEVELOPMENT_KEY: &str = "dev-key";

impl ApiKeys {
    /// Reads the secret `API_KEYS`: `[{"id", "sha256", "scopes"}]`.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn parse(json: &str) -> Result<Self, KeysError> {
        let keys: Vec<ApiKey> = serde_json::from_str(json)
            .map_err(|error| KeysError::Unreadable { line: error.line(), column: error.column() })?;
        for (at, key) in keys.iter().enumerate() {
            let id = key.id.clone();
            let is_hex = key.sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            if key.sha256.len() != 64 || !is_hex {
                return Err(KeysError::NotAHash { id });
            }
            if key.sha256 == sha256_hex(DEVELOPMENT_KEY) {
                return Err(KeysError::DevelopmentKey { id });
            }
            if keys[..at].iter().any(|other| other.id == key.id) {
                return Err(KeysError::IdTwice { id });
            }
        }
        Ok(Self(keys))
    }

    /// These keys and [`DEVELOPMENT_KEY`] with every scope.
    #[must_use]
    pub fn with_development_key(mut self) -> Self {
        let sha256 = sha256_hex(DEVELOPMENT_KEY);
        self.0.push(ApiKey { id: "dev".to_owned(), sha256, scopes: Scope::ALL.to_vec() });
        self
    }

    /// The key that an `Authorization` header presents, if it is one of these.
    pub fn find(&self, authorization: Option<&str>) -> Option<&ApiKey> {
        let (scheme, token) = authorization?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let hash = sha256_hex(token.trim());
        self.0.iter().find(|key| key.sha256 == hash)
    }
}

fn sha256_hex(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(id: &str, token: &str) -> String {
        format!(r#"[{{"id":"{id}","sha256":"{}","scopes":["read"]}}]"#, sha256_hex(token))
    }

    #[test]
    fn a_key_is_found_by_its_token_and_allows_its_scopes_only() {
        let keys = ApiKeys::parse(&keys("ops", "s3cret")).unwrap();
        let key = keys.find(Some("Bearer s3cret")).unwrap();
        assert!(key.id == "ops" && key.allows(Scope::Read) && !key.allows(Scope::Submit));
        for wrong in [None, Some(""), Some("s3cret"), Some("Basic s3cret"), Some("Bearer other"), Some("Bearer ")] {
            assert!(keys.find(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn the_development_key_works_in_development_only() {
        assert!(ApiKeys::default().find(Some("Bearer dev-key")).is_none());
        let development = ApiKeys::default().with_development_key();
        let key = development.find(Some("bearer dev-key")).unwrap();
        assert!(Scope::ALL.into_iter().all(|scope| key.allows(scope)));
        assert!(matches!(ApiKeys::parse(&keys("ops", "dev-key")), Err(KeysError::DevelopmentKey { .. })));
    }

    #[test]
    fn what_is_wrong_with_the_secret_is_said_without_saying_the_secret() {
        let twice =
            format!("[{},{}]", keys("a", "x").trim_matches(['[', ']']), keys("a", "y").trim_matches(['[', ']']));
        assert!(matches!(ApiKeys::parse(&twice), Err(KeysError::IdTwice { .. })));
        let plain = r#"[{"id":"a","sha256":"s3cret","scopes":[]}]"#;
        assert!(!ApiKeys::parse(plain).unwrap_err().to_string().contains("s3cret"));
        for unreadable in
            ["s3cret", r#""s3cret""#, r#"{"s3cret":1}"#, r#"[{"id":"s3cret","sha256":"s3cret","scopes":["s3cret"]}]"#]
        {
            let error = ApiKeys::parse(unreadable).unwrap_err();
            assert!(matches!(error, KeysError::Unreadable { line: 1, .. }), "{error}");
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
        }
        assert!(!format!("{:?}", ApiKeys::parse(&keys("a", "x")).unwrap()).contains(&sha256_hex("x")));
    }
}
