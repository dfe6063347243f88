//! What the words before a number say of it: a status or an error's code is the cause, any other number is not.

/// What was said right before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// Nothing: a number is any number.
    None,
    /// `code`, `status`, `errno`: a code follows.
    Code,
    /// `error`: a code follows, but `error: 5 of 7 failed` is none.
    Error,
    /// `returned`: a status of 400 to 599 may follow.
    Answer,
    /// `GET`: a path of a URL follows.
    Method,
}

const CODE: [&str; 31] = [
    "http",
    "https",
    "status",
    "code",
    "errno",
    "sqlstate",
    "sqlcode",
    "statuscode",
    "status_code",
    "errorcode",
    "error_code",
    "errcode",
    "err_code",
    "err_no",
    "httpcode",
    "http_code",
    "httpstatus",
    "http_status",
    "httpstatuscode",
    "http_status_code",
    "responsecode",
    "response_code",
    "exitcode",
    "exit_code",
    "retcode",
    "vendorcode",
    "subcode",
    "error_subcode",
    "hresult",
    "smtp",
    "signal",
];
const ANSWER: [&str; 6] = ["returned", "answered", "responded", "response", "got", "with"];
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
/// Words that may stand between: `status code was 404`.
const LINKS: [&str; 4] = ["is", "was", "of", "with"];

impl Hint {
    /// After `word`.
    pub(super) fn after_word(self, word: &str) -> Self {
        if word.len() > 16 {
            return Self::None;
        }
        let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(word));
        match () {
            () if is(&CODE) => Self::Code,
            () if is(&["error", "err"]) => Self::Error,
            () if matches!(self, Self::Code | Self::Answer) && is(&LINKS) => self,
            () if is(&ANSWER) => Self::Answer,
            () if METHODS.contains(&word) => Self::Method,
            () => Self::None,
        }
    }

    /// After a character that is in no word.
    pub(super) fn after_mark(self, mark: char) -> Self {
        match (self, mark) {
            (Self::Error, ':' | '=') => Self::Answer,
            (Self::Method, '"' | '\'' | '`') => self,
            (Self::Code | Self::Error | Self::Answer, ':' | '=' | '#' | '(' | '[' | '"' | '\'' | '/' | '>' | '{') => {
                self
            }
            _ => Self::None,
        }
    }

    /// Whether `token`, right after, is a code: up to five digits, or a SQLSTATE, or a `HRESULT`.
    pub(super) fn means_code(self, token: &str) -> bool {
        let number = token.strip_prefix('-').unwrap_or(token);
        let decimal = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        match self {
            Self::None | Self::Method => false,
            Self::Answer => number.len() == 3 && decimal && matches!(token.as_bytes()[0], b'4' | b'5'),
            Self::Code | Self::Error => {
                let sqlstate =
                    token.len() == 5 && token.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
                let hexadecimal = number.len() <= 10
                    && number
                        .strip_prefix("0x")
                        .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
                decimal && number.len() <= 5 || sqlstate || hexadecimal
            }
        }
    }
}
