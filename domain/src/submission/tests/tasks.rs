//! What a task may be, and what is said of a bad one.

use super::*;
use crate::limits::{REF_CHARS, TASK_BYTES, TASK_DELAY};

#[test]
fn a_wrong_task_names_its_field() {
    for (task, expected) in [
        ("7", ""),
        ("[]", ""),
        ("[\"simulate\"]", ""),
        ("null", ""),
        ("{\"kind\":\"simulate\"", ""),
        ("{\"kind\":\"simulate\"} {}", ""),
        (r#"{"kind":7}"#, "kind"),
        (r#"{"kind":"Simulate"}"#, "kind"),
        (r#"{"kind":"http.reqest"}"#, "kind"),
        (r#"{"kind":"simulate","priority":1}"#, "priority"),
        (r#"{"kind":"simulate","kind":"simulate"}"#, ""),
        (r#"{"kind":"simulate","payload":[]}"#, "payload"),
        (r#"{"kind":"http.request","payload":["http://a/"]}"#, "payload"),
        (r#"{"kind":"simulate","payload":{"fail":"maybe"}}"#, "payload.fail"),
        (r#"{"kind":"http.request"}"#, "payload"),
        (r#"{"kind":"http.request","payload":{"url":"gopher://a"}}"#, "payload.url"),
        (r#"{"kind":"simulate","ref":7}"#, "ref"),
        (r#"{"kind":"simulate","delay_seconds":-1}"#, "delay_seconds"),
        (r#"{"kind":"simulate","delay_seconds":1.5}"#, "delay_seconds"),
        (r#"{"kind":"simulate","delay_seconds":"1"}"#, "delay_seconds"),
        (r#"{"kind":"simulate","delay_seconds":1e999}"#, "delay_seconds"),
        (r#"{"kind":"simulate","run_at":"tomorrow"}"#, "run_at"),
        (r#"{"kind":"simulate","run_at":1800000000}"#, "run_at"),
        (r#"{"kind":"simulate","run_at":"2027-01-31 08:00"}"#, "run_at"),
        (r#"{"kind":"simulate","timeout_seconds":0}"#, "timeout_seconds"),
        (r#"{"kind":"simulate","timeout_seconds":301}"#, "timeout_seconds"),
        (r#"{"kind":"simulate","max_attempts":0}"#, "max_attempts"),
        (r#"{"kind":"simulate","max_attempts":101}"#, "max_attempts"),
        (r#"{"kind":"simulate","max_attempts":18446744073709551616}"#, "max_attempts"),
    ] {
        assert_eq!(field(task), expected, "{task}");
    }
}

#[test]
fn a_kind_that_is_not_offered_here_is_unknown_and_the_known_ones_are_listed() {
    let production = Rules { kinds: &[Kind::HttpRequest], ..RULES };
    let refused = ndjson_job(b"{\"kind\":\"simulate\"}", JobOptions::default(), &production);
    assert_eq!(fault(refused).detail, "unknown kind; known here: http.request");
}

#[test]
fn a_kind_may_be_spelled_with_escapes() {
    assert!(ndjson(r#"{"kind":"\u0073imulate"}"#).is_ok());
}

#[test]
fn deep_nesting_is_refused_and_overflows_nothing() {
    let nested = |levels: usize| {
        let output = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        format!("{{\"kind\":\"simulate\",\"payload\":{{\"output\":{output}}}}}")
    };
    assert!(ndjson(nested(62)).is_ok());
    assert_eq!(fault(ndjson(nested(63))).detail, "nested more than 64 levels deep");
    assert!(fault(ndjson(nested(40_000))).detail.contains("nested"));
    assert!(fault(json(&format!("{{\"tasks\":[{}]}}", nested(40_000)))).detail.contains("nested"));
    for place in ["kind", "ref", "run_at", "max_attempts", "unknown"] {
        let deep = format!("{{\"{place}\":{}{}}}", "[".repeat(40_000), "]".repeat(40_000));
        assert!(ndjson(&deep).is_err(), "{place}");
        assert!(json(&deep).is_err() && json(&format!("{{\"tasks\":{deep}}}")).is_err(), "{place}");
    }
    assert!(ndjson("[".repeat(90_000)).is_err() && json(&"[".repeat(1_000_000)).is_err());
}

#[test]
fn numbers_beyond_a_float_are_refused() {
    let task = |number: &str| format!("{{\"kind\":\"simulate\",\"payload\":{{\"output\":[{number}]}}}}");
    for number in ["1e999", "-1e999", &"9".repeat(400)] {
        assert_eq!(fault(ndjson(task(number))).detail, "a number is out of range");
    }
    assert!(ndjson(task("1e-999")).is_ok() && ndjson(task("123456789012345678901234567890")).is_ok());
}

#[test]
fn a_task_has_at_most_100_000_bytes() {
    let task = |bytes: usize| {
        let frame = r#"{"kind":"simulate","payload":{"output":""}}"#;
        frame.replace("\"\"", &format!("\"{}\"", "x".repeat(bytes - frame.len())))
    };
    assert_eq!(ndjson(task(TASK_BYTES)).unwrap().tasks, 1);
    assert_eq!(fault(ndjson(task(TASK_BYTES + 1))).detail, "the task has 100001 bytes; the limit is 100000");
    let body = format!("{{\"tasks\":[{}]}}", task(TASK_BYTES + 1));
    assert_eq!(fault(json(&body)).index, Some(0));
}

#[test]
fn a_ref_has_at_most_128_characters() {
    let task = |chars| format!("{{\"kind\":\"simulate\",\"ref\":\"{}\"}}", "ü".repeat(chars));
    assert!(ndjson(task(REF_CHARS)).is_ok());
    assert_eq!(field(&task(REF_CHARS + 1)), "ref");
}

#[test]
fn a_delay_counts_from_now_in_whole_seconds() {
    let second = Timestamp::from_millis(1_800_000_003_000);
    assert_eq!(due(r#"{"kind":"simulate","delay_seconds":2}"#), Some(second));
    assert_eq!(due(r#"{"kind":"simulate","delay_seconds":0}"#), None);
    assert_eq!(due(r#"{"kind":"simulate"}"#), None);
    assert_eq!(due(r#"{"kind":"simulate","run_at":"2027-01-15T10:00:03+02:00"}"#), Some(second));
}

#[test]
fn what_was_to_run_in_the_past_runs_at_once() {
    assert_eq!(due(r#"{"kind":"simulate","run_at":"2001-01-01T00:00:00Z"}"#), None);
}

#[test]
fn delay_and_run_at_together_are_refused() {
    let task = r#"{"kind":"simulate","delay_seconds":0,"run_at":"2027-01-15T08:00:03Z"}"#;
    assert_eq!(fault(ndjson(task)).detail, "give delay_seconds or run_at, not both");
}

#[test]
fn a_task_runs_at_most_a_year_ahead() {
    let delay = |seconds: u64| ndjson(format!("{{\"kind\":\"simulate\",\"delay_seconds\":{seconds}}}"));
    assert!(delay(TASK_DELAY.as_secs()).is_ok());
    assert_eq!(fault(delay(TASK_DELAY.as_secs() + 1)).detail, "more than a year ahead");
    assert_eq!(fault(delay(u64::MAX)).field, "delay_seconds");
    assert_eq!(field(r#"{"kind":"simulate","run_at":"9999-12-31T23:59:59Z"}"#), "run_at");
}
