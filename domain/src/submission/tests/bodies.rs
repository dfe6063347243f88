//! What a body may be, and what is said of a bad one.

use std::time::Duration;

use super::*;
use crate::lane::Lane;

#[test]
fn an_ndjson_body_has_a_task_per_line_and_blank_lines_are_ignored() {
    let body = "\n{\"kind\":\"simulate\",\"payload\":{\"sleep_ms\":1}}\n  \n{\"kind\":\"simulate\"}";
    assert_eq!(payloads(&ndjson(body).unwrap()), ["{\"sleep_ms\":1}", "{}"]);
}

#[test]
fn windows_line_ends_are_line_ends() {
    let body = "{\"kind\":\"simulate\"}\r\n\r\n{\"kind\":\"simulate\",\"ref\":\"b\"}\r\n";
    let submission = ndjson(body).unwrap();
    assert_eq!((submission.tasks, submission.chunks.len()), (2, 1));
    assert_eq!(read_lines(&submission.chunks[0].lines, 0).unwrap()[1].reference.as_deref(), Some("b"));
}

#[test]
fn every_field_of_a_task_arrives() {
    let task =
        r#"{"kind":"http.request","payload":{"url":"http://a/"},"ref":"r\"1","timeout_seconds":7,"max_attempts":9}"#;
    let submission = ndjson(task).unwrap();
    assert_eq!(submission.chunks[0].kind, Kind::HttpRequest);
    let lines = read_lines(&submission.chunks[0].lines, 0).unwrap();
    assert_eq!((lines[0].payload(), lines[0].reference.as_deref()), (r#"{"url":"http://a/"}"#, Some("r\"1")));
    assert_eq!((lines[0].timeout(), lines[0].max_attempts), (Duration::from_secs(7), Some(9)));
}

#[test]
fn a_line_without_a_kind_has_the_default_kind() {
    let options = JobOptions { kind: Some(Kind::Simulate), ..JobOptions::default() };
    assert_eq!(ndjson_job(b"{}\n{}", options, &RULES).unwrap().tasks, 2);
    assert_eq!(field("{}"), "kind");
}

#[test]
fn a_json_body_has_options_and_tasks() {
    let body = r#"{"name":"n","lane":"bulk","callback":"https://a/","tasks":[{"kind":"simulate"}]}"#;
    let submission = json(body).unwrap();
    assert_eq!(submission.options.name.as_deref(), Some("n"));
    assert_eq!((submission.options.lane, submission.tasks), (Lane::Bulk, 1));
    assert_eq!(submission.options.callback.as_deref(), Some("https://a/"));
}

#[test]
fn a_pretty_printed_payload_becomes_one_line_and_keeps_its_numbers() {
    let body = "{\"tasks\": [\r\n {\r\n \"kind\": \"simulate\",\n \"payload\": {\n  \"output\": [1.50, 1E2,\n 12345678901234567890123]\n }}]}";
    assert_eq!(payloads(&json(body).unwrap()), ["{\"output\":[1.50,1E2,12345678901234567890123]}"]);
    let task = "{\n\"kind\": \"simulate\",\n\"payload\": {\"output\": 1.0}\n}";
    let single = single_task(task.as_bytes(), JobOptions::default(), &RULES).unwrap();
    assert_eq!((single.tasks, payloads(&single)), (1, vec!["{\"output\":1.0}".to_owned()]));
}

#[test]
fn a_job_without_tasks_is_refused() {
    for refused in [ndjson(""), ndjson("\n \r\n\n"), json(r#"{"tasks":[]}"#)] {
        assert!(fault(refused).detail.contains("no tasks"));
    }
}

#[test]
fn a_json_body_that_cannot_be_read_says_where() {
    let Err(Refusal::Unreadable(faults)) = json("{\"tasks\": [\n{\"kind\" \"simulate\"}]}") else {
        panic!("it was read");
    };
    assert!(faults[0].detail.contains("line 2 column"), "{faults:?}");
    for text in ["", "{", "nonsense", "{}{}", "[", "\u{feff}{}"] {
        assert!(matches!(json(text), Err(Refusal::Unreadable(_))), "{text}");
        let single = single_task(text.as_bytes(), JobOptions::default(), &RULES);
        assert!(matches!(single, Err(Refusal::Unreadable(_))), "{text}");
    }
}

#[test]
fn a_json_body_that_is_wrong_names_the_field() {
    for (body, field) in [
        (r#"{}"#, ""),
        (r#"[]"#, ""),
        (r#"[null,null,null,[{"kind":"simulate"}]]"#, ""),
        (r#"{"tasks":{}}"#, "tasks"),
        (r#"{"tasks":[],"Lane":"high"}"#, "Lane"),
        (r#"{"tasks":[],"kind":"simulate"}"#, "kind"),
        (r#"{"tasks":[],"lane":7}"#, "lane"),
        (r#"{"tasks":[],"lane":"quarantine"}"#, "lane"),
        (r#"{"tasks":[],"name":""}"#, "name"),
        (r#"{"tasks":[],"callback":"ftp://a/"}"#, "callback"),
    ] {
        assert_eq!(fault(json(body)).field, field, "{body}");
    }
}

#[test]
fn faults_in_a_json_body_carry_the_index() {
    let body = r#"{"tasks":[{"kind":"simulate"},7,{"kind":"simulate","payload":{"sleep":1}}]}"#;
    let faults = faults(json(body));
    let places: Vec<_> = faults.iter().map(|fault| (fault.index, fault.line, fault.field.as_str())).collect();
    assert_eq!(places, [(Some(1), None, ""), (Some(2), None, "payload.sleep")]);
}

#[test]
fn invalid_utf_8_is_unreadable_and_names_the_line() {
    let Err(Refusal::Unreadable(faults)) = ndjson(b"{\"kind\":\"simulate\"}\n\n{\"kind\":\"\xff\"}\n") else {
        panic!("it was read");
    };
    assert_eq!((faults[0].line, faults[0].detail.as_str()), (Some(3), "not valid UTF-8"));
    assert!(matches!(json_job(b"{\"tasks\":[\"\xc3\"]}", &RULES), Err(Refusal::Unreadable(_))));
    assert!(matches!(single_task(b"\x80", JobOptions::default(), &RULES), Err(Refusal::Unreadable(_))));
}

#[test]
fn line_numbers_count_blank_lines_and_every_bad_line_is_named() {
    let body = "\r\n{\"kind\":\"simulate\"}\n\nnonsense\n{\"kind\":\"simulate\"}\n7\n";
    assert_eq!(faults(ndjson(body)).iter().map(|fault| fault.line).collect::<Vec<_>>(), [Some(4), Some(6)]);
}

#[test]
fn faults_are_cut_at_one_hundred() {
    let found = faults(ndjson("7\n".repeat(250)));
    assert_eq!((found.len(), found[99].line), (100, Some(100)));
}

#[test]
fn more_packs_than_a_request_may_make_are_refused_naming_the_cause() {
    let task = |second: u64| format!("{{\"kind\":\"simulate\",\"delay_seconds\":{second}}}\n");
    assert_eq!(ndjson((1..=5_000).map(task).collect::<String>()).unwrap().chunks.len(), 5_000);
    let fault = fault(ndjson((1..=5_001).map(task).collect::<String>()));
    assert_eq!(fault.line, Some(5_001));
    assert!(fault.detail.contains("more than 5000 packs") && fault.detail.contains("due time"), "{fault:?}");
}
