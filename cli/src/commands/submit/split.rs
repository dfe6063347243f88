//! NDJSON of any size in parts, cut at line ends.

use std::io::{self, Read};
use std::path::Path;

use super::failure::PartsFailure;
use crate::failure::Failure;

/// Bytes of a part: large enough that requests do not matter, small enough that two of them burden nobody.
pub(super) const PART_BYTES: usize = 4 << 20;

/// Cuts what it reads into parts. Only the part that is cut is in memory.
pub(super) struct Split<R> {
    from: R,
    part_bytes: usize,
    /// What was read and belongs to the next part.
    rest: Vec<u8>,
    at: Place,
}

/// A place between two parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Place {
    /// Parts before it.
    pub(super) parts: u32,
    /// Bytes before it.
    pub(super) bytes: u64,
    /// Lines before it.
    pub(super) lines: u64,
}

/// Some lines, at least one of them not blank.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Where it begins.
    pub(super) begin: Place,
    /// Where it ends.
    pub(super) end: Place,
    /// Its lines.
    pub(super) body: Vec<u8>,
}

/// Why there is no next part.
#[derive(Debug)]
pub(super) enum Uncut {
    /// What is to be cut cannot be read.
    Unreadable(io::Error),
    /// This line, counted from 1, is longer than a part may be.
    LongLine(u64),
}

impl Uncut {
    /// What to say of `path`.
    pub(super) fn failure(self, path: &Path) -> Failure {
        match self {
            Self::Unreadable(error) => Failure::Unreadable(path.to_owned(), error),
            Self::LongLine(line) => PartsFailure::LongLine(path.to_owned(), line).into(),
        }
    }
}

impl<R: Read> Split<R> {
    /// Cuts what `from` gives, which stands at `at`, into parts of at most `part_bytes`.
    pub(super) fn new(from: R, part_bytes: usize, at: Place) -> Self {
        Self { from, part_bytes, rest: Vec::new(), at }
    }

    /// The next part. Parts of blank lines are left out: they hold no task.
    pub(super) fn next(&mut self) -> Result<Option<Part>, Uncut> {
        loop {
            let body = self.cut()?;
            if body.is_empty() {
                return Ok(None);
            }
            let begin = self.at;
            self.at.bytes += body.len() as u64;
            self.at.lines += body.iter().filter(|byte| **byte == b'\n').count() as u64;
            if !body.trim_ascii().is_empty() {
                self.at.parts += 1;
                return Ok(Some(Part { begin, end: self.at, body }));
            }
        }
    }

    /// How far it got.
    pub(super) fn place(&self) -> Place {
        self.at
    }

    /// The next whole lines; empty at the end.
    fn cut(&mut self) -> Result<Vec<u8>, Uncut> {
        let mut body = Vec::with_capacity(self.part_bytes + 1);
        body.append(&mut self.rest);
        // One byte more than a part tells whether anything follows it.
        let more = (self.part_bytes + 1 - body.len()) as u64;
        (&mut self.from).take(more).read_to_end(&mut body).map_err(Uncut::Unreadable)?;
        if body.len() <= self.part_bytes {
            return Ok(body);
        }
        let last_line_end = body[..self.part_bytes].iter().rposition(|byte| *byte == b'\n');
        let end = last_line_end.ok_or(Uncut::LongLine(self.at.lines + 1))? + 1;
        self.rest = body.split_off(end);
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &[u8]) -> Result<Vec<Part>, Uncut> {
        let mut split = Split::new(text, 8, Place::default());
        std::iter::from_fn(|| split.next().transpose()).collect()
    }

    fn bodies(text: &str) -> Vec<String> {
        let parts = split(text.as_bytes()).unwrap();
        parts.into_iter().map(|part| String::from_utf8(part.body).unwrap()).collect()
    }

    #[test]
    fn a_part_is_as_large_as_it_may_be_and_ends_with_a_line() {
        for (text, parts) in [
            ("", &[][..]),
            ("aaa\nbbb\n", &["aaa\nbbb\n"]),
            ("aaa\nbbbb\n", &["aaa\n", "bbbb\n"]),
            ("aaa\nbbb\nc\n", &["aaa\nbbb\n", "c\n"]),
            ("aaaaaaa\nbbbbbbb\n", &["aaaaaaa\n", "bbbbbbb\n"]),
            ("a\nb\nc\nd\ne\n", &["a\nb\nc\nd\n", "e\n"]),
        ] {
            assert_eq!(bodies(text), parts, "{text:?}");
        }
    }

    #[test]
    fn the_last_line_may_lack_its_end() {
        assert_eq!(bodies("aaa\nbbbb"), ["aaa\nbbbb"]);
        assert_eq!(bodies("aaa\nbbbbb"), ["aaa\n", "bbbbb"]);
        assert_eq!(bodies("aaaaaaaa"), ["aaaaaaaa"]);
    }

    #[test]
    fn a_carriage_return_stays_with_its_line() {
        assert_eq!(bodies("aa\r\nbb\r\ncc\r\n"), ["aa\r\nbb\r\n", "cc\r\n"]);
        assert_eq!(bodies("a\r\nbbbb\r\n"), ["a\r\n", "bbbb\r\n"]);
    }

    #[test]
    fn blank_lines_count_and_a_part_of_them_is_left_out() {
        let parts = split(b"a\n\n\n \r\n\n\n\n\n\n\n\n\n\n\n\nb\n").unwrap();
        let begins: Vec<_> = parts.iter().map(|part| (part.begin.parts, part.begin.lines)).collect();
        assert_eq!(begins, [(0, 0), (1, 13)]);
        assert_eq!(parts[1].body, b"\n\nb\n");
        assert_eq!(parts[1].end, Place { parts: 2, bytes: 20, lines: 16 });
        assert_eq!(bodies("\n\n\n\n\n\n\n\n\n\n"), [""; 0]);
    }

    #[test]
    fn a_line_longer_than_a_part_is_named() {
        for (text, line) in [("aaaaaaaa\n", 1), ("a\n\nbbbbbbbbb\nc\n", 3), ("aaaaaaaaaaaaaaaaaa", 1)] {
            assert!(matches!(split(text.as_bytes()), Err(Uncut::LongLine(found)) if found == line), "{text:?}");
        }
    }

    #[test]
    fn what_is_cut_again_from_a_parts_end_gives_the_same_parts() {
        let text: String = (0..500).map(|line| format!("{}\n", "x".repeat(line * 7 % 8))).collect();
        let parts = split(text.as_bytes()).unwrap();
        for (at, part) in parts.iter().enumerate() {
            let rest = &text.as_bytes()[usize::try_from(part.end.bytes).unwrap()..];
            let mut again = Split::new(rest, 8, part.end);
            assert_eq!(again.next().unwrap().as_ref(), parts.get(at + 1));
        }
    }
}
