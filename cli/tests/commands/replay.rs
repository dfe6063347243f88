//! Replays of dead letters, from the dry run to the verdict.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::fake_server::letters::{REPLAY, dry_run, halted, ok, replay, started, task};
use crate::fake_server::{FakeServer, Reply, Request};
use crate::{code, monotask, problem, run_against, stderr, stdout};

const YES: [&str; 5] = ["dead", "replay", "--fingerprint", "f1-0a", "--yes"];

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

/// A dry run, a start, and where the replay is at each look.
fn replies(looks: &[Value]) -> Vec<Reply> {
    [dry_run(10), started(10)].into_iter().chain(looks.iter().map(ok)).collect()
}

#[test]
fn the_dry_run_is_made_and_shown_before_the_replay_is_sent() {
    let options =
        ["--patch", r#"{"amount":12.5}"#, "--canary", "5,50", "--halt-above", "0.2", "--rate", "9", "--force"];
    let looks = [replay("running", 4, 0), replay("completed", 10, 0)];
    let (output, server) = run_against(replies(&looks), &[&YES[..], &options[..]].concat());
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = stderr(&output);
    let shown = text.find("10 dead letters match\n1 of the 10 checked would be refused").unwrap();
    let begun = text.find(&format!("replay {REPLAY} of 10 dead letters has begun")).unwrap();
    assert!(shown < begun && text.contains("~ amount: \"12,50\" → 12.5\n"), "{text}");
    assert!(text.contains("4 of 10 ended: 4 succeeded, 6 waiting"), "{text}");
    assert!(stdout(&output).contains("\nsucceeded   10\ndied again   0\n"), "{}", stdout(&output));

    let requests = server.requests();
    assert_eq!(
        (requests[0].line.as_str(), requests[0].header("idempotency-key")),
        ("POST /v1/dead-letters/replay", "")
    );
    let mut expected = json!({
        "filter": { "fingerprint": "f1-0a" }, "patch": { "amount": 12.5 },
        "canary": { "stages": [5, 50], "halt_above": 0.2 }, "rate": 9, "force": true,
    });
    assert_eq!(body(&requests[1]), expected);
    expected["dry_run"] = true.into();
    assert_eq!(body(&requests[0]), expected);
    assert_eq!(requests[1].header("idempotency-key").len(), 36);
    assert_eq!(requests[2].line, format!("GET /v1/replays/{REPLAY}"));
}

#[test]
fn nobody_to_ask_is_a_usage_error_that_says_what_to_add() {
    let (output, server) = run_against(vec![], &["dead", "replay", "--all"]);
    assert_eq!((code(&output), server.requests().len()), (2, 0));
    assert!(stderr(&output).contains("--yes") && stderr(&output).contains("--dry-run"), "{}", stderr(&output));
}

#[test]
fn a_dry_run_starts_nothing() {
    let (output, server) = run_against(vec![dry_run(40_000)], &["dead", "replay", "--all", "--dry-run"]);
    assert_eq!((code(&output), server.requests().len()), (0, 1));
    let first = "40,000 dead letters match; only the first 1,000 of them were checked\n";
    assert!(stdout(&output).starts_with(first), "{}", stdout(&output));
    assert!(stdout(&output).contains(&format!("  {}: payload.url: missing\n", task(9))), "{}", stdout(&output));
    assert_eq!(body(&server.requests()[0]), json!({ "filter": { "all": true }, "dry_run": true }));
}

#[test]
fn json_is_the_dry_run_or_the_end_of_the_replay() {
    let output = run_against(vec![dry_run(7)], &["dead", "replay", "--all", "--dry-run", "--json"]).0;
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&answer["count"], stderr(&output)), (&7.into(), ""));

    let looks = [replay("running", 4, 0), replay("completed", 10, 0)];
    let output = run_against(replies(&looks), &[&YES[..], &["--json"]].concat()).0;
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), looks[1]);
}

#[test]
fn a_start_whose_answer_is_lost_is_repeated_under_the_same_key() {
    let busy = Reply::Answer(503, "retry-after: 0\r\n", String::new());
    let replies = vec![dry_run(10), Reply::Hang, busy, started(10), ok(&replay("completed", 10, 0))];
    let (output, server) = run_against(replies, &YES);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let requests = server.requests();
    let keys: Vec<&str> = requests[1..4].iter().map(|request| request.header("idempotency-key")).collect();
    assert!(keys[0].len() == 36 && keys[1] == keys[0] && keys[2] == keys[0], "{keys:?}");
    assert!(requests[1].body == requests[2].body && requests[2].body == requests[3].body);
}

#[test]
fn a_replay_that_may_have_begun_says_how_to_make_sure() {
    let replies = vec![dry_run(10), Reply::Answer(503, "retry-after: 0\r\n", String::new())];
    let (output, server) = run_against(replies, &["dead", "replay", "--since", "12h", "--yes"]);
    assert_eq!(code(&output), 4);
    let filter = body(&server.requests()[1])["filter"].clone();
    let since = filter["since"].as_str().unwrap();
    let key = server.requests()[1].header("idempotency-key").to_owned();
    let expected = format!("the same command with --since {since} --idempotency-key {key}: ");
    assert!(stderr(&output).contains(&expected), "{}", stderr(&output));
    assert!(stderr(&output).contains("monotask replays list"), "{}", stderr(&output));
}

#[test]
fn letters_that_died_again_are_exit_code_1_and_say_where_to_look() {
    let output = run_against(replies(&[replay("completed", 9, 1)]), &YES).0;
    assert_eq!(code(&output), 1);
    let expected = format!("monotask replays show {REPLAY} --verdict died_again");
    assert!(stderr(&output).contains(&expected) && stderr(&output).contains("monotask dead groups"));
}

#[test]
fn a_halt_says_why_and_how_to_go_on() {
    let output = run_against(replies(&[replay("running", 2, 1), halted()]), &YES).0;
    assert_eq!(code(&output), 1);
    let text = stderr(&output);
    assert!(text.contains("halted: 3 of 5 letters of stage 1 failed"), "{text}");
    for command in ["replays show", "replays resume", "replays cancel"] {
        assert!(text.contains(&format!("monotask {command} {REPLAY}")), "{text}");
    }
    assert!(stdout(&output).contains("state       halted: 3 of 5"), "{}", stdout(&output));
}

#[test]
fn a_detached_replay_prints_its_id_and_is_not_followed() {
    let (output, server) = run_against(replies(&[]), &[&YES[..], &["--detach"]].concat());
    assert_eq!((code(&output), stdout(&output)), (0, format!("{REPLAY}\n").as_str()));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn where_nothing_matches_nothing_is_sent() {
    let nothing = || Reply::ok(r#"{"count":0,"checked":0,"sample":[],"refused":[]}"#);
    let (output, server) = run_against(vec![nothing()], &YES);
    assert_eq!((code(&output), server.requests().len()), (0, 1));
    assert!(stderr(&output).contains("there is nothing to replay"), "{}", stderr(&output));

    // A key of one's own may name a replay that has taken them all.
    let known = Reply::ok(json!({ "replay": REPLAY, "count": 10, "duplicate": true }).to_string());
    let replies = vec![nothing(), known, ok(&replay("completed", 10, 0))];
    let (output, server) = run_against(replies, &[&YES[..], &["--idempotency-key", "night 7"]].concat());
    assert_eq!((code(&output), server.requests()[1].header("idempotency-key")), (0, "night 7"));
    assert!(stderr(&output).contains("is known: nothing was started twice"), "{}", stderr(&output));
}

#[test]
fn a_patch_that_is_none_is_a_usage_error() {
    for (patch, said) in [("[1]", "not a JSON object"), ("@/no/such/file", "cannot be read")] {
        let (output, server) = run_against(vec![], &[&YES[..], &["--patch", patch]].concat());
        assert_eq!((code(&output), server.requests().len()), (2, 0));
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
    }
}

#[test]
fn a_replay_that_the_server_refuses_changed_nothing() {
    let (output, server) = run_against(vec![problem(422, "")], &YES);
    assert_eq!((code(&output), server.requests().len()), (3, 1));
    assert!(stderr(&output).contains("Nothing was changed"), "{}", stderr(&output));
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_watching_and_says_that_the_replay_goes_on() {
    let server = FakeServer::replying(replies(&[replay("running", 3, 0)]));
    let mut watch = monotask(&server, &YES).stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(watch.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("3 of 10 ended")));
    assert!(Command::new("kill").args(["-INT", &watch.id().to_string()]).status().unwrap().success());
    let said: Vec<String> = lines.collect();
    let said = said.join("\n");
    assert!(said.contains("the replay goes on"), "{said}");
    for command in [format!("replays show {REPLAY} --watch"), format!("replays cancel {REPLAY}")] {
        assert!(said.contains(&format!("monotask {command} --url http://{}", server.address)), "{said}");
    }
    assert_eq!(watch.wait().unwrap().code(), Some(130));
}
