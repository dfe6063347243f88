//! Small aligned tables, and numbers and times as people read them.

use std::time::Duration;

/// Rows of a name and a value, the values aligned. What a terminal would obey, rather than show, is escaped: values
/// may come from anywhere.
pub(crate) fn render(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    rows.iter().map(|(name, value)| format!("{name:width$}  {}\n", escaped(value))).collect()
}

/// A column by its head.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Column {
    /// Aligned to the left.
    Text(&'static str),
    /// Aligned to the right.
    Number(&'static str),
}

/// Rows of as many values as there are columns, under their heads. Values are escaped as by [`render`].
pub(crate) fn columns(head: &[Column], rows: &[Vec<String>]) -> String {
    let names = head.iter().map(|(Column::Text(name) | Column::Number(name))| (*name).to_owned()).collect();
    let rows = rows.iter().map(|row| row.iter().map(|value| escaped(value)).collect());
    let rows: Vec<Vec<String>> = std::iter::once(names).chain(rows).collect();
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let values = row.iter().zip(head).zip(&widths).map(|((value, column), width)| match column {
            Column::Text(_) => format!("{value:width$}"),
            Column::Number(_) => format!("{value:>width$}"),
        });
        format!("{}\n", values.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

fn escaped(value: &str) -> String {
    let escape = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_aligned() {
        let rows = [("job", "a".to_owned()), ("succeeded", "12".to_owned())];
        assert_eq!(render(&rows), "job        a\nsucceeded  12\n");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_value_and_numbers_stand_at_the_right() {
        let head = [Column::Text("name"), Column::Number("tasks"), Column::Text("at")];
        let row = |name: &str, tasks: &str| vec![name.to_owned(), tasks.to_owned(), "now".to_owned()];
        let rows = [row("ä", "7"), row("longer\n", "123,456")];
        assert_eq!(columns(&head, &rows), "name        tasks  at\nä               7  now\nlonger\\n  123,456  now\n");
    }

    #[test]
    fn a_value_cannot_move_the_cursor() {
        assert_eq!(render(&[("error", "a\n\u{1b}[2Jü".to_owned())]), "error  a\\n\\u{1b}[2Jü\n");
    }

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (4_294_967_295, "4,294,967,295")] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn a_span_has_the_units_that_matter() {
        for (millis, text) in [(850, "850 ms"), (1_500, "1.5 s"), (200_000, "3 min 20 s"), (7_500_000, "2 h 5 min")] {
            assert_eq!(span(Duration::from_millis(millis)), text);
        }
    }
}
