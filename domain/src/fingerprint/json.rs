//! JSON in a message, as many servers answer: which of its strings tell the cause.

/// Where in a JSON text the scanner is; a message that is none stays at depth 0.
#[derive(Default)]
pub(super) struct Json {
    depth: u16,
    /// The latest key promises a cause.
    cause: bool,
    /// All strings deeper than this tell the cause.
    below: Option<u16>,
}

impl Json {
    /// After a character outside of strings.
    pub(super) fn after_mark(&mut self, mark: char) {
        match mark {
            '{' | '[' => self.depth = self.depth.saturating_add(1),
            '}' | ']' => {
                self.depth = self.depth.saturating_sub(1);
                self.below = self.below.filter(|below| self.depth > *below);
                self.cause &= self.depth > 0;
            }
            _ => {}
        }
    }

    /// Whether a string with `content` stays. `before` is the character before it, `after` the one behind it, blanks
    /// aside.
    pub(super) fn keeps(&mut self, content: &str, before: u8, after: u8) -> bool {
        if self.depth == 0 {
            return false;
        }
        if matches!(before, b'{' | b',') && after == b':' && is_name(content) {
            self.cause = is_cause(content);
            if self.below.is_none() && PLACES.iter().any(|place| place.eq_ignore_ascii_case(content)) {
                self.below = Some(self.depth);
            }
            return true;
        }
        matches!(before, b':' | b'[' | b',') && (self.cause || self.below.is_some_and(|below| self.depth > below))
    }
}

/// What a key ends with whose value tells the cause: `message`, `error_description`, `errorCode`.
const CAUSES: [&str; 25] = [
    "error",
    "errors",
    "code",
    "type",
    "message",
    "messages",
    "msg",
    "errmsg",
    "reason",
    "status",
    "title",
    "detail",
    "details",
    "description",
    "kind",
    "fault",
    "faultstring",
    "exception",
    "cause",
    "category",
    "codename",
    "summary",
    "param",
    "field",
    "failure",
];
/// Below such a key everything does: `{"errors":{"email":["has been taken"]}}`.
const PLACES: [&str; 4] = ["errors", "violations", "field_errors", "messages"];

fn is_cause(key: &str) -> bool {
    let letters = key.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    letters
        && CAUSES
            .iter()
            .any(|name| key.len().checked_sub(name.len()).is_some_and(|start| key[start..].eq_ignore_ascii_case(name)))
}

/// Whether `content` is one word: a key, or a code.
pub(super) fn is_name(content: &str) -> bool {
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.$<>".contains(&byte);
    (1..=64).contains(&content.len()) && content.bytes().all(in_name)
}
