//! Schedules that are made and changed.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use serde_json::{Value, json};

use crate::fake_server::schedules::{paused, schedule, tagged};
use crate::fake_server::{FakeServer, Reply, Request};
use crate::{code, monotask, problem, run, run_against, stderr, stdout};

const PUT: [&str; 3] = ["schedules", "put", "nightly"];
const CRON: [&str; 2] = ["--cron", "30 2 * * *"];

/// A file of these tests.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, content: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()));
        fs::write(&path, content).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Puts `nightly` with these options and this standard input.
fn put(replies: Vec<Reply>, options: &[&str], input: &str) -> (Output, Vec<Request>) {
    let server = FakeServer::replying(replies);
    let output = run(monotask(&server, &[&PUT[..], options].concat()), input);
    (output, server.requests())
}

/// The body that these options send.
fn sent(options: &[&str], input: &str) -> Value {
    let (output, requests) = put(vec![tagged(201, &schedule())], &[&CRON[..], options].concat(), input);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    serde_json::from_slice(&requests[0].body).unwrap()
}

#[test]
fn a_schedule_that_was_not_there_is_created_and_says_when_it_fires() {
    let (output, requests) = put(vec![tagged(201, &schedule())], &[&CRON[..], &["--tasks", "-"]].concat(), "{}\n");
    let expected = "\
created nightly
next  2027-03-27T02:30:00+01:00  2027-03-27T01:30:00Z
next  2027-03-28T03:00:00+02:00  2027-03-28T01:00:00Z
";
    assert_eq!((code(&output), stdout(&output), stderr(&output)), (0, expected, ""));
    assert_eq!(requests[0].line, "PUT /v1/schedules/nightly");
    assert_eq!(requests[0].header("content-type"), "application/json");
    assert_eq!(requests[0].header("authorization"), "Bearer dev-key");
    assert_eq!((requests[0].header("if-match"), requests[0].header("if-none-match")), ("", ""));
}

#[test]
fn one_that_was_there_is_changed_and_stays_paused() {
    let (output, _) = put(vec![tagged(200, &paused("hand"))], &[&CRON[..], &["--tasks", "-"]].concat(), "{}");
    assert_eq!(code(&output), 0);
    assert!(stdout(&output).starts_with("changed nightly\nnext  2027-03-27T"), "{}", stdout(&output));
    assert!(stderr(&output).contains("it is paused; to let it fire: monotask schedules resume nightly --url http://"));
}

#[test]
fn json_is_what_the_server_says_and_nothing_else() {
    let options = [&CRON[..], &["--tasks", "-", "--json"]].concat();
    let (output, _) = put(vec![tagged(200, &paused("hand"))], &options, "{}");
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), paused("hand"));
    assert_eq!((code(&output), stderr(&output)), (0, ""));
}

#[test]
fn only_what_is_given_is_sent() {
    let expected = json!({ "cron": "30 2 * * *", "generator": "tasks", "input": { "tasks": [{ "kind": "a" }, 7] } });
    assert_eq!(sent(&["--tasks", "-"], "\n{\"kind\":\"a\"}\n  \n7\r\n"), expected);

    let options = "--timezone Europe/Berlin --lane bulk --overlap buffer_one --catch-up latest --catch-up-window 6h \
                   --catch-up-max 9 --jitter 30s --pause-after 3 --paused --tasks -";
    let expected = json!({
        "cron": "30 2 * * *", "timezone": "Europe/Berlin", "generator": "tasks", "input": { "tasks": [] },
        "lane": "bulk", "overlap": "buffer_one", "jitter_seconds": 30, "pause_after_failures": 3, "paused": true,
        "catch_up": { "policy": "latest", "window_seconds": 21_600, "max": 9 },
    });
    assert_eq!(sent(&options.split_whitespace().collect::<Vec<_>>(), ""), expected);
    assert_eq!(sent(&["--tasks", "-", "--catch-up", "none"], "")["catch_up"], json!({ "policy": "none" }));
}

#[test]
fn a_server_that_makes_the_tasks_is_named_with_its_headers() {
    let options = ["--http", "https://a.example/t?d={{date}}", "--header", "Authorization: Bearer a:b", "--header"];
    let more = ["Accept:text/plain", "--kind", "simulate", "--http-timeout", "1m"];
    let sent = sent(&[&options[..], &more[..]].concat(), "");
    let expected = json!({
        "url": "https://a.example/t?d={{date}}", "kind": "simulate", "timeout_seconds": 60,
        "headers": { "Authorization": "Bearer a:b", "Accept": "text/plain" },
    });
    assert_eq!((&sent["generator"], &sent["input"]), (&"http".into(), &expected));
    let alone = self::sent(&["--http", "https://a.example/t"], "");
    assert_eq!(alone["input"], json!({ "url": "https://a.example/t" }));
}

#[test]
fn json_of_files_is_sent_as_it_was_written() {
    let template = Scratch::new("template.json", "{\"task\": {\"n\": 1.50},\n \"items\": [12345678901234567890123]}\n");
    let (output, requests) =
        put(vec![tagged(200, &schedule())], &[&CRON[..], &["--template", template.path()]].concat(), "");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let expected = "{\"cron\":\"30 2 * * *\",\"generator\":\"template\",\
                    \"input\":{\"task\": {\"n\": 1.50},\n \"items\": [12345678901234567890123]}}";
    assert_eq!(String::from_utf8_lossy(&requests[0].body), expected);

    let whole = "{\"cron\": \"60 * * * *\",\n \"unknown\": 1.50}";
    let file = Scratch::new("whole.json", &format!("{whole}\n"));
    for (options, input) in [(["--file", file.path()], ""), (["--file", "-"], whole)] {
        let (output, requests) = put(vec![tagged(200, &schedule())], &options, input);
        assert_eq!((code(&output), String::from_utf8_lossy(&requests[0].body).as_ref()), (0, whole));
    }
}

#[test]
fn a_condition_is_sent_and_one_that_does_not_hold_says_what_to_do() {
    let file = ["--file", "-"];
    for (condition, header, value, said) in [
        (&["--create"][..], "if-none-match", "*", "It is there already"),
        (&["--if-match", "e1-7"], "if-match", "\"e1-7\"", "changed meanwhile"),
        (&["--if-match", "\"e1-7\""], "if-match", "\"e1-7\"", "changed meanwhile"),
    ] {
        let (output, requests) = put(vec![problem(412, "")], &[&file[..], condition].concat(), "{}");
        assert_eq!((code(&output), stdout(&output), requests[0].header(header)), (3, "", value));
        let text = stderr(&output);
        assert!(text.contains("(412): because (request r1)\n") && text.contains(said), "{text}");
        assert!(text.contains("look at it"), "{text}");
        assert!(text.contains("`monotask schedules show nightly`"), "{text}");
    }
}

#[test]
fn what_may_be_done_twice_is_repeated_and_what_has_a_condition_is_not() {
    let (output, requests) = put(vec![Reply::Hang, tagged(200, &schedule())], &["--file", "-"], "{}");
    assert_eq!((code(&output), requests.len()), (0, 2), "{}", stderr(&output));

    for condition in [&["--create"][..], &["--if-match", "e1"]] {
        let (output, requests) = put(vec![Reply::Hang], &[&["--file", "-"][..], condition].concat(), "{}");
        assert_eq!((code(&output), requests.len()), (4, 1));
        assert!(stderr(&output).contains("not known whether it was changed: `monotask schedules show nightly --url"));
    }
}

#[test]
fn what_the_server_refuses_says_where_and_what_to_do() {
    let errors =
        r#","errors":[{"field":"cron","detail":"never fires"},{"field":"input.tasks","index":3,"detail":"x"}]"#;
    for (reply, said) in [
        (problem(422, errors), "(422)\n  cron: never fires\n  task 3: input.tasks: x\nNothing was changed"),
        (problem(409, ""), "(409): because (request r1)\nA schedule of config/schedules.toml is changed there"),
        (problem(413, ""), "(413): because (request r1)\nLet it make its tasks: --template"),
    ] {
        let (output, requests) = put(vec![reply], &["--file", "-"], "{}");
        assert_eq!((code(&output), stdout(&output), requests.len()), (3, "", 1));
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
    }
}

#[test]
fn a_file_that_is_none_is_named_before_anything_is_sent() {
    let large = "7\n".repeat(65_537);
    for (options, input, said) in [
        (&["--file", "/no/such/file"][..], "", "/no/such/file cannot be read: "),
        (&["--tasks", "/no/such/file"], "", "/no/such/file cannot be read: "),
        (&["--file", "-"], "{\n\"cron\": }", "- is not JSON: expected value at line 2"),
        (&["--template", "-"], "", "- is not JSON: "),
        (&["--tasks", "-"], "{}\n\n{\"kind\"\n", "line 3 of - is not JSON: "),
        (&["--tasks", "-"], &large, "- is larger than 128 KiB"),
    ] {
        let cron: &[&str] = if options[0] == "--file" { &[] } else { &CRON };
        let (output, requests) = put(vec![], &[cron, options].concat(), input);
        assert_eq!((code(&output), stdout(&output), requests.len()), (2, "", 0), "{options:?}");
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
    }
}

#[test]
fn a_schedule_is_a_file_or_a_cron_expression_and_one_thing_that_makes_tasks() {
    let nothing = "Give --cron and one of --tasks, --template and --http; or --file with all of it.";
    for (options, said) in [
        (&[][..], nothing),
        (&["--cron", "@daily"], nothing),
        (&["--http", "http://a"], nothing),
        (&["--file", "-", "--cron", "@daily"], "cannot be used with"),
        (&["--file", "-", "--tasks", "-"], "cannot be used with"),
        (&["--file", "-", "--paused"], "cannot be used with"),
        (&["--cron", "@daily", "--tasks", "-", "--http", "http://a"], "cannot be used with"),
        (&["--file", "-", "--create", "--if-match", "e1"], "cannot be used with"),
        (&["--cron", "@daily", "--tasks", "-", "--header", "a: b"], "cannot be used with"),
        (&["--file", "-", "--http-timeout", "30s"], "cannot be used with"),
        (&["--cron", "@daily", "--kind", "simulate"], "--http <URL>"),
        (&["--file", "-", "--catch-up-max", "9"], "cannot be used with"),
        (&["--cron", "@daily", "--tasks", "-", "--catch-up-window", "6h"], "--catch-up <CATCH_UP>"),
        (&["--cron", "@daily", "--tasks", "-", "--catch-up", "some"], "[possible values: none, latest, all]"),
        (&["--cron", "@daily", "--tasks", "-", "--jitter", "30"], "not a span such as 30s"),
        (&["--cron", "@daily", "--http", "http://a", "--header", "a"], "not a header such as"),
        (
            &["--cron", "@daily", "--http", "http://a", "--header", "a: b", "--header", "A: c"],
            "two headers are named A",
        ),
        (&["--file", "-", "--if-match", "*"], "not an etag"),
    ] {
        let (output, server) = run_against(vec![], &[&PUT[..], options].concat());
        assert_eq!((code(&output), server.requests().len()), (2, 0), "{options:?}");
        assert!(stderr(&output).contains(said), "{options:?}: {}", stderr(&output));
    }
}
