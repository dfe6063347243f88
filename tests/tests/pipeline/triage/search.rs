//! `q`: words of an error.

use serde_json::json;
use tests::pipeline::{Pipeline, Setup};
use tests::triage::{dies, encode};

use super::tasks_of;

#[test]
fn a_search_finds_words_phrases_and_beginnings_in_class_and_message_whatever_their_case() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let job = triage.let_die(&[
        dies("http.503", "Connection refused by orders.example.com: TIMEOUT"),
        dies("http.404", "no such order: refused connection"),
        dies("crédit", "Größe überschritten, order_id=4711 NOT found"),
    ]);
    for (q, expected) in [
        ("refused", vec![1, 0]),
        ("REFUSED timeout", vec![0]),
        ("connection refused", vec![1, 0]),
        ("\"connection refused\"", vec![0]),
        ("\"refused connection", vec![1]),
        ("conn*", vec![1, 0]),
        ("conn", vec![]),
        ("\"conn*\"", vec![]),
        ("http.404", vec![1]),
        ("503", vec![0]),
        ("http", vec![1, 0]),
        ("http*", vec![1, 0]),
        ("order", vec![2, 1]),
        ("orders", vec![0]),
        ("order*", vec![2, 1, 0]),
        ("order*  such", vec![1]),
        ("orders.example.com", vec![0]),
        ("example.orders", vec![]),
        ("größe", vec![2]),
        ("GRÖßE", vec![2]),
        ("CRÉDIT", vec![2]),
        ("order_id=4711", vec![2]),
        ("order_id=4712", vec![]),
        ("refused nothing", vec![]),
    ] {
        let found = triage.dead_letters(&format!("job={job}&q={}", encode(q)));
        let expected: Vec<String> = expected.into_iter().map(|index| format!("{job}-{index}")).collect();
        assert_eq!(tasks_of(&found), expected, "{q}");
        let groups = triage.groups(&format!("job={job}&q={}", encode(q)));
        assert_eq!(groups.len(), expected.len(), "{q}: each is a cause of its own");
        let body = json!({ "filter": { "job": job, "q": q } });
        assert_eq!(triage.dry_run(&body)["count"], expected.len(), "{q}: an action means what the list shows");
    }
}

#[test]
fn a_search_finds_what_a_letter_died_of_last_and_not_before() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let job = triage.let_die([&dies("before", "the earlier cause")]);
    let error = json!({ "class": "after", "message": "the later cause" });
    let replay = triage.replay(&json!({ "filter": { "job": job }, "patch": { "error": error } }));
    triage.wait_for_replay(&replay, "completed", crate::SOON);
    for (q, expected) in [("later", 1), ("after", 1), ("cause", 1), ("earlier", 0), ("before", 0)] {
        assert_eq!(triage.dead_letters(&format!("job={job}&q={q}")).len(), expected, "{q}");
    }
}

#[test]
fn what_means_something_to_a_database_is_plain_text_here() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let letters = [
        dies("plain", "a AND NOT b OR NEAR class:x"),
        dies("plain", "' OR 1=1 -- and robert'); DROP TABLE dead_letters;"),
        dies("plain", "a b class x"),
    ];
    let job = triage.let_die(&letters);
    for (q, expected) in [
        ("a AND NOT b", vec![0]),
        ("a NOT b", vec![0]),
        ("a OR b", vec![0]),
        ("NEAR", vec![0]),
        ("NEAR(a", vec![]),
        ("NEAR(a b, 5)", vec![]),
        ("class:x", vec![2, 0]),
        ("class:plain", vec![]),
        ("{class message}: plain", vec![]),
        ("-class", vec![2, 0]),
        ("^a", vec![2, 0]),
        ("(a", vec![2, 0]),
        ("a)", vec![2, 0]),
        ("a + b", vec![2, 0]),
        ("' OR 1=1 --", vec![1]),
        ("robert'); DROP TABLE dead_letters;", vec![1]),
        ("%", vec![]),
        ("plain \"", vec![2, 1, 0]),
        ("\"\" plain", vec![2, 1, 0]),
        ("* plain", vec![2, 1, 0]),
        ("plain 😀", vec![2, 1, 0]),
        ("plain:*", vec![2, 1, 0]),
    ] {
        let answer = client.get(&format!("/v1/dead-letters?job={job}&q={}", encode(q)));
        if answer.status == 422 {
            assert!(!q.contains(char::is_alphanumeric), "{q}: {}", answer.text());
            continue;
        }
        let found = answer.expect(200).json();
        let expected: Vec<String> = expected.into_iter().map(|index| format!("{job}-{index}")).collect();
        assert_eq!(tasks_of(found["dead_letters"].as_array().unwrap()), expected, "{q}");
    }
    assert_eq!(triage.dead_letters(&format!("job={job}&state=open")).len(), letters.len(), "nothing has changed");
}

#[test]
fn whatever_is_searched_for_is_answered_or_refused_and_changes_nothing() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let job = triage.let_die([&dies("anything", "abc def")]);
    let before = triage.dead_letters(&format!("job={job}"));
    let thousands = ["x", "é", "a ", "a.", "\"", "(", "😀", "\u{301}"].map(|text| text.repeat(5_000 / text.len()));
    let odd = [
        "",
        " ",
        "\"",
        "\"\"\"",
        "*",
        "**",
        "😀",
        "\u{0}",
        "abc\u{0}def",
        "\"abc\u{0}",
        "\u{0}*",
        "\u{fffd}",
        "\n\r\t",
        "\u{345}",
        "\u{24d0}",
        "abc\\",
        "abc\\\"",
        "'",
        ";",
        "--",
        "/*",
        "NULL",
        "NEAR(",
        "AND",
        "OR NOT",
        "a AND",
        "col:",
        "\u{202e}abc",
        "ǅ",
        "\u{10ffff}",
        "١٢٣",
    ];
    for q in odd.iter().map(|text| (*text).to_owned()).chain(thousands) {
        let name: String = q.chars().take(20).collect();
        let query = client.get(&format!("/v1/dead-letters?job={job}&q={}", encode(&q)));
        assert!(matches!(query.status, 200 | 422), "{name:?} in a query: {} {}", query.status, query.text());
        let groups = client.get(&format!("/v1/dead-letters/groups?job={job}&q={}", encode(&q)));
        assert_eq!(groups.status, query.status, "{name:?} in groups: {}", groups.text());
        let filter = json!({ "filter": { "job": job, "q": q }, "dry_run": true });
        let body = triage.try_replay(&filter);
        assert_eq!(body.status, query.status, "{name:?} in a body: {}", body.text());
    }
    assert_eq!(triage.dead_letters(&format!("job={job}")), before);
}

#[test]
fn a_search_for_as_many_words_as_a_body_holds_holds_nobody_up() {
    // One of its own: it has been seen to end the runtime.
    let pipeline = Setup::new().start();
    let client = pipeline.client();
    client.triage().let_die([&dies("long", "a a a and so on")]);
    for q in ["a.".repeat(900_000), "a".repeat(5_000_000), "\"".repeat(3_000_000) + "a"] {
        let name = format!("{} bytes that begin with {}", q.len(), &q[..2]);
        let body = json!({ "filter": { "q": q } });
        let answer = client.call("POST", "/v1/dead-letters/discard").json(body).try_send();
        let answer = answer.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(matches!(answer.status, 200 | 413 | 422), "{name}: {} {}", answer.status, answer.text());
        assert_eq!(client.get("/v1/dead-letters/groups").status, 200, "{name}: and it goes on");
    }
}
