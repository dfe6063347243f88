//! Rows under their heads, as wide as the terminal allows.

use console::{Term, measure_text_width, truncate_str};

use crate::table::escaped;

/// A column by its head.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Column {
    /// Aligned to the left.
    Text(&'static str),
    /// Aligned to the right.
    Number(&'static str),
    /// Aligned to the left, and left out where the terminal is too narrow, the last one first.
    Spare(&'static str),
    /// Aligned to the left, and cut to what the others leave. A table has one of these at most.
    Cut(&'static str),
}

/// What of a column that is cut has to stay before others are left out for it.
const CUT: usize = 24;

/// Between two columns.
const GAP: &str = "  ";

/// How wide output may be: what `COLUMNS` says, or the terminal. Elsewhere nothing is cut: whoever reads a pipe wants
/// all of it.
pub(crate) fn width() -> Option<usize> {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
    told.or_else(|| Term::stdout().size_checked().map(|(_, columns)| columns.into()))
}

/// Rows of as many values as there are columns, under their heads, in lines of at most `width`. Values are escaped.
pub(crate) fn columns(head: &[Column], rows: &[Vec<String>], width: Option<usize>) -> String {
    let names = head.iter().map(|column| column.name().to_owned()).collect();
    let rows = rows.iter().map(|row| row.iter().map(|value| escaped(value)).collect());
    let rows: Vec<Vec<String>> = std::iter::once(names).chain(rows).collect();
    let widest = |at: usize| rows.iter().map(|row| measure_text_width(&row[at])).max().unwrap_or_default();
    let layout = Layout::of(head, (0..head.len()).map(widest).collect(), width);
    rows.iter().map(|row| format!("{}\n", layout.line(head, row))).collect()
}

/// `text` in at most `width`, with an ellipsis where something is missing.
pub(crate) fn cut(text: &str, width: usize) -> String {
    truncate_str(text, width, "…").into_owned()
}

impl Column {
    fn name(self) -> &'static str {
        match self {
            Self::Text(name) | Self::Number(name) | Self::Spare(name) | Self::Cut(name) => name,
        }
    }
}

/// Which columns are shown how wide.
struct Layout {
    columns: Vec<(usize, usize)>,
    width: Option<usize>,
}

impl Layout {
    fn of(head: &[Column], widths: Vec<usize>, width: Option<usize>) -> Self {
        let mut columns: Vec<(usize, usize)> = widths.into_iter().enumerate().collect();
        let Some(limit) = width else { return Self { columns, width } };
        let is_cut = |at: usize| matches!(head[at], Column::Cut(_));
        let least = |&(at, widest): &(usize, usize)| if is_cut(at) { widest.min(CUT) } else { widest };
        let taken = |columns: &[(usize, usize)]| -> usize {
            columns.iter().map(least).sum::<usize>() + GAP.len() * columns.len().saturating_sub(1)
        };
        while taken(&columns) > limit {
            let spare = columns.iter().rposition(|(at, _)| matches!(head[*at], Column::Spare(_)));
            let Some(spare) = spare else { break };
            columns.remove(spare);
        }
        let left = limit.saturating_sub(taken(&columns));
        for (at, widest) in &mut columns {
            if is_cut(*at) {
                *widest = (*widest).min((*widest).min(CUT) + left);
            }
        }
        Self { columns, width }
    }

    fn line(&self, head: &[Column], row: &[String]) -> String {
        let value = |&(at, width): &(usize, usize)| {
            let value = cut(&row[at], width);
            let padding = " ".repeat(width.saturating_sub(measure_text_width(&value)));
            match head[at] {
                Column::Number(_) => format!("{padding}{value}"),
                _ => format!("{value}{padding}"),
            }
        };
        let line = self.columns.iter().map(value).collect::<Vec<_>>().join(GAP);
        let line = line.trim_end();
        self.width.map_or_else(|| line.to_owned(), |width| cut(line, width))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: [Column; 5] = [
        Column::Text("name"),
        Column::Number("tasks"),
        Column::Spare("kind"),
        Column::Cut("error"),
        Column::Spare("at"),
    ];

    fn table(width: Option<usize>) -> String {
        let row = |name: &str, tasks: &str, error: &str| {
            [name, tasks, "simulate", error, "2027-01-15"].map(str::to_owned).to_vec()
        };
        let rows = [row("ä", "7", "short"), row("longer\n", "123,456", &"long ".repeat(12))];
        columns(&HEAD, &rows, width)
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_value_and_numbers_stand_at_the_right() {
        let head = [Column::Text("name"), Column::Number("tasks"), Column::Text("at")];
        let row = |name: &str, tasks: &str| vec![name.to_owned(), tasks.to_owned(), "now".to_owned()];
        let rows = [row("ä", "7"), row("longer\n", "123,456")];
        let expected = "name        tasks  at\nä               7  now\nlonger\\n  123,456  now\n";
        assert_eq!(columns(&head, &rows, None), expected);
        assert_eq!(columns(&head, &rows, Some(80)), expected);
    }

    #[test]
    fn where_there_is_no_terminal_nothing_is_cut() {
        assert!(table(None).contains(&"long ".repeat(12)));
    }

    #[test]
    fn a_narrow_terminal_cuts_one_column_and_then_leaves_others_out() {
        let expected = "\
name        tasks  kind      error                     at
ä               7  simulate  short                     2027-01-15
longer\\n  123,456  simulate  long long long long lon…  2027-01-15
";
        assert_eq!(table(Some(65)), expected);
        assert!(table(Some(64)).starts_with("name        tasks  kind      error\n"), "{}", table(Some(64)));
        assert!(table(Some(45)).starts_with("name        tasks  error\n"), "{}", table(Some(45)));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in 1..120 {
            for line in table(Some(width)).lines() {
                assert!(measure_text_width(line) <= width, "{width}: {line}");
            }
        }
    }

    #[test]
    fn wide_letters_take_two_places() {
        let rows = [vec!["支払い".to_owned(), "x".to_owned()], vec!["a".to_owned(), "x".to_owned()]];
        assert_eq!(columns(&[Column::Text("n"), Column::Text("m")], &rows, None), "n       m\n支払い  x\na       x\n");
    }
}
