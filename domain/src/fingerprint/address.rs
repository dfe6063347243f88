//! E-mail addresses, and addresses of machines.

use super::cursor::{Cursor, ends_token, in_word};

/// Bytes that the part of an e-mail address before the `@` may have, RFC 5321 section 4.5.3.1.1.
const LOCAL_BYTES: usize = 64;
/// Bytes of the longest IPv6 address as text, an IPv4 address in it.
const V6_BYTES: usize = 45;

/// The length of the e-mail address that `rest` starts with.
pub(super) fn email(rest: &[u8]) -> Option<usize> {
    let mut cursor = Cursor::new(&rest[..rest.len().min(LOCAL_BYTES + 2)]);
    let local = cursor.run(|byte| in_word(byte) || b".%+-".contains(&byte));
    if local == 0 || local > LOCAL_BYTES || !cursor.one_of(b"@") {
        return None;
    }
    let host = &rest[local + 1..];
    let mut length = host.iter().take_while(|byte| in_word(**byte) || b".-".contains(byte)).count();
    if !ends_token(&host[length..]) {
        return None;
    }
    // What ends a sentence is no part of it.
    while length > 0 && b".-".contains(&host[length - 1]) {
        length -= 1;
    }
    let dot = host[..length].iter().rposition(|byte| *byte == b'.')?;
    let top = &host[dot + 1..length];
    let named = dot > 0 && top.len() >= 2 && top.iter().all(u8::is_ascii_alphabetic);
    named.then_some(local + 1 + length)
}

/// The length of the IPv4, IPv6 or MAC address that `rest` starts with; prefix length, zone and port included.
pub(super) fn machine(rest: &[u8]) -> Option<usize> {
    v4(rest).or_else(|| colons(rest))
}

fn v4(rest: &[u8]) -> Option<usize> {
    let mut cursor = Cursor::new(rest);
    let octets = (0..4).all(|octet| (octet == 0 || cursor.one_of(b".")) && cursor.digits(1, 3));
    let more = cursor.peek() == b'.' && cursor.maybe(|cursor| cursor.one_of(b".") && cursor.end().is_none());
    if !octets || more {
        return None;
    }
    cursor.maybe(|cursor| cursor.one_of(b"/") && cursor.digits(1, 2) && cursor.end().is_some());
    cursor.maybe(port);
    cursor.end()
}

fn port(cursor: &mut Cursor<'_>) -> bool {
    cursor.one_of(b":") && cursor.digits(1, 5) && cursor.end().is_some()
}

/// The length of `[::1]:443`, which `rest` starts with.
pub(super) fn bracketed(rest: &[u8]) -> Option<usize> {
    let inner = colons(rest.get(1..)?)?;
    let mut cursor = Cursor::new(&rest[1 + inner..]);
    let found = cursor.one_of(b"]") && port(&mut cursor);
    if found { cursor.end().map(|more| 1 + inner + more) } else { None }
}

fn colons(rest: &[u8]) -> Option<usize> {
    let mut length =
        rest.iter().take(V6_BYTES + 1).take_while(|byte| byte.is_ascii_hexdigit() || b":.".contains(byte)).count();
    if length > V6_BYTES || !ends_token(&rest[length..]) && rest.get(length) != Some(&b'%') {
        return None;
    }
    while length > 0 && rest[length - 1] == b'.' {
        length -= 1;
    }
    if length > 2 && rest[length - 1] == b':' && rest[length - 2] != b':' {
        length -= 1;
    }
    let found = &rest[..length];
    let separators = found.iter().filter(|byte| **byte == b':').count();
    let gap = found.windows(2).any(|pair| pair == b"::");
    let more = found.windows(3).any(|three| three == b":::");
    let groups = found.split(|byte| *byte == b':').all(|group| group.len() <= 4 || group.contains(&b'.'));
    let shape = (separators == 5 || separators == 7 || gap && separators <= 7) && groups;
    // `dead::beef` is a path in some language.
    let digits = found.iter().any(u8::is_ascii_digit);
    if more || !shape || !digits && separators != 5 {
        return None;
    }
    let mut cursor = Cursor::new(&rest[length..]);
    cursor.maybe(|cursor| cursor.one_of(b"%") && cursor.run(in_word) > 0);
    cursor.maybe(|cursor| cursor.one_of(b"/") && cursor.digits(1, 3) && cursor.end().is_some());
    cursor.end().map(|more| length + more)
}
