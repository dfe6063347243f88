//! Time zones: which offset from UTC is in force, from when, until when.

use chrono::{DateTime, Datelike, NaiveDate, Weekday};
use thiserror::Error;

use self::table::{NAMES, PLACES, ZONES};

/// Written by `build.rs` from the IANA database.
mod table {
    use super::{Offsets, Yearly};

    include!(concat!(env!("OUT_DIR"), "/zones.rs"));
}

/// Where the table of zones begins, and with it every calendar: 2020-01-01T00:00:00Z, in seconds.
pub(super) const FIRST: i64 = 1_577_836_800;

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;

/// A time zone of the IANA database. A reference into a table of the program, so copies cost nothing.
#[derive(Clone, Copy, Debug)]
pub struct Zone {
    name: &'static str,
    offsets: &'static Offsets,
}

/// What is known of a zone. Offsets and times of day are minutes, instants seconds since the Unix epoch.
#[derive(Debug)]
struct Offsets {
    /// The one in force at [`FIRST`].
    first: i16,
    /// Instants at which another offset began.
    changes: &'static [(u32, i16)],
    /// What happens each year after the last of `changes`: daylight saving time begins, and ends.
    yearly: Option<[Yearly; 2]>,
}

/// A change that comes each year, on a weekday of a month.
#[derive(Debug)]
struct Yearly {
    month: u8,
    /// 1 to 4, or 5 for the last one.
    week: u8,
    /// 0 is Monday.
    weekday: u8,
    /// Minutes after midnight UTC that starts the day; negative, or more than a day, where the zone is ahead or behind.
    time: i16,
    offset: i16,
}

/// A stretch of time in which an offset is in force. All in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// Its first instant: of the change, or [`FIRST`].
    pub start: i64,
    /// The instant of the next change; `i64::MAX` if there is none.
    pub end: i64,
    /// What local time is ahead of UTC.
    pub offset: i64,
    /// What it was ahead before `start`.
    pub before: i64,
}

/// There is no such time zone.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum UnknownZone {
    /// One is spelled so, but for the case of letters.
    #[error("unknown time zone {found:?}; did you mean {meant}?")]
    Case {
        /// What was given.
        found: String,
        /// The name as the database spells it.
        meant: &'static str,
    },
    /// None is.
    #[error("unknown time zone {found:?}; expected a name of the IANA database such as Europe/Berlin or UTC")]
    Name {
        /// What was given, or its beginning.
        found: String,
    },
}

/// Characters of an unknown name that its error repeats; the longest known name has 32.
const FOUND_CHARS: usize = 40;

impl Zone {
    /// The zone of this name, spelled exactly as the database does.
    ///
    /// # Errors
    /// [`UnknownZone`], with the right spelling where only the case of letters is wrong.
    ///
    /// ```
    /// use domain::calendar::Zone;
    ///
    /// assert_eq!(Zone::find("Europe/Berlin").unwrap().name(), "Europe/Berlin");
    /// let error = Zone::find("europe/berlin").unwrap_err();
    /// assert_eq!(error.to_string(), "unknown time zone \"europe/berlin\"; did you mean Europe/Berlin?");
    /// ```
    pub fn find(name: &str) -> Result<Self, UnknownZone> {
        if let Some((name, zone)) = named().find(|(known, _)| *known == name) {
            return Ok(Self { name, offsets: &ZONES[usize::from(zone)] });
        }
        let found = name.chars().take(FOUND_CHARS).collect();
        Err(match Self::names().find(|known| known.eq_ignore_ascii_case(name)) {
            Some(meant) => UnknownZone::Case { found, meant },
            None => UnknownZone::Name { found },
        })
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Every name there is, in byte order.
    pub fn names() -> impl Iterator<Item = &'static str> {
        named().map(|(name, _)| name)
    }

    /// The version of the IANA database that all zones are of, such as `2026e`.
    pub fn version() -> &'static str {
        table::VERSION
    }

    /// The span that `instant` lies in; the first one for an instant before [`FIRST`].
    pub(super) fn span(&self, instant: i64) -> Span {
        let instant = instant.max(FIRST);
        let Offsets { first, changes, yearly } = self.offsets;
        let mut span = Span { start: FIRST, end: i64::MAX, offset: seconds(*first), before: seconds(*first) };
        for (at, offset) in changes.iter().map(|&(at, offset)| (i64::from(at), seconds(offset))) {
            if !span.reaches(instant, at, offset) {
                return span;
            }
        }
        let Some(yearly) = yearly else { return span };
        let last_change = span.start;
        let Some(year) = DateTime::from_timestamp(instant, 0).map(|time| time.year()) else { return span };
        // The year before too, for what was in force as this one began; the year after for when that ends.
        let mut around = [(i64::MAX, 0); 6];
        let coming =
            (year - 1..=year + 1).flat_map(|year| yearly.iter().map(move |change| (change.instant(year), change)));
        for (slot, (at, change)) in around.iter_mut().zip(coming) {
            *slot = (at, seconds(change.offset));
        }
        around.sort_unstable();
        for (at, offset) in around {
            if at > last_change && !span.reaches(instant, at, offset) {
                break;
            }
        }
        span
    }

    /// What local time is ahead of UTC at `instant`, in seconds.
    pub(super) fn offset(&self, instant: i64) -> i64 {
        self.span(instant).offset
    }
}

impl Span {
    /// Goes on to the span that begins at `at` if `instant` is not before it; otherwise this one ends there.
    fn reaches(&mut self, instant: i64, at: i64, offset: i64) -> bool {
        if instant < at {
            self.end = at;
            return false;
        }
        let before = if at > FIRST { self.offset } else { offset };
        *self = Span { start: at.max(FIRST), end: i64::MAX, offset, before };
        true
    }
}

impl Yearly {
    /// When it comes in `year`.
    fn instant(&self, year: i32) -> i64 {
        let Ok(weekday) = Weekday::try_from(self.weekday) else { return i64::MAX };
        let nth = |week| NaiveDate::from_weekday_of_month_opt(year, self.month.into(), weekday, week);
        let day = nth(self.week).or_else(|| nth(self.week - 1));
        day.map_or(i64::MAX, |day| i64::from(day.to_epoch_days()) * DAY + seconds(self.time))
    }
}

/// Every name with its place in the table. All of them are walked past in about a microsecond.
fn named() -> impl Iterator<Item = (&'static str, u8)> {
    PLACES.iter().scan(NAMES, |rest, &(bytes, zone)| {
        let (name, after) = rest.split_at_checked(usize::from(bytes))?;
        *rest = after;
        Some((name, zone))
    })
}

fn seconds(minutes: i16) -> i64 {
    i64::from(minutes) * 60
}
