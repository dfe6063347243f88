//! Names with their values, and numbers and times as people read them.

use std::time::Duration;

use domain::time::Timestamp;

use crate::shown::is_hidden;

/// Rows of a name and a value, the values aligned and [`escaped`]: they may come from anywhere.
pub(crate) fn render(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    rows.iter().map(|(name, value)| format!("{name:width$}  {}\n", escaped(value))).collect()
}

/// What a terminal would obey, rather than show, is escaped.
pub(crate) fn escaped(value: &str) -> String {
    let escape = |c: char| if is_hidden(c) { c.escape_default().to_string() } else { c.to_string() };
    value.chars().map(escape).collect()
}

/// A number with its thousands apart: `12,345`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A duration in the two units that matter: `850 ms`, `1.5 s`, `3 min 20 s`, `2 h 5 min`.
pub(crate) fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{} ms", duration.as_millis()),
        1..60 => format!("{:.1} s", duration.as_secs_f64()),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

/// A time to the second, which is enough for a table, and may be given back to `--since` as it is.
pub(crate) fn second(time: Timestamp) -> String {
    let text = time.to_string();
    text.split_once('.').map_or(text.clone(), |(second, _)| format!("{second}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_aligned() {
        let rows = [("job", "a".to_owned()), ("succeeded", "12".to_owned())];
        assert_eq!(render(&rows), "job        a\nsucceeded  12\n");
    }

    #[test]
    fn a_value_cannot_move_the_cursor() {
        assert_eq!(render(&[("error", "a\n\u{1b}[2J\u{202e}ü".to_owned())]), "error  a\\n\\u{1b}[2J\\u{202e}ü\n");
    }

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (4_294_967_295, "4,294,967,295")] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn a_time_to_the_second_is_still_rfc_3339() {
        let text = second(Timestamp::from_millis(1_792_000_000_123));
        assert_eq!(text, "2026-10-14T17:46:40Z");
        assert_eq!(Timestamp::parse_rfc3339(&text), Some(Timestamp::from_millis(1_792_000_000_000)));
    }

    #[test]
    fn a_span_has_the_units_that_matter() {
        for (millis, text) in [(850, "850 ms"), (1_500, "1.5 s"), (200_000, "3 min 20 s"), (7_500_000, "2 h 5 min")] {
            assert_eq!(span(Duration::from_millis(millis)), text);
        }
    }
}
