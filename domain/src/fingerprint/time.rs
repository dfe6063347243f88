//! Dates and times of day, in the ways that logs and protocols write them.

use super::cursor::Cursor;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const ZONES: [&str; 5] = ["utc", "gmt", "cest", "cet", "z"];

/// The length of the date or time that `rest` starts with.
pub(super) fn length(rest: &[u8]) -> Option<usize> {
    let &[first, second, ..] = rest else { return None };
    if first.is_ascii_digit() {
        return [iso, basic, clf, slashed, of_day]
            .iter()
            .find_map(|form| read(rest, *form))
            .or_else(|| read(rest, rfc));
    }
    // No month and no day starts otherwise: most words go no further.
    let may_be = b"jfmasondtw".contains(&first.to_ascii_lowercase()) && second.is_ascii_alphabetic();
    if may_be { read(rest, named) } else { None }
}

fn read(rest: &[u8], form: fn(&mut Cursor<'_>) -> bool) -> Option<usize> {
    let mut cursor = Cursor::new(rest);
    if form(&mut cursor) { cursor.end() } else { None }
}

/// `2026-11-21`, `2026-11-21T03:12:09.5Z`, `2026/11/21 03:12:09,123 +0000`
fn iso(cursor: &mut Cursor<'_>) -> bool {
    let date = cursor.digits(4, 4)
        && cursor.one_of(b"-/.")
        && cursor.digits(1, 2)
        && cursor.one_of(b"-/.")
        && cursor.run(|byte| byte.is_ascii_digit()).clamp(1, 2) > 0;
    date && cursor.optional(|cursor| cursor.one_of(b"Tt _") && clock(cursor))
}

/// `20261121T031209Z`
fn basic(cursor: &mut Cursor<'_>) -> bool {
    cursor.digits(8, 8) && cursor.one_of(b"Tt") && cursor.digits(6, 6) && cursor.optional(|cursor| cursor.one_of(b"Zz"))
}

/// `21/Nov/2026:03:12:09 +0000`
fn clf(cursor: &mut Cursor<'_>) -> bool {
    let date =
        cursor.digits(1, 2) && cursor.one_of(b"/-") && month(cursor) && cursor.one_of(b"/-") && cursor.digits(2, 4);
    date && cursor.optional(|cursor| cursor.one_of(b": ") && clock(cursor))
}

/// `11/21/2026, 3:12:09 AM`
fn slashed(cursor: &mut Cursor<'_>) -> bool {
    let date = cursor.digits(1, 2)
        && cursor.one_of(b"/.")
        && cursor.digits(1, 2)
        && cursor.one_of(b"/.")
        && cursor.digits(4, 4);
    date && cursor
        .optional(|cursor| cursor.optional(|cursor| cursor.one_of(b",")) && cursor.one_of(b" ") && clock(cursor))
}

/// `03:12:09.123`, `3:12 PM`
fn of_day(cursor: &mut Cursor<'_>) -> bool {
    cursor.maybe(clock) || (cursor.digits(1, 2) && cursor.one_of(b":") && cursor.digits(2, 2) && half(cursor))
}

/// `21 Nov 2026 03:12:09 GMT`, `21-Nov-26`
fn rfc(cursor: &mut Cursor<'_>) -> bool {
    let date = cursor.digits(1, 2) && gap(cursor) && month(cursor) && gap(cursor) && cursor.digits(2, 4);
    date && cursor.optional(|cursor| gap(cursor) && clock(cursor))
}

/// `Sat, 21 Nov 2026 03:12:09 GMT`, `Sat Nov 21 03:12:09 UTC 2026`, `Nov 21 03:12:09`, `Nov 21, 2026`
fn named(cursor: &mut Cursor<'_>) -> bool {
    let day = cursor.maybe(|cursor| cursor.name(&DAYS) && cursor.optional(|cursor| cursor.one_of(b",")) && gap(cursor));
    if day && cursor.maybe(rfc) {
        return true;
    }
    let date = month(cursor) && gap(cursor) && cursor.digits(1, 2);
    let year =
        cursor.maybe(|cursor| cursor.optional(|cursor| cursor.one_of(b",")) && gap(cursor) && cursor.digits(4, 4));
    let time = cursor.maybe(|cursor| gap(cursor) && clock(cursor));
    date && (year || time && cursor.optional(|cursor| gap(cursor) && cursor.digits(4, 4)))
}

/// A month's name, short or in full.
fn month(cursor: &mut Cursor<'_>) -> bool {
    let found = cursor.name(&MONTHS);
    cursor.run(|byte| byte.is_ascii_lowercase()) <= 6 && found
}

/// `03:12:09`, then a fraction, a half of the day, a zone.
fn clock(cursor: &mut Cursor<'_>) -> bool {
    let time = cursor.digits(1, 2) && cursor.one_of(b":") && cursor.digits(2, 2);
    let seconds = cursor.maybe(|cursor| cursor.one_of(b":") && cursor.digits(2, 2));
    cursor.maybe(|cursor| cursor.one_of(b".,") && cursor.digits(1, 9));
    cursor.maybe(half);
    let zone = cursor.maybe(|cursor| cursor.optional(gap) && zone(cursor));
    time && (seconds || zone)
}

fn half(cursor: &mut Cursor<'_>) -> bool {
    cursor.optional(|cursor| cursor.one_of(b" ")) && cursor.name(&["am", "pm"]) && cursor.end().is_some()
}

/// `Z`, `UTC`, `+02:00`, `GMT+0000`
fn zone(cursor: &mut Cursor<'_>) -> bool {
    let name = cursor.name(&ZONES);
    let offset = cursor.maybe(|cursor| {
        cursor.one_of(b"+-") && cursor.digits(2, 4) && cursor.optional(|c| c.one_of(b":") && c.digits(2, 2))
    });
    (name || offset) && cursor.end().is_some()
}

/// A hyphen, or blanks: `Nov  5` is padded.
fn gap(cursor: &mut Cursor<'_>) -> bool {
    cursor.one_of(b"-") || (1..=2).contains(&cursor.run(|byte| byte == b' '))
}
