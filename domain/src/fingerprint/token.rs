//! Tokens of ASCII: what begins here, the longest first.

use super::cursor::{ends_token, in_word};
use super::hint::Hint;
use super::normalise::{ADDRESS, EMAIL, PATH, Scanner, TIME, VALUE};
use super::word::{self, Part, UUID_BYTES};
use super::{address, number, path, time, url};

impl Scanner<'_> {
    /// Reads a token that starts with a character of ASCII, neither blank nor quote.
    pub(super) fn token(&mut self) {
        let rest = self.rest();
        let first = rest[0];
        if !in_word(first) {
            return self.marked();
        }
        // After a word or a placeholder only its rest can follow.
        if self.in_token() || self.wrote(">-") {
            return self.word();
        }
        if let Some(length) = url::scheme(rest) {
            return self.url(length);
        }
        if let Some(length) = address::email(rest) {
            return self.replace(length, EMAIL);
        }
        if let Some(length) = time::length(rest) {
            return self.replace(length, TIME);
        }
        if first.is_ascii_hexdigit()
            && let Some(length) = address::machine(rest)
        {
            return self.replace(length, ADDRESS);
        }
        if let Some(length) = blob(rest) {
            return self.replace(length, VALUE);
        }
        if let Some(length) = self.path() {
            return self.replace(length, PATH);
        }
        match number::length(rest) {
            Some(length) => self.number(length),
            None => self.word(),
        }
    }

    /// The length of the path that starts here.
    pub(super) fn path(&self) -> Option<usize> {
        let free = !self.in_token() && !matches!(self.before(), b'/' | b'.' | b'~' | b'\\' | b'@' | b'-' | b'<');
        if free { path::length(self.rest()) } else { None }
    }

    /// Reads what starts with a character that is in no word.
    fn marked(&mut self) {
        let rest = self.rest();
        if self.hint == Hint::Method && rest[0] == b'/' {
            return self.route();
        }
        if let Some(length) = self.path() {
            return self.replace(length, PATH);
        }
        let free = matches!(self.before(), b' ' | b'(' | b'[' | b'=' | b':' | b',' | b'{' | b'"' | b'\'');
        match rest {
            [b'-' | b'+', ..] if free => {
                if let Some(length) = number::length(rest) {
                    return self.number(length);
                }
            }
            [b'[', ..] if !self.in_token() => {
                if let Some(length) = address::bracketed(rest) {
                    return self.replace(length, ADDRESS);
                }
            }
            [b':', b':', ..] if !self.in_token() => {
                if let Some(length) = address::machine(rest) {
                    return self.replace(length, ADDRESS);
                }
            }
            _ => {}
        }
        self.mark();
    }

    /// Writes a character that is in no word, as it is.
    pub(super) fn mark(&mut self) {
        let mark = char::from(self.rest()[0]);
        self.hint = self.hint.after_mark(mark);
        if self.inside.is_none() {
            self.json.after_mark(mark);
        }
        self.keep(1);
    }

    fn number(&mut self, length: usize) {
        if self.wrote("http/") {
            // The version of the protocol: the status follows.
            self.keep(length);
        } else if self.hint.means_code(&self.text[self.at..self.at + length]) {
            self.hint = Hint::None;
            self.keep(length);
        } else {
            self.replace(length, VALUE);
        }
    }

    /// Reads a word: letters, digits and `_`, joined by single hyphens.
    fn word(&mut self) {
        let rest = self.rest();
        let mut length = 0;
        loop {
            length += rest[length..].iter().take_while(|byte| in_word(**byte)).count();
            match rest[length..] {
                [b'-', next, ..] if in_word(next) => length += 1,
                _ => break,
            }
        }
        let word = &self.text[self.at..self.at + length];
        let code = self.hint.means_code(word) && !self.in_token();
        if code || !rest[..length].iter().any(u8::is_ascii_digit) && length < 14 || word::is_name(word) {
            self.hint = if code { Hint::None } else { self.hint.after_word(word) };
            return self.keep(length);
        }
        // Also where the other parts are placeholders already.
        let joined = self.in_token() || self.before() == b'-' || rest.get(length) == Some(&b'-');
        let many = joined || word.contains(['-', '_']);
        let mut long = false;
        let mut parts = word;
        while !parts.is_empty() {
            if word::is_uuid(parts.as_bytes()) {
                self.replace(UUID_BYTES, VALUE);
                parts = &parts[UUID_BYTES..];
                continue;
            }
            let end = parts.find(['-', '_']).map_or(parts.len(), |end| end + 1);
            let (part, later) = parts.split_at(end);
            parts = later;
            let name = part.trim_end_matches(['-', '_']);
            // The place of a request at Cloudflare, `-FRA`, and the name of a pod in Kubernetes, `-xkqzw`.
            let suffix = long && (is_place(name) || is_drawn(name));
            let part_is = if suffix { Part::Value } else { word::judge(name, many) };
            long = part_is == Part::Value && name.len() >= 8;
            match part_is {
                Part::Name => {
                    self.hint = if many { Hint::None } else { self.hint.after_word(name) };
                    self.keep(name.len());
                }
                Part::Value => self.replace(name.len(), VALUE),
                Part::Numbered(letters) => {
                    self.keep(letters);
                    self.replace(name.len() - letters, VALUE);
                }
            }
            self.keep(part.len() - name.len());
        }
    }
}

fn is_place(name: &str) -> bool {
    name.len() == 3 && name.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn is_drawn(name: &str) -> bool {
    name.len() == 5 && name.bytes().all(|byte| byte.is_ascii_lowercase() && !b"aeiouy".contains(&byte))
}

/// The length of the Base64 or the JSON Web Token that `rest` starts with.
fn blob(rest: &[u8]) -> Option<usize> {
    let token = rest.starts_with(b"eyJ");
    let in_blob = |byte: u8| byte.is_ascii_alphanumeric() || b"+/_-".contains(&byte) || token && byte == b'.';
    let length = rest.iter().take_while(|byte| in_blob(**byte)).count();
    let padding = rest[length..].iter().take(2).take_while(|byte| **byte == b'=').count();
    let found = length >= 20 && (token || word::is_random(&rest[..length])) && ends_token(&rest[length + padding..]);
    found.then_some(length + padding)
}
