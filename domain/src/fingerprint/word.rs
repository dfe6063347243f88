//! Words with digits in them: which are ids, and which are names.

/// What a part of a word is: parts are what `-` and `_` separate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    /// It is a name, and stays.
    Name,
    /// It is a value.
    Value,
    /// Its first so many bytes are a name, the rest a number: `worker7`.
    Numbered(usize),
}

/// Bytes of a UUID with its hyphens.
pub(super) const UUID_BYTES: usize = 36;

/// Whether a UUID is the start of `bytes`; by chance a part of one looks like a word.
pub(super) fn is_uuid(bytes: &[u8]) -> bool {
    let hyphen = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    let fits = |(at, byte): (usize, &u8)| if hyphen(at) { *byte == b'-' } else { byte.is_ascii_hexdigit() };
    bytes.len() >= UUID_BYTES && bytes.iter().take(UUID_BYTES).enumerate().all(fits)
}

/// Whether some part of `word` is a value.
pub(super) fn varies(word: &str) -> bool {
    is_uuid(word.as_bytes()) || !is_name(word) && word.split(['-', '_']).any(|part| judge(part, false) != Part::Name)
}

/// Names with digits that no rule tells from ids.
const NAMES: [&str; 27] = [
    "x86_64", "utf8mb4", "utf8mb3", "log4j2", "v1beta1", "v1alpha1", "v2beta2", "k8s", "i18n", "l10n", "a11y", "e2e",
    "p2p", "b2b", "2fa", "mp4", "3des", "3ds", "1xx", "2xx", "3xx", "4xx", "5xx", "s3api", "h264", "h265", "x509v3",
];
/// Of a word such as `ORA-00942` the number is no value.
const CODES: [&str; 26] = [
    "ora", "pls", "tns", "dpy", "dpi", "rman", "jbo", "oci", "sqlstate", "err", "error", "code", "cve", "cwe", "rfc",
    "iso", "utf", "sha", "aes", "rsa", "tls", "http", "windows", "cp", "latin", "x",
];
/// Names that end with digits: `sha256`, `Utf8Error`, `IPv6`.
const STEMS: [&str; 49] = [
    "utf", "ucs", "sha", "md", "base", "s", "ec", "ipv", "v", "x", "oauth", "http", "nghttp", "h", "int", "uint",
    "float", "i", "u", "f", "tls", "tlsv", "ssl", "sslv", "python", "py", "psycopg", "boto", "mysql", "urllib", "neo",
    "db", "crc", "aes", "rsa", "arm", "amd", "win", "web", "java", "jdk", "latin", "iso", "cp", "gpt", "ed", "oci",
    "log", "argon",
];

/// Whether `word` is a name as a whole.
pub(super) fn is_name(word: &str) -> bool {
    let is = |names: &[&str], word: &str| names.iter().any(|name| name.eq_ignore_ascii_case(word));
    let code = word.split_once('-').is_some_and(|(stem, number)| {
        is(&CODES, stem) && (1..=6).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    code || is(&NAMES, word)
}

/// What `part` is, of a word of several parts if it is `one_of_many`.
pub(super) fn judge(part: &str, one_of_many: bool) -> Part {
    let bytes = part.as_bytes();
    if bytes.len() > 64 {
        return Part::Value;
    }
    let Some(start) = bytes.iter().position(u8::is_ascii_digit) else {
        return if is_random(bytes) { Part::Value } else { Part::Name };
    };
    let hexadecimal = bytes.len() >= 8 && bytes.iter().all(u8::is_ascii_hexdigit);
    if start == 0 || hexadecimal {
        return Part::Value;
    }
    let digits = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (stem, end) = (&part[..start], &part[start + digits..]);
    if is_known(stem, digits, end) || is_class(part) || !one_of_many && is_code(stem, digits, end) {
        return Part::Name;
    }
    match end.is_empty() && is_plain(stem) && !is_random(stem.as_bytes()) {
        // A column: `address_line1`.
        true if one_of_many && digits == 1 => Part::Name,
        true if !one_of_many => Part::Numbered(start),
        _ => Part::Value,
    }
}

/// `sha256`, `Base64Decode`, `S3Client`; not `s3kx9f`.
fn is_known(stem: &str, digits: usize, end: &str) -> bool {
    let known = STEMS.iter().any(|name| name.eq_ignore_ascii_case(stem));
    let name = end.is_empty() || end.len() > 1 && is_plain(end) && (stem.len() > 1 || is_class_start(end));
    known && digits <= 4 && name
}

fn is_class_start(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_uppercase()) && text.len() > 3
}

/// `Neo4jException`
fn is_class(part: &str) -> bool {
    ["Error", "Exception", "Fault", "Failure", "Warning"].iter().any(|end| part.ends_with(end))
}

/// `E11000`, `TS2304`, `PGRST116`
fn is_code(stem: &str, digits: usize, end: &str) -> bool {
    end.is_empty() && stem.len() <= 6 && stem.bytes().all(|byte| byte.is_ascii_uppercase()) && (2..=5).contains(&digits)
}

/// Letters that change their case as words do, if at all.
fn is_plain(letters: &str) -> bool {
    letters.bytes().all(|byte| byte.is_ascii_alphabetic()) && changes(letters.as_bytes()) * 2 <= letters.len()
}

/// How often the sort of character changes.
fn changes(bytes: &[u8]) -> usize {
    let sort = |byte: u8| match byte {
        b'0'..=b'9' => 0,
        b'A'..=b'Z' => 1,
        b'a'..=b'z' => 2,
        _ => 3,
    };
    bytes.windows(2).filter(|pair| sort(pair[0]) != sort(pair[1])).count()
}

/// Whether `bytes` look drawn rather than written: an id of letters only, or Base64.
pub(super) fn is_random(bytes: &[u8]) -> bool {
    bytes.len() >= 14 && changes(bytes) * 9 > bytes.len() * 4
}
