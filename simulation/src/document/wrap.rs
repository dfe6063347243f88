//! Lines of a width that people read.

const WIDTH: usize = 130;

/// Breaks the paragraphs and lists of `text` into lines; tables, headings, pictures and comments stay as they are.
pub(super) fn wrapped(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let content = line.trim();
        if content.is_empty() || content.starts_with(['|', '#', '!', '<']) {
            lines.push(line.to_owned());
            open = false;
            continue;
        }
        if !open || indent(content) > 0 {
            lines.push(String::new());
        }
        open = true;
        let begins = lines.len() - 1;
        for word in content.split(' ') {
            push(&mut lines, begins, word);
        }
    }
    lines.join("\n") + "\n"
}

/// Adds a word to the last line, or to a new one that goes on with the item that began at `begins`.
fn push(lines: &mut Vec<String>, begins: usize, word: &str) {
    let Some(last) = lines.last_mut() else { return };
    if last.chars().count() + 1 + word.chars().count() > WIDTH {
        let begun = item_of(lines, begins);
        lines.push(format!("{}{word}", " ".repeat(begun)));
        return;
    }
    if !last.is_empty() && !last.ends_with("  ") {
        last.push(' ');
    }
    last.push_str(word);
}

/// The indent of the list item that the line at `from`, or one before it, begins.
fn item_of(lines: &[String], from: usize) -> usize {
    let before = lines[..=from].iter().rev().take_while(|line| !line.is_empty());
    before.map(|line| indent(line)).find(|indent| *indent > 0).unwrap_or(0)
}

/// How far the lines after the first of a list item are indented; 0 for no list item.
fn indent(line: &str) -> usize {
    match line.split_once(' ') {
        Some(("-", _)) => 2,
        Some((number, _)) if number.ends_with('.') && number.trim_end_matches('.').parse::<u8>().is_ok() => 3,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_and_lists_are_broken_and_tables_are_not() {
        let word = "word ".repeat(40);
        let text = format!("# {word}\n\n{word}\n{word}\n\n1. {word}\n   {word}\n- {word}\n\n| {word} |\n");
        let wrapped = wrapped(&text);
        let long: Vec<&str> = wrapped.lines().filter(|line| line.chars().count() > WIDTH).collect();
        assert!(long.len() == 2 && long[0].starts_with('#') && long[1].starts_with('|'), "{wrapped}");
        assert_eq!(wrapped.matches("word").count(), 7 * 40);
        assert!(wrapped.contains("\n1. word") && wrapped.contains("\n   word") && wrapped.contains("\n- word"));
    }
}
