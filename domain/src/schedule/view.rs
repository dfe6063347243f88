//! Schedules as they are stored, and as callers read them.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{CatchUp, Definition, Overlap, Timing};
use crate::id::JobId;
use crate::lane::Lane;
use crate::time::{Timestamp, rfc3339};

/// Who paused a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paused {
    /// Somebody.
    Hand,
    /// Too many failures in a row.
    Failures,
}

/// Where a schedule was defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// `PUT /v1/schedules/{name}`.
    Api,
    /// `config/schedules.toml`.
    Config,
}

impl Origin {
    /// Its name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Config => "config",
        }
    }
}

/// A schedule as stored. An array, as all rows of the database.
#[derive(Debug, Deserialize)]
pub struct ScheduleRow {
    /// Its name.
    pub name: String,
    /// Where it was defined.
    pub source: Origin,
    /// Counts its changes.
    pub revision: u64,
    /// When it was saved first, in milliseconds.
    pub created_at: u64,
    /// When it was changed last, in milliseconds.
    pub updated_at: u64,
    /// When it fires.
    pub timing: Timing,
    /// The generator of its tasks.
    pub generator: String,
    /// The lane that its jobs travel in.
    pub lane: Lane,
    /// The generator's input; lists leave it out.
    pub input: Option<Box<RawValue>>,
    /// Who paused it.
    pub paused: Option<Paused>,
    /// Firings in a row that failed.
    pub failures: u32,
    /// The newest job that it made.
    pub last_job: Option<JobId>,
    /// Firings that wait for a tick.
    pub pending: u32,
    /// The oldest fire time that a tick is at work on, backfills aside, in milliseconds.
    pub at_work: Option<u64>,
    /// The oldest fire time that waits for the job before to be done, in milliseconds.
    pub waiting: Option<u64>,
}

impl ScheduleRow {
    /// One of the config file that no tick has stored yet.
    pub fn of_config(name: &str, definition: Definition, now: Timestamp) -> Self {
        Self {
            name: name.to_owned(),
            source: Origin::Config,
            revision: 0,
            created_at: now.as_millis(),
            updated_at: now.as_millis(),
            timing: definition.timing,
            generator: definition.work.generator,
            lane: definition.work.lane,
            input: Some(definition.work.input),
            paused: definition.paused.unwrap_or_default().then_some(Paused::Hand),
            failures: 0,
            last_job: None,
            pending: 0,
            at_work: None,
            waiting: None,
        }
    }

    /// What a caller names it by that must not overwrite a change: one saved again after it was deleted has another.
    pub fn etag(&self) -> String {
        format!("\"{}-{}\"", self.created_at, self.revision)
    }

    /// The row as callers read it, with its next `count` fire times.
    pub fn view(&self, now: Timestamp, count: usize) -> ScheduleView<'_> {
        // One whose cron is none any more has no next fire time; its runs say why.
        let calendar = self.timing.calendar().ok();
        let next = calendar.iter().flat_map(|calendar| calendar.upcoming(now).take(count));
        ScheduleView {
            name: &self.name,
            source: self.source,
            cron: &self.timing.cron,
            timezone: &self.timing.timezone,
            generator: &self.generator,
            input: self.input.as_deref(),
            lane: self.lane,
            overlap: self.timing.overlap,
            catch_up: self.timing.catch_up,
            jitter_seconds: self.timing.jitter_seconds,
            pause_after_failures: self.timing.pause_after_failures,
            paused: self.paused.is_some(),
            paused_by: self.paused,
            failures: self.failures,
            pending: self.pending,
            last_job: self.last_job,
            created_at: Timestamp::from_millis(self.created_at),
            updated_at: Timestamp::from_millis(self.updated_at),
            next: next.map(|at| at.to_string()).collect(),
        }
    }
}

/// `GET /v1/schedules/{name}`.
#[derive(Debug, Serialize)]
pub struct ScheduleView<'a> {
    name: &'a str,
    source: Origin,
    cron: &'a str,
    timezone: &'a str,
    generator: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<&'a RawValue>,
    lane: Lane,
    overlap: Overlap,
    catch_up: CatchUp,
    jitter_seconds: u32,
    pause_after_failures: Option<u32>,
    paused: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_by: Option<Paused>,
    failures: u32,
    pending: u32,
    last_job: Option<JobId>,
    #[serde(with = "rfc3339")]
    created_at: Timestamp,
    #[serde(with = "rfc3339")]
    updated_at: Timestamp,
    next: Vec<String>,
}

/// `GET /v1/schedules`.
#[derive(Debug, Serialize)]
pub struct SchedulesView<'a> {
    /// A page of schedules, by name.
    pub schedules: Vec<ScheduleView<'a>>,
    /// Where the next page begins, if there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// What a change of a schedule is held against: what `If-Match` or `If-None-Match` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing.
    None,
    /// It is there.
    Present,
    /// It is not there.
    Absent,
    /// It is there and was not changed since.
    Unchanged {
        /// When it was saved first, in milliseconds.
        created_at: u64,
        /// Its revision.
        revision: u64,
    },
    /// What it says is no version of any schedule.
    Never,
}

impl Precondition {
    /// Reads the two headers, of which a request has at most one.
    pub fn read(if_match: Option<&str>, if_none_match: Option<&str>) -> Self {
        match (if_match.map(str::trim), if_none_match.map(str::trim)) {
            (None, None) => Self::None,
            (None, Some("*")) => Self::Absent,
            (Some("*"), None) => Self::Present,
            (Some(etag), None) => Self::of_etag(etag).unwrap_or(Self::Never),
            _ => Self::Never,
        }
    }

    fn of_etag(etag: &str) -> Option<Self> {
        let (created_at, revision) = etag.strip_prefix('"')?.strip_suffix('"')?.split_once('-')?;
        Some(Self::Unchanged { created_at: created_at.parse().ok()?, revision: revision.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_precondition_names_one_version_or_none_at_all() {
        let unchanged = Precondition::Unchanged { created_at: 17, revision: 3 };
        for (if_match, if_none_match, expected) in [
            (None, None, Precondition::None),
            (None, Some("*"), Precondition::Absent),
            (Some("*"), None, Precondition::Present),
            (Some("\"17-3\""), None, unchanged),
            (Some(" \"17-3\" "), None, unchanged),
            (Some("17-3"), None, Precondition::Never),
            (Some("W/\"17-3\""), None, Precondition::Never),
            (Some("\"x\""), None, Precondition::Never),
            (Some(""), None, Precondition::Never),
            (None, Some("\"17-3\""), Precondition::Never),
            (Some("*"), Some("*"), Precondition::Never),
        ] {
            assert_eq!(Precondition::read(if_match, if_none_match), expected, "{if_match:?} {if_none_match:?}");
        }
    }
}
