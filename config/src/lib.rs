//! What may differ between environments: typed, checked when built, and held against the wrangler files by a test.

mod check;
mod environment;
mod settings;
mod timing;

#[cfg(test)]
mod rules;
#[cfg(test)]
mod wrangler_files;

pub use check::{SettingsError, check};
pub use environment::{Environment, UnknownEnvironment};
pub use settings::{Archive, Claims, Expiry, KindSettings, Outbox, QueueSettings, Recovery, Replays, Settings};
