//! URLs: scheme, host and the words of the path stay.

use super::address;
use super::cursor::in_word;
use super::hint::Hint;
use super::normalise::{ADDRESS, Scanner, VALUE};
use super::word;

/// The length of the scheme, with its `://`, that `rest` starts with.
pub(super) fn scheme(rest: &[u8]) -> Option<usize> {
    let name = rest.iter().take(16).take_while(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(byte)).count();
    (rest[0].is_ascii_alphabetic() && rest[name..].starts_with(b"://")).then_some(name + 3)
}

impl Scanner<'_> {
    /// Reads a URL whose scheme has `length` bytes.
    pub(super) fn url(&mut self, length: usize) {
        self.keep(length);
        let authority = self.run(|byte| in_word(byte) || b".-:@%+~!$&=[]".contains(&byte));
        let user = self.rest()[..authority].iter().rposition(|byte| *byte == b'@').map_or(0, |at| at + 1);
        self.at += user;
        self.host(authority - user);
        self.route();
    }

    fn host(&mut self, length: usize) {
        let host = &self.rest()[..length];
        let port = host.iter().rposition(|byte| *byte == b':').filter(|colon| {
            let port = &host[colon + 1..];
            (1..=5).contains(&port.len()) && port.iter().all(u8::is_ascii_digit)
        });
        let mut name = port.unwrap_or(length);
        if port.is_none() {
            name = self.without_stops(name);
        }
        let bare = host[..name].strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]")).unwrap_or(&host[..name]);
        if !bare.is_empty() && address::machine(bare) == Some(bare.len()) {
            self.replace(name, ADDRESS);
        } else if name > 0 {
            self.keep(name);
        }
        if port.is_some() {
            self.keep(1);
            self.replace(length - name - 1, VALUE);
        }
    }

    /// Reads the path of a URL, and leaves out its query and its fragment.
    pub(super) fn route(&mut self) {
        while self.rest().first() == Some(&b'/') {
            self.keep(1);
            let length = self.run(|byte| in_word(byte) || b".-~%!$&*+,=:@;".contains(&byte));
            let length = if self.rest().get(length) == Some(&b'/') { length } else { self.without_stops(length) };
            let segment = &self.text[self.at..self.at + length];
            match segment {
                "" => {}
                _ if segment.len() > 64 || is_variable(segment) => self.replace(length, VALUE),
                _ => self.keep(length),
            }
        }
        let in_query = |byte: u8| byte.is_ascii_graphic() && !b"\"'`<>\\^{}|".contains(&byte);
        // Whether there is a query, or a fragment, is as good as chance.
        if matches!(self.rest().first(), Some(b'?' | b'#')) {
            let length = self.run(in_query);
            self.at += self.without_stops(length);
        }
        self.hint = Hint::None;
    }

    /// How many of the next bytes are `wanted`, or a placeholder's.
    fn run(&self, wanted: impl Fn(u8) -> bool) -> usize {
        let rest = self.rest();
        let mut length = 0;
        while length < rest.len() && Some(self.at + length) != self.inside {
            length += match placeholder(&rest[length..]) {
                Some(placeholder) => placeholder,
                None if wanted(rest[length]) => 1,
                None => break,
            };
        }
        length
    }

    /// The next `length` bytes without what ends a sentence or closes a bracket.
    fn without_stops(&self, length: usize) -> usize {
        let rest = &self.rest()[..length];
        rest.iter().rposition(|byte| !b".,:;!?)]".contains(byte)).map_or(0, |last| last + 1)
    }
}

fn placeholder(rest: &[u8]) -> Option<usize> {
    [VALUE, ADDRESS].iter().find(|name| rest.starts_with(name.as_bytes())).map(|name| name.len())
}

fn is_variable(segment: &str) -> bool {
    let words = || segment.split(|mark: char| !mark.is_ascii_alphanumeric() && !matches!(mark, '_' | '-'));
    segment.contains(['<', '%', '@', '=']) || words().any(word::varies)
}
