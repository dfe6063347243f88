//! Quoted strings: what somebody's data was, and so no cause.

use super::cursor::ends_token;
use super::hint::Hint;
use super::json::is_name;
use super::normalise::{STRING, Scanner};

impl Scanner<'_> {
    /// Reads a quote, escaped or not, and the string that it opens if it opens one.
    pub(super) fn quote(&mut self) {
        let rest = self.rest();
        if self.inside == Some(self.at) {
            self.inside = None;
            return self.quotation_mark();
        }
        let mark = 1 + usize::from(rest[0] == b'\\');
        let quote = &rest[..mark];
        if quote.ends_with(b"'") && self.in_token() {
            // An apostrophe.
            return self.mark();
        }
        let end = self.inside.unwrap_or(self.text.len());
        let bytes = &self.text.as_bytes()[self.at..end];
        match closing(bytes, quote) {
            Some(close) if mark == 1 && self.inside.is_none() && self.stays(close) => {
                self.inside = Some(self.at + close);
                self.quotation_mark();
            }
            Some(close) => self.replace(close + mark, STRING),
            None if self.cut && self.inside.is_none() && !self.stays(bytes.len()) => self.replace(bytes.len(), STRING),
            None => self.mark(),
        }
    }

    /// Whether the string from here to the quote at `close` is read like the text around it.
    fn stays(&mut self, close: usize) -> bool {
        let content = &self.text[self.at + 1..self.at + close];
        let code = self.hint == Hint::Code && is_name(content);
        let url = content.starts_with("https://") || content.starts_with("http://");
        // No placeholder may come to stand right behind its end.
        let next = self.rest().get(close + 1..).unwrap_or_default();
        if !matches!(next, [] | [b' ' | b'\n' | b',' | b':' | b')' | b'}' | b']' | b';', ..]) || next.starts_with(b"::")
        {
            return false;
        }
        let behind = next.iter().find(|byte| !byte.is_ascii_whitespace());
        self.json.keeps(content, self.last(), behind.copied().unwrap_or(0)) || code || url
    }

    /// Writes a quote that is no end of a code: `"code":"42P01"`.
    fn quotation_mark(&mut self) {
        self.hint = self.hint.after_mark('"');
        self.keep(1);
    }

    /// Reads a character beyond ASCII, and the string that it opens if it opens one.
    pub(super) fn foreign_quote(&mut self, opening: char) {
        let closing = match opening {
            '“' | '„' => "”",
            '«' => "»",
            '「' => "」",
            _ => "",
        };
        let end = self.inside.unwrap_or(self.text.len());
        match self.text[self.at..end].find(closing) {
            Some(close) if !closing.is_empty() => self.replace(close + closing.len(), STRING),
            _ => {
                self.hint = Hint::None;
                self.keep(opening.len_utf8());
            }
        }
    }
}

/// Where in `bytes`, which start with `quote`, the quote is that closes it; one behind a `\` if there is no other.
fn closing(bytes: &[u8], quote: &[u8]) -> Option<usize> {
    let mut at = quote.len();
    let mut escaped = None;
    while at < bytes.len() {
        if closes(&bytes[at..], quote) {
            return Some(at);
        }
        if bytes[at] == b'\\' {
            at += 1;
            if escaped.is_none() && at < bytes.len() && closes(&bytes[at..], quote) {
                escaped = Some(at);
            }
        }
        at += 1;
    }
    escaped
}

fn closes(bytes: &[u8], quote: &[u8]) -> bool {
    // In `'can't do'` the first one is an apostrophe.
    bytes.strip_prefix(quote).is_some_and(|rest| !quote.ends_with(b"'") || ends_token(rest))
}
