//! Which settings apply.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use domain::kinds::Kind;
use domain::kinds::http_request::HostRule;
use domain::lane::Lane;
use domain::quota::{KeyQuota, Quotas};
use domain::retry::RetryPolicy;

use crate::settings::{
    Archive, Claims, Expiry, KindSettings, Outbox, QueueSettings, Queues, Recovery, Replays, Schedules, Settings,
};

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
    pub fn settings(self) -> Settings {
        match self {
            Self::Development => include!(concat!(env!("OUT_DIR"), "/development.rs")),
            Self::Production => include!(concat!(env!("OUT_DIR"), "/production.rs")),
        }
    }

    /// The environment's queues, as checked when built.
    pub fn queues(self) -> Queues {
        match self {
            Self::Development => include!(concat!(env!("OUT_DIR"), "/development_queues.rs")),
            Self::Production => include!(concat!(env!("OUT_DIR"), "/production_queues.rs")),
        }
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
