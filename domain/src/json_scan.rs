//! Finds the values of JSON in one pass over its bytes, without building anything.
//!
//! Knows only what is usual: what it passes over is well-formed JSON, but not all of that is passed over. Whoever asks has a
//! slower way for the rest (serde's), which also says what is wrong.

use crate::limits::TASK_NESTING;

/// A place in a text that is being read. Every method returns `None` where something unusual stands; the place is of no
/// more use then.
pub(crate) struct Scan<'a> {
    text: &'a str,
    at: usize,
}

/// Containers that are open are kept as bits of a word, the innermost lowest: 1 is an object.
type Open = u64;

/// Whether the characters of a string are those of its text.
#[derive(PartialEq)]
enum Spelling {
    Plain,
    Escaped,
}

const _: () = assert!(TASK_NESTING <= Open::BITS as usize);

impl<'a> Scan<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Passes over a value and returns its text. It may have `depth` levels of containers, at most [`TASK_NESTING`].
    #[inline]
    pub(crate) fn value(&mut self, depth: usize) -> Option<&'a str> {
        self.spanned(|scan| match scan.peek()? {
            b'{' | b'[' => scan.container(depth),
            _ => scan.leaf(),
        })
    }

    /// Returns the text of what `pass` passes over.
    #[inline]
    pub(crate) fn spanned(&mut self, pass: impl FnOnce(&mut Self) -> Option<()>) -> Option<&'a str> {
        let start = self.at;
        pass(self)?;
        Some(&self.text[start..self.at])
    }

    /// Passes over an object and calls `field` with each name; it passes over the value.
    #[inline]
    pub(crate) fn object(&mut self, field: impl FnMut(&str, &mut Self) -> Option<()>) -> Option<()> {
        self.pass(b'{')?;
        self.space();
        if self.peek()? == b'}' {
            self.at += 1;
            return Some(());
        }
        self.fields(field)
    }

    /// The same from a name on.
    #[inline]
    fn fields(&mut self, mut field: impl FnMut(&str, &mut Self) -> Option<()>) -> Option<()> {
        loop {
            let name = self.plain_string()?;
            self.colon()?;
            field(name, self)?;
            self.space();
            match self.next()? {
                b',' => self.space(),
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// The same from after a value on.
    #[inline]
    pub(crate) fn other_fields(&mut self, field: impl FnMut(&str, &mut Self) -> Option<()>) -> Option<()> {
        self.space();
        match self.next()? {
            b',' => self.space(),
            b'}' => return Some(()),
            _ => return None,
        }
        self.fields(field)
    }

    /// Passes over `text` if it comes next.
    #[inline]
    pub(crate) fn text(&mut self, text: &str) -> Option<()> {
        self.rest().starts_with(text.as_bytes()).then(|| self.at += text.len())
    }

    /// What was passed over so far.
    pub(crate) fn passed(&self) -> &'a str {
        &self.text[..self.at]
    }

    /// Passes over a string without escapes and returns it with its quotes.
    #[inline]
    pub(crate) fn quoted(&mut self) -> Option<&'a str> {
        let start = self.at;
        match self.string()? {
            Spelling::Plain => Some(&self.text[start..self.at]),
            Spelling::Escaped => None,
        }
    }

    /// Passes over a string without escapes and returns what is between its quotes.
    #[inline]
    pub(crate) fn plain_string(&mut self) -> Option<&'a str> {
        let quoted = self.quoted()?;
        Some(&quoted[1..quoted.len() - 1])
    }

    /// Whether nothing is left.
    pub(crate) fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }

    fn container(&mut self, room: usize) -> Option<()> {
        let (mut open, mut depth): (Open, usize) = (0, 0);
        loop {
            // A value begins here.
            let byte = self.peek()?;
            if matches!(byte, b'{' | b'[') {
                if depth == room {
                    return None;
                }
                self.at += 1;
                depth += 1;
                open = open << 1 | Open::from(byte == b'{');
                self.space();
                match (byte, self.peek()?) {
                    (b'{', b'}') | (b'[', b']') => {}
                    (b'{', _) => {
                        self.name()?;
                        continue;
                    }
                    _ => continue,
                }
            } else {
                self.leaf()?;
            }
            // A value has ended, or a container has nothing in it.
            loop {
                self.space();
                match (self.next()?, open & 1) {
                    (b',', 1) => {
                        self.space();
                        self.name()?;
                        break;
                    }
                    (b',', _) => {
                        self.space();
                        break;
                    }
                    (b'}', 1) | (b']', 0) => {
                        open >>= 1;
                        depth -= 1;
                        if depth == 0 {
                            return Some(());
                        }
                    }
                    _ => return None,
                }
            }
        }
    }

    fn name(&mut self) -> Option<()> {
        self.string()?;
        self.colon()
    }

    fn colon(&mut self) -> Option<()> {
        self.space();
        self.pass(b':')?;
        self.space();
        Some(())
    }

    fn leaf(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.string().map(drop),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.text("true"),
            b'f' => self.text("false"),
            b'n' => self.text("null"),
            _ => None,
        }
    }

    /// A number without an exponent: such a one is finite unless it is very long.
    fn number(&mut self) -> Option<()> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.next()? {
            b'0' => {}
            b'1'..=b'9' => self.digits(),
            _ => return None,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            let fraction = self.at;
            self.digits();
            if self.at == fraction {
                return None;
            }
        }
        let exponent = matches!(self.peek(), Some(b'e' | b'E'));
        (!exponent && self.at - start < 300).then_some(())
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    #[inline]
    fn string(&mut self) -> Option<Spelling> {
        self.pass(b'"')?;
        let mut spelling = Spelling::Plain;
        let bytes = self.text.as_bytes();
        loop {
            // Eight bytes at a time up to the first that ends the string or needs a look.
            while let Some(eight) = bytes.get(self.at..self.at + 8) {
                let word = u64::from_le_bytes(eight.try_into().ok()?);
                let special = specials(word);
                if special != 0 {
                    self.at += special.trailing_zeros() as usize / 8;
                    break;
                }
                self.at += 8;
            }
            match self.next()? {
                b'"' => return Some(spelling),
                b'\\' => {
                    self.escape()?;
                    spelling = Spelling::Escaped;
                }
                0..0x20 => return None,
                _ => {}
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        match self.next()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => {
                let digits = self.text.as_bytes().get(self.at..self.at + 4)?;
                self.at += 4;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(())
            }
            _ => None,
        }
    }

    #[inline]
    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    #[inline]
    fn rest(&self) -> &[u8] {
        &self.text.as_bytes()[self.at..]
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    #[inline]
    fn pass(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }
}

/// The high bit of each byte of `word` that is a quote, a backslash or a control character, exact up to the first.
#[inline]
fn specials(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES << 7;
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
    let quotes = zeros(word ^ (ONES * u64::from(b'"')));
    let backslashes = zeros(word ^ (ONES * u64::from(b'\\')));
    let controls = word.wrapping_sub(ONES * 0x20) & !word;
    (quotes | backslashes | controls) & HIGHS
}

#[cfg(test)]
mod tests;
