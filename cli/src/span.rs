//! A span of time, as it is typed.

use std::time::Duration;

/// Text that is no span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a span such as 30s, 15m, 6h, 7d or 2w")]
pub(crate) struct UnreadableSpan;

/// Units, in seconds.
const UNITS: [(char, u64); 5] = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400), ('w', 604_800)];

/// Reads one from the command line: a whole number and its unit.
pub(crate) fn read(text: &str) -> Result<Duration, UnreadableSpan> {
    let seconds = UNITS.into_iter().find_map(|(unit, seconds)| {
        let number = text.strip_suffix(unit)?;
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        number.parse::<u64>().ok().filter(|_| is_number)?.checked_mul(seconds)
    });
    seconds.map(Duration::from_secs).ok_or(UnreadableSpan)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_whole_number_and_a_unit() {
        for (text, seconds) in
            [("0s", 0), ("30s", 30), ("15m", 900), ("6h", 21_600), ("7d", 604_800), ("2w", 1_209_600)]
        {
            assert_eq!(read(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", "h", "12", "-1h", "+1h", "1.5h", "1 h", "12H", "99999999999999999999w", "18446744073709551615w"]
        {
            assert_eq!(read(text), Err(UnreadableSpan), "{text}");
        }
    }
}
