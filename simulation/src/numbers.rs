//! How numbers are written in the document.

use std::time::Duration;

/// Millions, with as many digits as tell anything: 18, 3.6, 0.51.
pub fn millions(count: f64) -> String {
    digits(count / 1_000_000.0)
}

/// Two digits that count, more before the point if there are more.
pub fn digits(number: f64) -> String {
    match number {
        ..0.0005 => "0".to_owned(),
        ..0.995 => format!("{number:.2}"),
        ..9.95 => format!("{number:.1}"),
        _ => format!("{number:.0}"),
    }
}

/// A share as percents.
pub fn percent(share: f64) -> String {
    match share * 100.0 {
        ..0.05 => "–".to_owned(),
        percent @ ..0.95 => format!("{percent:.1} %"),
        percent => format!("{percent:.0} %"),
    }
}

/// A time in the unit that suits it.
pub fn time(time: Duration) -> String {
    match time.as_secs_f64() {
        seconds @ ..120.0 => format!("{} s", digits(seconds)),
        seconds @ ..7_200.0 => format!("{:.0} min", seconds / 60.0),
        seconds => format!("{} h", digits(seconds / 3_600.0)),
    }
}

/// A count: whole below a million.
pub fn count(count: u64) -> String {
    if count < 1_000_000 { count.to_string() } else { format!("{} M", millions(count as f64)) }
}

/// A factor: × 1.5.
pub fn factor(factor: f64) -> String {
    format!("× {}", if factor < 9.95 { format!("{factor:.2}") } else { digits(factor) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_with_the_digits_that_count() {
        assert_eq!(millions(17_970_000.0), "18");
        assert_eq!(millions(3_571_000.0), "3.6");
        assert_eq!(percent(0.5553), "56 %");
        assert_eq!(percent(0.0), "–");
        assert_eq!(time(Duration::from_secs(51)), "51 s");
        assert_eq!(time(Duration::from_secs(100_680)), "28 h");
    }
}
