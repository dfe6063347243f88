//! What may differ between environments: typed, checked when built, and held against the wrangler files by a test.

mod check;
mod environment;
mod schedules;
mod settings;
mod timing;

#[cfg(test)]
mod check_schedules;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod schedule_rules;
#[cfg(test)]
mod wrangler_files;

pub use check::{SettingsError, check};
pub use environment::{Environment, UnknownEnvironment};
pub use schedules::ConfigSchedule;
pub use settings::{
    Archive, Claims, Expiry, KindSettings, Outbox, QueueSettings, Queues, Recovery, Replays, Schedules, Settings,
};
