//! Numbers, with the unit that is written right behind them.

use super::cursor::{Cursor, in_word};

/// The length of the number that `rest` starts with: `-3`, `12,345.6`, `1e-9`, `30s`, `1h2m3.5s`, `10%`. What goes on
/// like an id (`9f3KxL2`, `3-way`) is none.
pub(super) fn length(rest: &[u8]) -> Option<usize> {
    let mut cursor = Cursor::new(rest);
    cursor.one_of(b"+-");
    loop {
        if !plain(&mut cursor) {
            return None;
        }
        let unit = cursor.run(|byte| byte.is_ascii_alphabetic());
        if unit > 3 {
            return None;
        }
        if !cursor.peek().is_ascii_digit() {
            break;
        }
        // Further digits only belong to it in a duration as Go writes them; `1a2b` is an id.
        if unit == 0 || !duration(rest) {
            return None;
        }
    }
    cursor.maybe(|cursor| cursor.one_of(b" ") && cursor.name(&UNITS) && cursor.end().is_some());
    cursor.maybe(|cursor| cursor.one_of(b"%") && cursor.end().is_some());
    let joined = cursor.maybe(|cursor| cursor.one_of(b"-") && cursor.end().is_none());
    if joined || in_word(cursor.peek()) { None } else { Some(cursor.at()) }
}

/// Units that may stand a blank behind.
const UNITS: [&str; 12] = ["ms", "us", "ns", "sec", "s", "min", "kib", "mib", "gib", "kb", "mb", "gb"];

/// `12`, `12,345.6`, `1e-9`
fn plain(cursor: &mut Cursor<'_>) -> bool {
    let digits = |cursor: &mut Cursor<'_>| cursor.run(|byte| byte.is_ascii_digit()) > 0;
    let found = digits(cursor);
    while cursor.maybe(|cursor| cursor.one_of(b".,") && digits(cursor)) {}
    cursor.maybe(|cursor| cursor.one_of(b"eE") && cursor.one_of(b"+-") && digits(cursor));
    found
}

/// Whether `rest` starts with `1h2m3.5s`, or part of that.
fn duration(rest: &[u8]) -> bool {
    let mut cursor = Cursor::new(rest);
    cursor.one_of(b"+-");
    let mut parts = 0;
    while cursor.maybe(|cursor| {
        cursor.run(|byte| byte.is_ascii_digit() || byte == b'.') > 0
            && cursor.name(&["ms", "us", "ns", "d", "h", "m", "s"])
    }) {
        parts += 1;
    }
    parts > 1 && cursor.end().is_some()
}
