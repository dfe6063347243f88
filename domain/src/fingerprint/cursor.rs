//! A place in a text, moved forward by what is found there.

/// A place in a text. Each method moves it past what it names and says whether that was there.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How far it came.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The byte here; 0 at the end.
    pub(super) fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    /// Moves on while `wanted`; how many bytes that were.
    pub(super) fn run(&mut self, wanted: impl Fn(u8) -> bool) -> usize {
        let found = self.bytes[self.at..].iter().take_while(|byte| wanted(**byte)).count();
        self.at += found;
        found
    }

    /// From `least` to `most` digits, and no further one.
    pub(super) fn digits(&mut self, least: usize, most: usize) -> bool {
        (least..=most).contains(&self.run(|byte| byte.is_ascii_digit()))
    }

    /// One of `bytes`.
    pub(super) fn one_of(&mut self, bytes: &[u8]) -> bool {
        let found = self.at < self.bytes.len() && bytes.contains(&self.peek());
        self.at += usize::from(found);
        found
    }

    /// One of `names`, whatever its case, as the start of what is here.
    pub(super) fn name(&mut self, names: &[&str]) -> bool {
        let rest = &self.bytes[self.at..];
        let found = names
            .iter()
            .find(|name| rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes())));
        self.at += found.map_or(0, |name| name.len());
        found.is_some()
    }

    /// Takes all of `steps` or stays where it was.
    pub(super) fn maybe(&mut self, steps: impl FnOnce(&mut Self) -> bool) -> bool {
        let start = self.at;
        let taken = steps(self);
        if !taken {
            self.at = start;
        }
        taken
    }

    /// Takes all of `steps` or stays where it was; true in any case.
    pub(super) fn optional(&mut self, steps: impl FnOnce(&mut Self) -> bool) -> bool {
        self.maybe(steps);
        true
    }

    /// How far it came, if a token can end here.
    pub(super) fn end(&self) -> Option<usize> {
        ends_token(&self.bytes[self.at..]).then_some(self.at)
    }
}

/// Whether `byte` belongs to a word.
pub(super) fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether a token can end before `rest`. A placeholder there was part of a longer one, which was not recognised: what
/// is normalised already must be read as it was the first time.
pub(super) fn ends_token(rest: &[u8]) -> bool {
    rest.first().is_none_or(|&next| !in_word(next) && next != b'<')
}
