//! The scanner: a message from its start to its end, once, token by token.

use super::cursor::in_word;
use super::hint::Hint;
use super::json::Json;
use super::trace;
use crate::limits::ERROR_MESSAGE_BYTES;

/// Bytes of a normalised message that count. Messages are cut at
/// [`ERROR_MESSAGE_BYTES`], each in the middle of something else; what stands this far from the start is the same in
/// all of them.
pub const NORMALISED_BYTES: usize = 300;

/// A number, an id, hexadecimal digits. One placeholder for all: a short git hash may by chance have digits only.
pub(super) const VALUE: &str = "<n>";
pub(super) const STRING: &str = "<s>";
pub(super) const TIME: &str = "<time>";
pub(super) const EMAIL: &str = "<email>";
pub(super) const PATH: &str = "<path>";
pub(super) const ADDRESS: &str = "<ip>";
const PLACEHOLDERS: [&str; 6] = [VALUE, STRING, TIME, EMAIL, PATH, ADDRESS];

/// `message` with placeholders for what varies from one time to the next, of which the first [`NORMALISED_BYTES`] are
/// kept. What is normalised already stays as it is.
///
/// ```
/// use domain::fingerprint::normalise;
///
/// assert_eq!(normalise("order ord_9f3KxL2: timeout after 30000ms"), "order ord_<n>: timeout after <n>");
/// let url = "https://x.example/v1/orders/12?key=a";
/// assert_eq!(normalise(&format!("HTTP 503 from {url}")), "HTTP 503 from https://x.example/v1/orders/<n>");
/// ```
pub fn normalise(message: &str) -> String {
    let mut scanner = Scanner::new(message);
    while scanner.at < scanner.text.len() && !scanner.full {
        scanner.step();
    }
    scanner.out
}

/// A message, half read.
///
/// Decisions look back at what was written, never at what was read, and forward at nothing that a placeholder can
/// change. That is why a second run changes nothing.
pub(super) struct Scanner<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// The text ended where [`TaskError`](crate::outcome::TaskError) cuts, probably in the middle of something.
    pub(super) cut: bool,
    /// Where the quoted string ends whose content is being read.
    pub(super) inside: Option<usize>,
    pub(super) hint: Hint,
    pub(super) json: Json,
    out: String,
    /// A blank is due before the next token.
    blank: bool,
    /// The next token did not fit.
    full: bool,
}

impl<'a> Scanner<'a> {
    fn new(message: &'a str) -> Self {
        // A cut falls up to three bytes short of the limit, between two characters.
        let cut = message.len() + 3 >= ERROR_MESSAGE_BYTES;
        let mut text = &message[..message.floor_char_boundary(ERROR_MESSAGE_BYTES)];
        if cut {
            // The word at the end may be half of one.
            text = text.rfind(char::is_whitespace).map_or(text, |end| &text[..end]);
        }
        let (hint, json) = (Hint::None, Json::default());
        let out = String::with_capacity(text.len().min(NORMALISED_BYTES));
        Self { text, at: 0, cut, inside: None, hint, json, out, blank: false, full: false }
    }

    /// What is not read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..]
    }

    /// Reads one token.
    fn step(&mut self) {
        let rest = self.rest();
        match *rest {
            [b'\n', ..] => {
                self.blank = true;
                self.at += 1;
                if self.inside.is_none() {
                    self.at += trace::length(&self.text[self.at..]);
                }
            }
            // Also as an escape, in text that was JSON.
            [b'\\', b'n' | b'r' | b't', ..] if self.path().is_none() => self.skip_blank(2),
            [first, ..] if first.is_ascii_whitespace() || first.is_ascii_control() => self.skip_blank(1),
            [b'\\', b'"' | b'\'', ..] | [b'"' | b'\'' | b'`', ..] => self.quote(),
            [b'<', ..] if self.placeholder() => {}
            [first, ..] if first.is_ascii() => self.token(),
            _ => self.foreign(),
        }
    }

    fn skip_blank(&mut self, bytes: usize) {
        self.blank = true;
        self.at += bytes;
    }

    fn placeholder(&mut self) -> bool {
        let rest = self.rest();
        let found = PLACEHOLDERS.iter().find(|name| rest.starts_with(name.as_bytes()));
        if let Some(name) = found {
            self.replace(name.len(), name);
        }
        found.is_some()
    }

    /// A character beyond ASCII is a token by itself.
    fn foreign(&mut self) {
        let Some(character) = self.text[self.at..].chars().next() else { return };
        if character.is_whitespace() || character.is_control() {
            return self.skip_blank(character.len_utf8());
        }
        self.foreign_quote(character);
    }

    /// Writes the next `length` bytes as they are.
    pub(super) fn keep(&mut self, length: usize) {
        self.write(&self.text[self.at..self.at + length]);
        self.at += length;
    }

    /// Writes `placeholder` for the next `length` bytes.
    pub(super) fn replace(&mut self, length: usize, placeholder: &str) {
        self.at += length;
        self.hint = Hint::None;
        self.write(placeholder);
        self.merge(placeholder);
    }

    /// A list of values is as good as one value, however many they are.
    fn merge(&mut self, placeholder: &str) {
        let Some(before) = self.out.strip_suffix(placeholder) else { return };
        let list = [", ", ",", "-", "_"].iter().find_map(|separator| before.strip_suffix(separator));
        // What ends a URL stays apart: it must not come to stand before what ends the list.
        let free = |list: &&str| list.strip_suffix(placeholder).is_some_and(|start| !start.ends_with(['/', ':']));
        if let Some(list) = list.filter(free) {
            self.out.truncate(list.len());
        }
    }

    /// Writes a token that still fits; after one that does not, nothing follows.
    pub(super) fn write(&mut self, token: &str) {
        let blank = self.blank && !self.out.is_empty();
        if self.full || self.out.len() + usize::from(blank) + token.len() > NORMALISED_BYTES {
            self.full = true;
            return;
        }
        if blank {
            self.out.push(' ');
        }
        self.blank = false;
        self.out.push_str(token);
    }

    /// What was written before the next token; a blank also at the start.
    pub(super) fn before(&self) -> u8 {
        if self.blank { b' ' } else { self.out.bytes().next_back().unwrap_or(b' ') }
    }

    /// The last byte written that is no blank; 0 at the start.
    pub(super) fn last(&self) -> u8 {
        self.out.bytes().next_back().unwrap_or(0)
    }

    /// Whether the next token directly follows a word or a placeholder.
    pub(super) fn in_token(&self) -> bool {
        let before = self.before();
        in_word(before) || before == b'>' && PLACEHOLDERS.iter().any(|name| self.out.ends_with(name))
    }

    /// Whether what was written ends with `text`, whatever its case.
    pub(super) fn wrote(&self, text: &str) -> bool {
        let start = self.out.len().checked_sub(text.len());
        !self.blank && start.is_some_and(|start| self.out.as_bytes()[start..].eq_ignore_ascii_case(text.as_bytes()))
    }
}
