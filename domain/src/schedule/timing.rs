//! When a schedule fires, and what of it when it could not.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Overlap;
use crate::calendar::{Calendar, InvalidCalendar};
use crate::submission::Fault;

/// When a schedule fires: the part of it that a tick reads. Stored as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// Five fields, or a nickname such as `@daily`.
    pub cron: String,
    /// The IANA time zone of the cron.
    pub timezone: String,
    /// What if the job before is not done.
    pub overlap: Overlap,
    /// What of fire times that no tick came for.
    pub catch_up: CatchUp,
    /// Up to so many seconds after its fire time a firing may be put off.
    pub jitter_seconds: u32,
    /// So many failed firings in a row pause it.
    pub pause_after_failures: Option<u32>,
}

/// What of fire times that no tick came for: a deploy, an outage, a laptop asleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with policy")]
pub struct CatchUp {
    /// Which are made up for.
    pub policy: CatchUpPolicy,
    /// Only those of so many seconds before the tick.
    #[serde(default = "hour")]
    pub window_seconds: u32,
    /// With `all`: at most so many, the newest.
    #[serde(default = "hundred")]
    pub max: u32,
}

fn hour() -> u32 {
    3_600
}

fn hundred() -> u32 {
    100
}

impl Default for CatchUp {
    fn default() -> Self {
        Self { policy: CatchUpPolicy::Latest, window_seconds: hour(), max: hundred() }
    }
}

/// Which missed fire times are made up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchUpPolicy {
    /// None: what is missed is missed.
    None,
    /// The newest.
    Latest,
    /// All, oldest first.
    All,
}

/// The longest `window_seconds`: 30 days.
const WINDOW: u32 = 30 * 86_400;
/// The largest `max` of a catch-up: what one tick fires.
const MAX: u32 = crate::limits::TICK_FIRINGS as u32;
/// The longest `jitter_seconds`: a day.
const JITTER: u32 = 86_400;
/// The largest `pause_after_failures`.
const FAILURES: u32 = 1_000;

impl Timing {
    /// Its calendar.
    ///
    /// # Errors
    /// A cron or a time zone that is none.
    pub fn calendar(&self) -> Result<Calendar, InvalidCalendar> {
        Calendar::new(&self.cron, &self.timezone)
    }

    /// What is wrong with it; the calendar if nothing is.
    pub(super) fn check(&self) -> Result<Calendar, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut range = |field: &str, value: u32, least: u32, most: u32| {
            if !(least..=most).contains(&value) {
                faults.push(Fault::new(field, format!("from {least} to {most}")));
            }
        };
        range("catch_up.window_seconds", self.catch_up.window_seconds, 0, WINDOW);
        range("catch_up.max", self.catch_up.max, 1, MAX);
        range("jitter_seconds", self.jitter_seconds, 0, JITTER);
        range("pause_after_failures", self.pause_after_failures.unwrap_or(1), 1, FAILURES);
        match self.calendar() {
            Ok(calendar) if faults.is_empty() => Ok(calendar),
            Ok(_) => Err(faults),
            Err(error) => {
                faults.splice(0..0, error.fields().map(|(field, detail)| Fault::new(field, detail)));
                Err(faults)
            }
        }
    }
}

impl CatchUp {
    /// How old a fire time may be that is made up for.
    pub(super) fn window(&self) -> Duration {
        Duration::from_secs(self.window_seconds.into())
    }
}
