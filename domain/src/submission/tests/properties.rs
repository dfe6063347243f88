//! Nothing panics, and nothing is changed.

use proptest::prelude::*;

use super::*;

/// A line that looks like a task, more or less.
fn lines() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "kind",
        "payload",
        "ref",
        "delay_seconds",
        "run_at",
        "timeout_seconds",
        "max_attempts",
        "x",
    ]);
    let value = prop_oneof![
        Just("\"simulate\"".to_owned()),
        Just("{\"fail_times\":1}".to_owned()),
        Just("{\"output\":1e400}".to_owned()),
        Just("\"2027-01-15T08:00:03Z\"".to_owned()),
        any::<u64>().prop_map(|number| number.to_string()),
        any::<String>(),
        "[\\[\\]{}\":,0-9eE.\\\\u-]{0,12}",
    ];
    prop::collection::vec((name, value), 0..4).prop_map(|fields| {
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", fields.join(","))
    })
}

/// White space that JSON allows within a line.
fn space() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", " ", "\t", "  "])
}

/// Payloads of `simulate`, with numbers and escapes in spellings that re-serializing would change.
fn payload_texts() -> impl Strategy<Value = String> {
    let output = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<u32>().prop_map(|number| format!("{number}.50E+1")),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just("\"\\u00e4\\/\\ud83d\\ude00\"".to_owned()),
        Just("{\"a\":{}, \"a\": [ ]}".to_owned()),
    ];
    (output, space(), space()).prop_map(|(output, a, b)| format!("{{{a}\"output\"{b}:{output}{a}}}"))
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = (ndjson(&bytes), json_job(&bytes, &RULES), single_task(&bytes, JobOptions::default(), &RULES));
    }

    #[test]
    fn nothing_that_looks_like_a_task_panics(lines in prop::collection::vec(lines(), 0..6)) {
        let _ = ndjson(lines.join("\n"));
        let _ = json(&format!("{{\"tasks\":[{}]}}", lines.join(",")));
        let _ = single_task(lines.concat().as_bytes(), JobOptions::default(), &RULES);
    }

    #[test]
    fn a_valid_body_yields_its_tasks_in_order_with_their_payloads_unchanged(
        tasks in prop::collection::vec((payload_texts(), 0..3_u32, space()), 1..120),
    ) {
        let texts: Vec<String> = tasks.iter().map(|(payload, delay, space)| {
            format!("{space}{{\"kind\":{space}\"simulate\",\"delay_seconds\":{delay},{space}\"payload\":{payload}{space}}}")
        }).collect();
        let expected: Vec<&str> = tasks.iter().map(|(payload, ..)| payload.as_str()).collect();
        prop_assert_eq!(payloads(&ndjson(texts.join("\n")).unwrap()), expected.clone());
        prop_assert_eq!(payloads(&json(&format!("{{\"tasks\":[{}]}}", texts.join(","))).unwrap()), expected);
    }
}
