//! Cron expressions: what they may say, and which days and minutes they mean.

use chrono::{Datelike, NaiveDate};
use croner::parser::{CronParser, Seconds, Year};
use croner::{CronPattern, Weekday};
use thiserror::Error;

use super::minutes::Minutes;
use crate::limits::CRON_CHARS;

/// The fields, and what each may hold.
const FIELDS: [(&str, &str); 5] = [
    ("minute", "0-59"),
    ("hour", "0-23"),
    ("day", "1-31, L or 15W"),
    ("month", "1-12 or JAN-DEC"),
    ("weekday", "0-7 or SUN-SAT, 1#2 or 5L"),
];
const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/// Names of common expressions, and what they stand for.
const NICKNAMES: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// A cron expression of five fields, as read.
#[derive(Clone, Debug)]
pub struct Cron {
    days: CronPattern,
    pub(super) minutes: Minutes,
    pub(super) fires: Fires,
}

/// What an expression means where local time skips or repeats an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fires {
    /// Minutes and hours are named: times of day, each of which comes once a day.
    OncePerDay,
    /// The minute or the hour begins with `*`: a rhythm, which follows what clocks show.
    WheneverShown,
}

/// Why a text is not a cron expression.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CronError {
    /// It is longer than any sensible one.
    #[error("a cron expression of {found} characters; expected at most {CRON_CHARS}")]
    TooLong {
        /// How many it has.
        found: usize,
    },
    /// It has seconds, a year, or too few fields.
    #[error("expected five fields: minute hour day month weekday; found {found}")]
    Fields {
        /// How many it has.
        found: usize,
    },
    /// It begins with `@` and no nickname is called so.
    #[error(
        "unknown nickname {found:?}; known are @yearly, @annually, @monthly, @weekly, @daily, @midnight and @hourly"
    )]
    Nickname {
        /// What was given.
        found: String,
    },
    /// A field cannot be read.
    #[error("{field}: {found:?} is not understood; expected {expected}, *, a list 1,2, a range 1-3 or a step */5")]
    Field {
        /// Which one.
        field: &'static str,
        /// What it holds.
        found: String,
        /// What it could hold.
        expected: &'static str,
    },
    /// It can be read, but there is no such day; or clocks skip its hour on each such day.
    #[error("it never fires: no such time exists")]
    Never,
}

impl Cron {
    /// Reads an expression of five fields, or a nickname. The case of letters does not matter.
    ///
    /// # Errors
    /// [`CronError`], with the first field that is wrong.
    ///
    /// ```
    /// use domain::calendar::Cron;
    ///
    /// assert!(Cron::parse("*/15 9-17 * * MON-FRI").is_ok());
    /// let error = Cron::parse("60 * * * *").unwrap_err();
    /// assert!(error.to_string().starts_with("minute: \"60\" is not understood; expected 0-59"));
    /// ```
    pub fn parse(text: &str) -> Result<Self, CronError> {
        let found = text.chars().count();
        if found > CRON_CHARS {
            return Err(CronError::TooLong { found });
        }
        let fields: Vec<&str> = expand(text.trim())?.split_whitespace().collect();
        let fields: [&str; 5] =
            fields.try_into().map_err(|fields: Vec<_>| CronError::Fields { found: fields.len() })?;
        let plain = fields.iter().enumerate().all(|(at, field)| is_plain(at, field));
        read(fields).filter(|_| plain).ok_or_else(|| wrong_field(fields))
    }

    /// Whether `date` lies in one of its months.
    pub(super) fn in_month(&self, date: NaiveDate) -> bool {
        self.days.month_match(date.month()).unwrap_or(false)
    }

    /// Whether `date`, in one of its months, is one of its days.
    pub(super) fn on_day(&self, date: NaiveDate) -> bool {
        let weekday = Weekday::from_days_from_sunday(date.weekday().num_days_from_sunday());
        self.days.day_match(date.year(), date.month(), date.day(), weekday).unwrap_or(false)
    }
}

/// The five fields of a nickname, or `text` as it is.
fn expand(text: &str) -> Result<&str, CronError> {
    if !text.starts_with('@') {
        return Ok(text);
    }
    let known = NICKNAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    known.map(|(_, fields)| *fields).ok_or_else(|| CronError::Nickname { found: text.to_owned() })
}

/// Whether the field has only what it may: croner itself replaces names wherever they stand (`JAN1` is November,
/// `MON` a minute) and skips empty members of a list.
fn is_plain(at: usize, field: &str) -> bool {
    let names: &[&str] = match at {
        3 => &MONTHS,
        4 => &WEEKDAYS,
        _ => &[],
    };
    let is_name = |word: &str| names.iter().any(|name| name.eq_ignore_ascii_case(word));
    let is_plain_word = |word: &str| {
        // `FRIL` is the last Friday.
        let stem = word.strip_suffix(['l', 'L']).filter(|_| at == 4).unwrap_or(word);
        let letters = word.chars().filter(char::is_ascii_alphabetic).count();
        letters < 3 || is_name(word) || is_name(stem)
    };
    field.is_ascii()
        && field.split(',').all(|member| !member.is_empty())
        && field.split(|c: char| !c.is_ascii_alphanumeric()).all(is_plain_word)
}

/// The first field that is wrong by itself: croner does not say which it stumbles over.
fn wrong_field(fields: [&str; 5]) -> CronError {
    let is_wrong = |&at: &usize| {
        let mut alone = ["*"; 5];
        alone[at] = fields[at];
        !is_plain(at, fields[at]) || read(alone).is_none()
    };
    let at = (0..4).find(is_wrong).unwrap_or(4);
    let (field, expected) = FIELDS[at];
    CronError::Field { field, found: fields[at].to_owned(), expected }
}

fn read(fields: [&str; 5]) -> Option<Cron> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    let cron = parser.parse(&fields.join(" ")).ok()?;
    // Vixie cron's rule. croner takes lists and ranges for rhythms too, and would drop the 2:00 of `0 2,14 * * *`.
    let is_rhythm = fields[..2].iter().any(|field| field.starts_with(['*', '?']));
    let fires = if is_rhythm { Fires::WheneverShown } else { Fires::OncePerDay };
    let minutes = Minutes::new(&cron.pattern.hours.values(), &cron.pattern.minutes.values())?;
    Some(Cron { days: cron.pattern, minutes, fires })
}
