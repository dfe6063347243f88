//! Replays after they were started.

use serde_json::{Value, json};

use crate::fake_server::Reply;
use crate::fake_server::letters::{REPLAY, halted, ok, page, replay, task};
use crate::{code, problem, run_against, stderr, stdout};

#[test]
fn replays_are_listed_with_how_they_went() {
    let replays = vec![replay("running", 4, 1), halted()];
    let output = run_against(vec![page("replays", replays, None)], &["replays", "list"]).0;
    let rest = "0        2027-01-15T08:00:00Z  {\"fingerprint\":\"f1-0a\"}";
    let expected = format!(
        "\
replay                            state    frozen  succeeded  died again  refused  created               filter
{REPLAY}  running      10          4           1  {rest}
{REPLAY}  halted       10          2           3  {rest}
"
    );
    assert_eq!((code(&output), stdout(&output), stderr(&output)), (0, expected.as_str(), ""));
}

#[test]
fn a_replay_is_shown_in_words_and_as_json() {
    let (output, server) = run_against(vec![ok(&halted())], &["replays", "show", REPLAY]);
    assert_eq!((code(&output), stderr(&output)), (0, ""));
    assert!(
        stdout(&output).contains("\nstate       halted: 3 of 5 letters of stage 1 failed\n"),
        "{}",
        stdout(&output)
    );
    assert_eq!(server.requests()[0].line, format!("GET /v1/replays/{REPLAY}"));

    let output = run_against(vec![ok(&halted())], &["replays", "show", REPLAY, "--json"]).0;
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), halted());
}

#[test]
fn a_verdict_lists_its_letters_with_what_went_wrong() {
    let items = || {
        let died = json!({ "task": task(7), "replay_task": task(0), "verdict": "died_again", "fingerprint": "f1-0b" });
        let refused = json!({ "task": task(9), "verdict": "refused", "detail": "payload.url:\n missing" });
        page("items", vec![died, refused], None)
    };
    let show = ["replays", "show", REPLAY, "--verdict"];
    let (output, server) = run_against(vec![items()], &[&show[..], &["died_again", "--limit", "5"]].concat());
    let expected = format!(
        "\
task                                verdict     replayed as                         because
{}  died again  {}  f1-0b
{}  refused     -                                   payload.url:\\n missing
",
        task(7),
        task(0),
        task(9)
    );
    assert_eq!((code(&output), stdout(&output)), (0, expected.as_str()), "{}", stderr(&output));
    assert_eq!(server.requests()[0].line, format!("GET /v1/replays/{REPLAY}/items?verdict=died_again&limit=5"));

    let (output, server) = run_against(vec![items()], &[&show[..], &["any", "--json"]].concat());
    let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    assert_eq!(server.requests()[0].line, format!("GET /v1/replays/{REPLAY}/items?limit=50"));
}

#[test]
fn a_replay_is_watched_until_its_verdict() {
    for (end, exit) in [(replay("completed", 10, 0), 0), (replay("completed", 9, 1), 1), (replay("canceled", 9, 0), 1)]
    {
        let replies = vec![ok(&replay("running", 4, 0)), ok(&end)];
        let output = run_against(replies, &["replays", "show", REPLAY, "--watch", "--json"]).0;
        assert_eq!((code(&output), serde_json::from_slice::<Value>(&output.stdout).unwrap()), (exit, end));
    }
}

#[test]
fn a_watch_that_loses_the_server_says_how_to_look_again() {
    let Reply::Answer(_, _, seen) = ok(&replay("running", 4, 0)) else { unreachable!() };
    let replies = vec![Reply::Answer(200, "", seen), problem(401, "")];
    let output = run_against(replies, &["replays", "show", REPLAY, "--watch"]).0;
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).contains(&format!("monotask replays show {REPLAY} --watch")), "{}", stderr(&output));
}

#[test]
fn a_resumed_replay_is_followed_unless_detached() {
    let running = || Reply::Answer(202, "", replay("running", 5, 0).to_string());
    let replies = vec![running(), running(), ok(&replay("completed", 10, 0))];
    let (output, server) = run_against(replies, &["replays", "resume", REPLAY]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stdout(&output).contains("\nsucceeded   10\n"), "{}", stdout(&output));
    assert_eq!(server.requests()[0].line, format!("POST /v1/replays/{REPLAY}/resume"));

    let (output, server) = run_against(vec![running()], &["replays", "resume", REPLAY, "--detach"]);
    assert_eq!((code(&output), server.requests().len()), (0, 1));
    assert!(stdout(&output).contains("\nstate       running\n"), "{}", stdout(&output));
}

#[test]
fn a_canceled_replay_is_shown_and_one_that_ended_is_refused() {
    let mut canceling = replay("running", 5, 0);
    canceling["cancel_requested"] = true.into();
    let reply = Reply::Answer(202, "", canceling.to_string());
    let (output, server) = run_against(vec![reply], &["replays", "cancel", REPLAY]);
    assert_eq!(code(&output), 0);
    assert!(stdout(&output).contains("state       running, to be canceled\n"), "{}", stdout(&output));
    assert_eq!(server.requests()[0].line, format!("POST /v1/replays/{REPLAY}/cancel"));

    let output = run_against(vec![problem(409, "")], &["replays", "cancel", REPLAY]).0;
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).contains("(409): because (request r1)\nNothing was changed"), "{}", stderr(&output));
}

#[test]
fn what_is_no_replay_is_a_usage_error() {
    for args in [
        &["replays", "show", "latest"][..],
        &["replays", "show", REPLAY, "--verdict", "bad"],
        &["replays", "show", REPLAY, "--limit", "5"],
        &["replays", "show", REPLAY, "--watch", "--verdict", "refused"],
        &["replays"],
    ] {
        let (output, server) = run_against(vec![], args);
        assert_eq!((code(&output), server.requests().len()), (2, 0), "{args:?}");
    }
}
