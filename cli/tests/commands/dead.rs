//! Dead letters: looked at, put away and taken out again; and the journal of all that.

use serde_json::{Value, json};

use crate::fake_server::letters::{letter, letters, ok, page, task};
use crate::fake_server::{FakeServer, Reply};
use crate::{JOB, code, monotask, problem, run, run_against, stderr, stdout};

fn group(fingerprint: &str, count: u64) -> Value {
    json!({
        "fingerprint": fingerprint, "kind": "http.request", "reason": "permanent", "count": count,
        "error": { "class": "http.422", "message": "amount\nis \u{1b}[31mno number ".repeat(3) },
        "first_died_at": "2027-01-15T02:00:00.000Z", "last_died_at": "2027-01-15T05:30:00.500Z", "sample_task": task(7),
    })
}

fn groups() -> Reply {
    page("groups", vec![group("f1-0a", 38_000), group("f1-0b", 7)], None)
}

/// The first request, and its body as JSON.
fn first(server: &FakeServer) -> (String, Value) {
    let request = server.requests().remove(0);
    (request.line, serde_json::from_slice(&request.body).unwrap_or_default())
}

fn json_of(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn groups_are_a_table_of_causes_with_what_to_do_next() {
    let (output, server) = run_against(vec![groups()], &["dead", "groups"]);
    let error =
        r"http.422: amount\nis \u{1b}[31mno number amount\nis \u{1b}[31mno number amount\nis \u{1b}[31mno number ";
    let first_line =
        format!("f1-0a        38,000  http.request  permanent  {error}  2027-01-15T02:00:00Z  2027-01-15T05:30:00Z");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(stdout(&output).lines().nth(1), Some(first_line.as_str()));
    assert!(stdout(&output).lines().nth(2).unwrap().starts_with("f1-0b             7  "), "{}", stdout(&output));
    let next = stderr(&output);
    assert!(next.contains("monotask dead list --fingerprint f1-0a --url http://127.0.0.1:"), "{next}");
    assert!(next.contains("monotask dead replay --fingerprint f1-0a --dry-run --url http://127.0.0.1:"), "{next}");
    assert_eq!(first(&server).0, "GET /v1/dead-letters/groups?state=open&limit=50");
}

#[test]
fn a_table_fits_the_terminal() {
    let server = FakeServer::replying(vec![groups()]);
    for width in ["60", "80", "100", "140"] {
        let mut command = monotask(&server, &["dead", "groups"]);
        command.env("COLUMNS", width);
        let output = run(command, "");
        let widest = stdout(&output).lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= width.parse().unwrap() && stdout(&output).contains('…'), "{}", stdout(&output));
    }
}

#[test]
fn what_a_server_says_never_reaches_the_terminal_as_a_command() {
    let group = group("f1\u{1b}[2J; rm -rf ~", 1);
    let output = run_against(vec![page("groups", vec![group], None)], &["dead", "groups"]).0;
    for text in [stdout(&output), stderr(&output)] {
        assert!(!text.contains('\u{1b}'), "{text}");
    }
    assert!(stderr(&output).contains("--fingerprint FINGERPRINT") && !stderr(&output).contains("rm -rf"));
}

#[test]
fn letters_are_listed_page_by_page_with_every_filter_in_the_query() {
    let replies = vec![letters(0..200, Some("a b")), letters(200..250, Some("c"))];
    let filter = ["--kind", "http.request", "--reason", "permanent", "--fingerprint", "f1-0a", "-q", "no number"];
    let more = ["--since", "2027-01-15T02:00:00Z", "--job", JOB, "--state", "any", "--journal", "7"];
    let (output, server) =
        run_against(replies, &[&["dead", "list", "--limit", "250"], &filter[..], &more[..]].concat());
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(stdout(&output).lines().count(), 251);
    let expected = format!(
        "{}    http.request  permanent  open   2027-01-15T02:00:00Z  http.422: amount\\nis \\u{{1b}}[31mno number",
        task(7)
    );
    assert_eq!(stdout(&output).lines().nth(8), Some(expected.as_str()));
    assert!(stderr(&output).contains("there are more") && stderr(&output).contains("dead show"), "{}", stderr(&output));
    let query = format!(
        "kind=http.request&job={JOB}&fingerprint=f1-0a&reason=permanent&since=2027-01-15T02%3A00%3A00.000Z\
         &q=no+number&journal=7"
    );
    let lines: Vec<String> = server.requests().into_iter().map(|request| request.line).collect();
    assert_eq!(lines[0], format!("GET /v1/dead-letters?{query}&limit=200"));
    assert_eq!(lines[1], format!("GET /v1/dead-letters?{query}&limit=50&cursor=a+b"));
}

#[test]
fn json_of_lists_is_all_pages_as_one_and_nothing_else() {
    for (path, args, name) in [
        ("dead-letters", &["dead", "list"][..], "dead_letters"),
        ("dead-letters/groups", &["dead", "groups"], "groups"),
        ("replays", &["replays", "list"], "replays"),
        ("journal", &["journal"], "entries"),
    ] {
        let entry = |at: u64| json!({ "what": at, "exact": 1.5 });
        let replies = vec![page(name, (0..50).map(entry).collect(), Some("c")), page(name, vec![entry(50)], None)];
        let (output, server) = run_against(replies, &[args, &["--limit", "60", "--json"]].concat());
        let expected = json!({ name: (0..=50).map(entry).collect::<Vec<_>>() });
        assert_eq!((code(&output), json_of(&output), stderr(&output)), (0, expected, ""), "{args:?}");
        let line = server.requests().remove(1).line;
        assert!(line.starts_with(&format!("GET /v1/{path}?")) && line.ends_with("limit=10&cursor=c"), "{line}");
    }
}

#[test]
fn a_list_of_nothing_says_so() {
    for (args, name, said) in [
        (&["dead", "list"][..], "dead_letters", "there are no such dead letters\n"),
        (&["dead", "groups"], "groups", "there are no such dead letters\n"),
        (&["replays", "list"], "replays", "there are no replays; `monotask dead replay` starts one\n"),
        (&["journal"], "entries", "nothing was done with dead letters yet\n"),
    ] {
        let output = run_against(vec![page(name, vec![], None)], args).0;
        assert_eq!((code(&output), stdout(&output), stderr(&output)), (0, "", said));
    }
}

#[test]
fn a_record_is_shown_whole_and_as_the_server_has_it() {
    let (output, server) = run_against(vec![ok(&letter(&task(7)))], &["dead", "show", &task(7)]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(
        stdout(&output).contains("\n    \"body\": {\n      \"amount\": \"12,50\"\n    },\n"),
        "{}",
        stdout(&output)
    );
    assert!(stdout(&output).contains("failed  attempt 1 at 2027-01-15T02:00:00.000Z: http.422: amount\\nis"));
    assert!(stderr(&output).contains(&format!("monotask dead replay --task {} --dry-run", task(7))));
    assert_eq!(first(&server).0, format!("GET /v1/dead-letters/{}", task(7)));

    let output = run_against(vec![ok(&letter(&task(7)))], &["dead", "show", &task(7), "--json"]).0;
    assert_eq!((json_of(&output), stderr(&output)), (letter(&task(7)), ""));
}

#[test]
fn callbacks_and_messages_are_dead_letters_too_and_anything_else_is_a_usage_error() {
    for id in [format!("{JOB}-callback"), "message-2f6c".to_owned()] {
        let (output, server) = run_against(vec![ok(&letter(&id))], &["dead", "show", &id]);
        assert_eq!((code(&output), first(&server).0), (0, format!("GET /v1/dead-letters/{id}")));
    }
    let (output, server) = run_against(vec![], &["dead", "show", JOB]);
    assert_eq!((code(&output), server.requests().len()), (2, 0));
    assert!(stderr(&output).contains("<job>-callback or message-<id>"), "{}", stderr(&output));
}

#[test]
fn a_letter_that_is_not_there_says_where_to_look() {
    let output = run_against(vec![problem(404, "")], &["dead", "show", &task(7)]).0;
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).contains("(404): because (request r1)\nCheck the id"), "{}", stderr(&output));
}

#[test]
fn a_discard_says_how_many_there_were_and_how_to_undo_it() {
    let answer = json!({ "count": 1_234, "journal": 12 });
    let (output, server) = run_against(vec![ok(&answer)], &["dead", "discard", "--fingerprint", "f1-0a"]);
    assert_eq!((code(&output), stdout(&output)), (0, "discarded 1,234 dead letters\n"));
    assert!(stderr(&output).starts_with("to undo: monotask dead restore --journal 12 --url "), "{}", stderr(&output));
    let expected = json!({ "filter": { "fingerprint": "f1-0a" } });
    assert_eq!(first(&server), ("POST /v1/dead-letters/discard".to_owned(), expected));
    assert_eq!(server.requests()[0].header("content-type"), "application/json");

    let output = run_against(vec![ok(&answer)], &["dead", "discard", "--all", "--json"]).0;
    assert_eq!(json_of(&output), answer);
    let nothing = run_against(vec![ok(&json!({ "count": 0 }))], &["dead", "discard", "--task", &task(7)]).0;
    assert_eq!((code(&nothing), stdout(&nothing), stderr(&nothing)), (0, "discarded 0 dead letters\n", ""));
}

#[test]
fn a_restore_takes_out_what_an_entry_of_the_journal_put_away() {
    let answer = ok(&json!({ "count": 1, "journal": 13 }));
    let (output, server) = run_against(vec![answer], &["dead", "restore", "--journal", "12"]);
    assert_eq!((code(&output), stdout(&output)), (0, "restored 1 dead letter\n"));
    let expected = json!({ "filter": { "journal": 12 } });
    assert_eq!(first(&server), ("POST /v1/dead-letters/restore".to_owned(), expected));
}

#[test]
fn nothing_is_put_away_unless_it_is_said_what() {
    for (args, advice) in [
        (&["dead", "discard"][..], "--all is every one that is open"),
        (&["dead", "restore"], "--all is every one that is discarded"),
        (&["dead", "replay", "--yes"], "--all is every one that is open"),
        (&["dead", "discard", "--state", "any"], "Leave --state any out"),
        (&["dead", "discard", "--all", "--kind", "simulate"], "cannot be used with"),
        (&["dead", "list", "--since", "yesterday"], "an RFC 3339 time such as"),
        (&["dead", "list", "--limit", "0"], "--limit"),
    ] {
        let (output, server) = run_against(vec![], args);
        assert_eq!((code(&output), stdout(&output), server.requests().len()), (2, "", 0), "{args:?}");
        assert!(stderr(&output).contains(advice), "{}", stderr(&output));
    }
}

#[test]
fn a_discard_whose_answer_is_lost_is_made_once_and_says_where_to_look() {
    let (output, server) = run_against(vec![Reply::Hang], &["dead", "discard", "--all"]);
    assert_eq!((code(&output), server.requests().len()), (4, 1));
    assert!(stderr(&output).contains("it is not known") && stderr(&output).contains("monotask journal"));
}

#[test]
fn a_filter_that_the_server_refuses_changed_nothing() {
    let errors = r#","errors":[{"field":"filter.q","detail":"a phrase has no end"}]"#;
    for args in [&["dead", "list", "-q", "\"a"][..], &["dead", "discard", "-q", "\"a"]] {
        let output = run_against(vec![problem(422, errors)], args).0;
        assert_eq!(code(&output), 3);
        let expected = "(422)\n  filter.q: a phrase has no end\nNothing was changed: mend it";
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
}

#[test]
fn the_journal_says_who_did_what_and_how_to_undo_it() {
    let entry = |entry: u64, action: &str, replay: Value, undo: Value| {
        json!({ "entry": entry, "at": "2027-01-15T08:00:00.000Z", "key": "ops", "action": action, "filter": null,
                "count": 1_234, "replay": replay, "undo": undo })
    };
    let entries = vec![
        entry(12, "discard", Value::Null, "restore with journal 12".into()),
        entry(9, "replay", "r1".into(), Value::Null),
    ];
    let output = run_against(vec![page("entries", entries, Some("c"))], &["journal", "--limit", "2"]).0;
    let expected = "\
entry  at                    key  action   count  replay  undo
   12  2027-01-15T08:00:00Z  ops  discard  1,234  -       restore with journal 12
    9  2027-01-15T08:00:00Z  ops  replay   1,234  r1      -
";
    assert_eq!((code(&output), stdout(&output)), (0, expected));
    assert!(stderr(&output).contains("more entries"), "{}", stderr(&output));
}
