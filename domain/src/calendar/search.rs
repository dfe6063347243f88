//! Finds the times at which an expression fires in a zone.
//!
//! croner has a search too, but it fails with an error on a time over two hours from the end of its gap
//! (Antarctica/Casey, 2021), and drops one whose gap ends on a day that is not of the expression
//! (America/Scoresbysund). Here time is cut into spans of one offset, in which local time is as plain as UTC, and the
//! rule for gaps and folds is where the search of a span begins.

use chrono::{Datelike, NaiveDate};

use super::cron::{Cron, Fires};
use super::minutes::LAST as LAST_MINUTE;
use super::zone::{DAY, FIRST, Span, Zone};

/// How far ahead a fire time is looked for, in seconds. The rarest day that exists, a February 29 on one weekday,
/// may take 40 years, over a turn of a century without a leap day.
const AHEAD: i64 = 41 * 366 * DAY;
/// The end of calendars: 9999-12-31T00:00:00Z, the last day that RFC 3339 can write in every zone.
pub(super) const END: i64 = 253_402_214_400;

/// The first fire time at or after `from`.
pub(super) fn first(cron: &Cron, zone: &Zone, from: i64) -> Option<i64> {
    let mut from = from.max(FIRST);
    let until = (from + AHEAD).min(END);
    while from < until {
        let span = zone.span(from);
        // Between two instants of a span its local time has no gap; what a gap before it left over fires as it starts.
        let opens = opens(cron, &span);
        let lower = if from == span.start { opens } else { opens.max(from + span.offset) };
        if let Some(local) = first_local(cron, lower, span.end.min(until) + span.offset) {
            return Some((local - span.offset).max(span.start));
        }
        from = span.end;
    }
    None
}

/// The last fire time at or before `until`.
pub(super) fn last(cron: &Cron, zone: &Zone, until: i64) -> Option<i64> {
    let mut until = until.min(END);
    while until >= FIRST {
        let span = zone.span(until);
        if let Some(local) = last_local(cron, opens(cron, &span), until + span.offset) {
            return Some((local - span.offset).max(span.start));
        }
        until = span.start - 1;
    }
    None
}

/// The local time from which on `span` is searched.
fn opens(cron: &Cron, span: &Span) -> i64 {
    match cron.fires {
        // At each instant whose local time matches: what is skipped never shows, what is repeated shows twice.
        Fires::WheneverShown => span.start + span.offset,
        // Once, as soon as local time has come so far: from where the span before left off, be that earlier (a gap,
        // whose times fire as the span starts) or later (a fold, whose times have fired).
        Fires::OncePerDay => span.start + span.before,
    }
}

/// The first matching local time in `lower..upper`.
fn first_local(cron: &Cron, lower: i64, upper: i64) -> Option<i64> {
    let minute = lower.div_euclid(60) + i64::from(lower.rem_euclid(60) > 0);
    let mut date = date(minute * 60)?;
    let mut earliest = minute.rem_euclid(DAY / 60) as u32;
    while midnight(date) < upper {
        if !cron.in_month(date) {
            date = next_month(date)?;
        } else {
            if cron.on_day(date)
                && let Some(minute) = cron.minutes.from(earliest)
            {
                return Some(midnight(date) + i64::from(minute) * 60).filter(|local| *local < upper);
            }
            date = date.succ_opt()?;
        }
        earliest = 0;
    }
    None
}

/// The last matching local time in `lower..=upper`.
fn last_local(cron: &Cron, lower: i64, upper: i64) -> Option<i64> {
    let mut date = date(upper)?;
    let mut latest = (upper.rem_euclid(DAY) / 60) as u32;
    while midnight(date) + DAY > lower {
        if !cron.in_month(date) {
            date = date.with_day(1)?.pred_opt()?;
        } else {
            if cron.on_day(date)
                && let Some(minute) = cron.minutes.to(latest)
            {
                return Some(midnight(date) + i64::from(minute) * 60).filter(|local| *local >= lower);
            }
            date = date.pred_opt()?;
        }
        latest = LAST_MINUTE;
    }
    None
}

/// The day of a local time.
pub(super) fn date(local: i64) -> Option<NaiveDate> {
    NaiveDate::from_epoch_days(i32::try_from(local.div_euclid(DAY)).ok()?)
}

/// The local time at which a day begins.
fn midnight(date: NaiveDate) -> i64 {
    i64::from(date.to_epoch_days()) * DAY
}

fn next_month(date: NaiveDate) -> Option<NaiveDate> {
    match date.month() {
        12 => NaiveDate::from_ymd_opt(date.year() + 1, 1, 1),
        month => NaiveDate::from_ymd_opt(date.year(), month + 1, 1),
    }
}
