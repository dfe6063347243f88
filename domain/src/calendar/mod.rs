//! When a cron expression fires in a time zone. Pure: every instant is passed in.
//!
//! # Expressions
//! Five fields, `minute hour day month weekday`, or `@hourly`, `@daily`, `@midnight`, `@weekly`, `@monthly`, `@yearly`,
//! `@annually`. A field is `*`, a number, a range `1-5`, a step `*/15` or `10-50/20`, or a list of those; months and
//! weekdays also have names, and Sunday is 0 or 7. Beyond that, as croner reads it:
//! - `L` as the day is the last one of the month, `15W` the weekday (Monday to Friday) nearest to the 15th, `LW` the
//!   last weekday;
//! - `5L` or `FRIL` as the weekday is the last Friday of the month, `1#2` or `MON#2` the second Monday;
//! - `?` is `*` in both;
//! - if both day and weekday are given, either suffices, and both must hold if the weekday begins with `+`:
//!   `0 0 13 * +FRI` is Friday the 13th. Only a bare `*` counts as not given.
//!
//! # When clocks change
//! An expression that names its minutes and hours (`30 2 * * *`, `0 2,14 * * *`) is one of times of day. Each fires once on each
//! of its days: if it is skipped, at the first instant after; if it comes twice, at the first.
//!
//! One whose minute or hour begins with `*` (`*/15 * * * *`) is a rhythm. It fires whenever clocks show a matching time: not
//! at one that is skipped, twice at one that comes twice.
//!
//! These are the rules of Vixie cron. croner reads the expressions; the search that applies the rules is ours.

mod cron;
mod minutes;
mod search;
#[cfg(test)]
mod tests;
mod zone;

use chrono::{DateTime, FixedOffset, SecondsFormat};
use thiserror::Error;

pub use self::cron::{Cron, CronError};
pub use self::zone::{UnknownZone, Zone};
use crate::time::Timestamp;

/// A cron expression in a time zone: the times at which it fires, from 2020 to 9999.
#[derive(Clone, Debug)]
pub struct Calendar {
    cron: Cron,
    zone: Zone,
}

/// Why there is no such calendar. At least one is set.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{}", self.fields().map(|(field, detail)| format!("{field}: {detail}")).collect::<Vec<_>>().join("; "))]
pub struct InvalidCalendar {
    /// What is wrong with the expression.
    pub cron: Option<CronError>,
    /// What is wrong with the zone.
    pub timezone: Option<UnknownZone>,
}

impl InvalidCalendar {
    /// The fields that are wrong, `cron` or `timezone`, each with a sentence for whoever wrote it.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, String)> {
        let cron = self.cron.as_ref().map(|error| ("cron", error.to_string()));
        cron.into_iter().chain(self.timezone.as_ref().map(|error| ("timezone", error.to_string())))
    }
}

impl Calendar {
    /// The calendar of a cron expression, as [`Cron::parse`] reads it, in a zone, as [`Zone::find`] spells it.
    ///
    /// # Errors
    /// [`InvalidCalendar`] with all that is wrong, also if the expression never fires there.
    ///
    /// ```
    /// use domain::calendar::Calendar;
    /// use domain::time::Timestamp;
    ///
    /// let calendar = Calendar::new("30 2 * * *", "Europe/Berlin").unwrap();
    /// let saturday = Timestamp::parse_rfc3339("2026-03-28T12:00:00Z").unwrap();
    /// let sunday = calendar.next(saturday).unwrap();
    /// assert_eq!(calendar.local(sunday), "2026-03-29T03:00:00+02:00");
    /// ```
    pub fn new(cron: &str, zone: &str) -> Result<Self, InvalidCalendar> {
        let (cron, zone) = match (Cron::parse(cron), Zone::find(zone)) {
            (Ok(cron), Ok(zone)) => (cron, zone),
            (cron, zone) => return Err(InvalidCalendar { cron: cron.err(), timezone: zone.err() }),
        };
        // Leap days and weekdays repeat after 28 years, so what fires at all does within the search's reach of 2020.
        match search::first(&cron, &zone, zone::FIRST) {
            Some(_) => Ok(Self { cron, zone }),
            None => Err(InvalidCalendar { cron: Some(CronError::Never), timezone: None }),
        }
    }

    /// The zone it is in.
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// The first fire time after `after`, never before 2020. `None` if there is none in the next 41 years.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        search::first(&self.cron, &self.zone, seconds(after).saturating_add(1)).and_then(timestamp)
    }

    /// The last fire time at or before `until`. `None` if there is none since 2020.
    pub fn last(&self, until: Timestamp) -> Option<Timestamp> {
        search::last(&self.cron, &self.zone, seconds(until)).and_then(timestamp)
    }

    /// All fire times after `after`, in order.
    pub fn upcoming(&self, after: Timestamp) -> impl Iterator<Item = Timestamp> + '_ {
        std::iter::successors(self.next(after), |time| self.next(*time))
    }

    /// The day that `at` is in the zone: `2026-03-29`.
    pub fn date(&self, at: Timestamp) -> String {
        self.zoned(at).map_or_else(|| at.to_string(), |time| time.date_naive().to_string())
    }

    /// What clocks in the zone show at `at`, with their offset from UTC: `2026-03-29T03:00:00+02:00`.
    ///
    /// Before 2020 the offset is the one of 2020.
    pub fn local(&self, at: Timestamp) -> String {
        self.zoned(at).map_or_else(|| at.to_string(), |time| time.to_rfc3339_opts(SecondsFormat::Secs, false))
    }

    fn zoned(&self, at: Timestamp) -> Option<DateTime<FixedOffset>> {
        let seconds = Some(seconds(at)).filter(|seconds| *seconds < search::END)?;
        let offset = FixedOffset::east_opt(i32::try_from(self.zone.offset(seconds)).ok()?)?;
        Some(DateTime::from_timestamp(seconds, 0)?.with_timezone(&offset))
    }
}

/// Whole seconds: no fire time lies between.
fn seconds(time: Timestamp) -> i64 {
    i64::try_from(time.as_millis() / 1_000).unwrap_or(i64::MAX)
}

fn timestamp(seconds: i64) -> Option<Timestamp> {
    u64::try_from(seconds).ok().map(|seconds| Timestamp::from_millis(seconds * 1_000))
}
