//! Paths of files.

use super::cursor::{Cursor, ends_token, in_word};

/// The length of the path that `rest` starts with, with line and column where they follow.
pub(super) fn length(rest: &[u8]) -> Option<usize> {
    let length = match rest {
        [b'/', next, ..] if in_word(*next) || *next == b'.' || *next == b'-' => unix(rest),
        [b'.' | b'~', b'/', next, ..] if in_word(*next) || *next == b'.' => unix(rest),
        [b'.', b'.', b'/', ..] => unix(rest),
        [drive, b':', b'\\' | b'/', next, ..]
            if drive.is_ascii_alphabetic() && (in_word(*next) || b"\\.$%~".contains(next)) =>
        {
            windows(rest)
        }
        [b'\\', b'\\', server, ..] if in_word(*server) => windows(rest),
        [first, ..] if in_word(*first) || *first == b'@' => relative(rest)?,
        _ => return None,
    };
    let length = without_stop(rest, length);
    let mut cursor = Cursor::new(&rest[length..]);
    while cursor.maybe(|cursor| cursor.one_of(b":") && cursor.digits(1, 7) && cursor.end().is_some()) {}
    Some(length + cursor.at())
}

fn unix(rest: &[u8]) -> usize {
    rest.iter().take_while(|byte| in_word(**byte) || b"/.-+@%~$=#?&".contains(byte)).count()
}

fn without_stop(rest: &[u8], mut length: usize) -> usize {
    while length > 0 && matches!(rest[length - 1], b'.' | b'?') {
        length -= 1;
    }
    length
}

/// `src/main.rs`: with a directory and an extension, or else it may be `read/write`.
fn relative(rest: &[u8]) -> Option<usize> {
    // Longer ones are none: each word of the text may come here.
    let length = unix(&rest[..rest.len().min(200)]);
    let slash = rest[..without_stop(rest, length)].iter().rposition(|byte| *byte == b'/')?;
    let name = &rest[slash + 1..without_stop(rest, length)];
    let dot = name.iter().rposition(|byte| *byte == b'.')?;
    let extension = &name[dot + 1..];
    let known = (1..=4).contains(&extension.len()) && extension.iter().all(|byte| byte.is_ascii_lowercase());
    (known && ends_token(&rest[length..])).then_some(length)
}

/// A blank belongs to it if a further `\` follows: `C:\Program Files\x`.
fn windows(rest: &[u8]) -> usize {
    let in_name = |byte: u8| in_word(byte) || b"\\/.-+@%~$=#()".contains(&byte);
    let mut length = 2;
    loop {
        length += rest[length..].iter().take_while(|byte| in_name(**byte)).count();
        let more = rest[length..].strip_prefix(b" ").unwrap_or_default();
        let word = more.iter().take_while(|byte| in_name(**byte) && **byte != b'\\').count();
        if word == 0 || more.get(word) != Some(&b'\\') || matches!(more.get(word + 1), Some(b'"' | b'\'')) {
            return length;
        }
        length += 1 + word;
    }
}
