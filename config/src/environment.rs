//! Which settings apply.

use std::str::FromStr;

use crate::Settings;

/// Where a Worker runs; the var `ENVIRONMENT` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// A laptop or a test: short waits, any host, the kind `simulate`, the key `dev-key`.
    Development,
    /// Cloudflare.
    Production,
}

impl Environment {
    /// The environment's settings, as checked when built.
    ///
    /// # Errors
    /// None that a build lets pass; a test reads them all.
    pub fn settings(self) -> Result<Settings, serde_json::Error> {
        serde_json::from_str(match self {
            Self::Development => include_str!(concat!(env!("OUT_DIR"), "/development.json")),
            Self::Production => include_str!(concat!(env!("OUT_DIR"), "/production.json")),
        })
    }
}

impl FromStr for Environment {
    type Err = UnknownEnvironment;

    fn from_str(text: &str) -> Result<Self, UnknownEnvironment> {
        match text {
            "development" => Ok(Self::Development),
            "production" => Ok(Self::Production),
            _ => Err(UnknownEnvironment),
        }
    }
}

/// Text that names no environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the var ENVIRONMENT is neither development nor production")]
pub struct UnknownEnvironment;
