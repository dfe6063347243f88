//! What a terminal would obey, rather than show: control characters of both sets, and those that turn the direction of
//! text around or take no room, behind which a name hides another. What comes from a server may hold any of them.

use std::borrow::Cow;
use std::fmt::Write;

use unicode_general_category::{GeneralCategory, get_general_category};

/// `text` with each such character as `\uXXXX`, as JSON writes it; line breaks stay. JSON keeps its meaning: there they
/// stand in strings only.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    let hides = |c: char| c != '\n' && is_hidden(c);
    if !text.chars().any(hides) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hides(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // A String takes all that is written.
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Whether `c` is not shown as itself.
pub(crate) fn is_hidden(c: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator};
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    matches!(get_general_category(c), Control | Format | LineSeparator | ParagraphSeparator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_written_out() {
        for (text, written) in [
            ("plain ü 語 🎉\n", "plain ü 語 🎉\n"),
            ("\u{9b}2J", r"\u009b2J"),
            ("\u{1b}[2J", r"\u001b[2J"),
            ("gpj.\u{202e}exe", r"gpj.\u202eexe"),
            ("a\u{200b}\u{2066}\u{feff}\u{2028}b", r"a\u200b\u2066\ufeff\u2028b"),
            ("\u{e0041}", r"\udb40\udc41"),
        ] {
            assert_eq!(shown(text), written);
        }
    }

    #[test]
    fn json_keeps_its_meaning() {
        let json = serde_json::to_string("a\u{9b}\u{202e}\u{e0041}\u{7f}\"").unwrap();
        let again: String = serde_json::from_str(&shown(&json)).unwrap();
        assert_eq!(again, "a\u{9b}\u{202e}\u{e0041}\u{7f}\"");
    }
}
