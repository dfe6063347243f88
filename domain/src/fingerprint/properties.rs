//! What holds for every message.

use proptest::prelude::*;

use super::*;
use crate::limits::ERROR_MESSAGE_BYTES;

/// What a scanner finds hard: the characters that mean something, and pieces of tokens.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -~]{1,6}",
        "\\PC{1,3}",
        "[0-9a-fA-F:.xT/-]{1,9}",
        "[\"'`\\\\<>{},:\\[\\]]{1,3}",
        prop::sample::select(vec![
            "<n>",
            "<s>",
            "<time>",
            "<ip>",
            "<path>",
            "<email>",
            "https://",
            "http/1.1 ",
            "code",
            "status ",
            "error ",
            "{\"message\":\"",
            "\"errors\":",
            "GET ",
            "a@b.co",
            "C:\\",
            "\\n",
            "\n  at ",
            "Nov 21 ",
            "2026-11-21",
            " 03:12:09",
            "eyJ",
            "ORA-1",
            "can't",
            "::1",
            "/var/log/x.txt",
            "?a=b",
            "#",
            "“",
            "”",
            ", ",
            "\u{1}",
            "1h2m",
            "10%",
            "-3",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Sentences with a hole, and what may stand in it: any of it makes the same group.
const SENTENCES: [&str; 4] =
    ["cannot settle {} for the customer", "{} was refused", "broken: {}", "broker said ({}), giving up"];

fn variable() -> impl Strategy<Value = (usize, String, String)> {
    let forms = [
        "-?[0-9]{1,9}(ms|s|%|MB)?",
        "[0-9]{1,3},[0-9]{3}\\.[0-9]{2}",
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        "0x[0-9a-f]{4,16}",
        "[0-9a-f]{24}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}",
        "ord_[0-9][a-zA-Z][0-9][a-zA-Z0-9]{4,12}",
        "req-[0-9]{1,2}[a-z][0-9][a-z][0-9]",
        "[0-7][0-9A-HJKMNP-TV-Z]{25}",
        "[a-z]{1,8}(\\.[a-z]{1,8}|\\+[0-9]{1,3})?@[a-z0-9]{1,9}\\.(example\\.)?(com|org|io)",
        "(/[a-z0-9_-]{1,9}){1,5}\\.[a-z]{2,3}(:[0-9]{1,4})?",
        "[CD]:(\\\\[A-Za-z0-9_]{1,9}){1,4}\\.[a-z]{3}",
        "20[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9]:[0-5][0-9]([.,][0-9]{3})?(Z|\\+0[0-9]:00)?",
        "[0-3][0-9]/(Jan|Nov)/20[0-9]{2}:[0-2][0-9]:[0-5][0-9]:[0-5][0-9] [+-]0[0-9]00",
        "(Mon|Sat), [0-3][0-9] (Mar|Nov) 20[0-9]{2} [0-2][0-9]:[0-5][0-9]:[0-5][0-9] (GMT|\\+0000)",
        "'[a-zA-Z0-9 ü,:./-]{0,30}'",
        "\"[a-zA-Z0-9 ü,:./'-]{0,30}\"",
        "`[a-zA-Z0-9 ü,:./-]{0,30}`",
        "https://api\\.example\\.com/v1/orders/([0-9]{1,9}|ord_[0-9][a-z][0-9][a-zA-Z0-9]{3,9})(\\?[a-z]=[a-z0-9%]{1,9})?(#[a-z]{1,5})?",
        "[1-9][0-9]{0,2}(\\.[0-9]{1,3}){3}(:[0-9]{2,5})?",
        "2001:db8(:[0-9a-f]{1,4}){6}",
    ];
    let pair = prop::sample::select(forms.to_vec()).prop_flat_map(|form| (form, form));
    (0..SENTENCES.len(), pair).prop_map(|(sentence, (one, other))| (sentence, one, other))
}

fn print(message: &str) -> Fingerprint {
    Fingerprint::of(Some(Kind::HttpRequest), Reason::Exhausted, &TaskError::new("http.503", message))
}

proptest! {
    #[test]
    fn what_varies_changes_no_fingerprint((sentence, one, other) in variable()) {
        let tell = |value: &str| normalise(&SENTENCES[sentence].replace("{}", value));
        prop_assert_eq!(tell(&one), tell(&other));
    }

    #[test]
    fn another_word_is_another_fingerprint(
        one in "[a-z]{2,12}",
        other in "[a-z]{2,12}",
        sentence in 0..SENTENCES.len(),
    ) {
        let tell = |word: &str| print(&SENTENCES[sentence].replace("{}", word));
        prop_assert_eq!(tell(&one) == tell(&other), one == other);
    }

    #[test]
    fn another_status_is_another_fingerprint(one in 400..600_u16, other in 400..600_u16) {
        let forms = ["HTTP {}", "the server answered {}", "code: {}", "{\"status\":{}}", "[Errno {}] x", "os error {}"];
        for form in forms {
            let tell = |status: u16| print(&form.replace("{}", &status.to_string()));
            prop_assert_eq!(tell(one) == tell(other), one == other, "{}", form);
        }
    }

    #[test]
    fn where_a_long_message_is_cut_changes_nothing(cut in ERROR_MESSAGE_BYTES - 200..2_000_usize) {
        let words = "the upstream said no and gave a reason ".repeat(60);
        let url = format!("GET https://a.example/x?q={}", words.replace(' ', "+"));
        for message in [format!("failed: '{words}'"), format!("failed: {words}"), url] {
            prop_assert_eq!(print(&message[..cut.max(ERROR_MESSAGE_BYTES)]), print(&message));
        }
    }

    #[test]
    fn what_is_normalised_stays_as_it_is(text in prop_oneof![any::<String>(), soup()]) {
        let once = normalise(&text);
        prop_assert!(once.len() <= NORMALISED_BYTES);
        prop_assert_eq!(normalise(&once), once);
    }
}

#[test]
fn another_kind_or_reason_or_class_is_another_fingerprint() {
    let error = TaskError::new("http.503", "busy");
    let mut prints = Vec::new();
    for kind in [None, Some(Kind::HttpRequest), Some(Kind::Simulate)] {
        for reason in [Reason::Exhausted, Reason::Permanent, Reason::Crashed, Reason::Malformed] {
            prints.push(Fingerprint::of(kind, reason, &error));
            prints.push(Fingerprint::of(kind, reason, &TaskError::new("http.502", "busy")));
            // Where one field ends and the next begins counts.
            prints.push(Fingerprint::of(kind, reason, &TaskError::new("http.503b", "usy")));
        }
    }
    let all = prints.len();
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), all);
}
