//! Schedules that are there, and when a cron expression fires.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::{Value, json};

use crate::fake_server::letters::{ok, page};
use crate::fake_server::schedules::{fired, listed, paused, schedule, tagged};
use crate::fake_server::{FakeServer, Reply};
use crate::{JOB, code, completed, monotask, problem, run, run_against, running, stderr, stdout};

fn lines(server: &FakeServer) -> Vec<String> {
    server.requests().into_iter().map(|request| request.line).collect()
}

fn json_of(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A program that knows of no server and has no key.
fn alone(args: &[&str]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_monotask"));
    command.args(args).env("MONOTASK_URL", "https://tasks.invalid").env_remove("MONOTASK_KEY");
    run(command, "")
}

#[test]
fn schedules_are_a_table_with_when_they_fire_next_and_why_not() {
    let mut config = listed(schedule(), "report");
    (config["source"], config["generator"], config["timezone"]) = ("config".into(), "http".into(), "UTC".into());
    config["next"] = json!(["2020-01-01T00:30:00.000Z"]);
    let schedules =
        vec![config, listed(paused("hand"), "by-hand"), listed(paused("failures"), "failed"), listed(schedule(), "a")];
    let (output, server) = run_against(vec![page("schedules", schedules, None)], &["schedules", "list"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    let expected = "\
name     cron        timezone       generator  next                       in";
    assert!(text.starts_with(expected), "{text}");
    let rows: Vec<Vec<&str>> =
        text.lines().map(|line| line.split("  ").map(str::trim).filter(|value| !value.is_empty()).collect()).collect();
    assert_eq!(rows[1], ["report", "30 2 * * *", "UTC", "http", "2020-01-01T00:30:00Z", "now", "active, config"]);
    assert_eq!(rows[2], ["by-hand", "30 2 * * *", "Europe/Berlin", "tasks", "-", "-", "paused by hand"]);
    assert_eq!(rows[3], ["failed", "30 2 * * *", "Europe/Berlin", "tasks", "-", "-", "paused after 3 failures"]);
    assert_eq!((rows[4][0], rows[4][4], rows[4][6]), ("a", "2027-03-27T02:30:00+01:00", "active"));
    assert!(stderr(&output).contains("one of them whole: monotask schedules show report --url http://"));
    assert_eq!(lines(&server), ["GET /v1/schedules?limit=50"]);
}

#[test]
fn schedules_are_read_page_by_page_until_there_are_enough() {
    let names = |from: usize, to: usize| (from..to).map(|at| listed(schedule(), &format!("s{at}"))).collect();
    let replies = || vec![page("schedules", names(0, 200), Some("a b")), page("schedules", names(200, 250), Some("c"))];
    let (output, server) = run_against(replies(), &["schedules", "list", "--limit", "250"]);
    assert_eq!((code(&output), stdout(&output).lines().count()), (0, 251), "{}", stderr(&output));
    assert!(stderr(&output).contains("more schedules"), "{}", stderr(&output));
    assert_eq!(lines(&server), ["GET /v1/schedules?limit=200", "GET /v1/schedules?limit=50&cursor=a+b"]);

    let output = run_against(replies(), &["schedules", "list", "--limit", "250", "--json"]).0;
    assert_eq!((json_of(&output)["schedules"][249]["name"].as_str(), stderr(&output)), (Some("s249"), ""));

    let none = run_against(vec![page("schedules", vec![], None)], &["schedules", "list"]).0;
    assert_eq!((code(&none), stdout(&none)), (0, ""));
    assert!(stderr(&none).contains("`monotask schedules put` makes one"), "{}", stderr(&none));
}

#[test]
fn a_schedule_is_shown_in_words_with_its_etag_and_as_json_without() {
    let (output, server) = run_against(vec![tagged(200, &schedule())], &["schedules", "show", "nightly"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.contains("\netag       e1-7\nnext       2027-03-27T02:30:00+01:00  2027-03-27T01:30:00Z\n"), "{text}");
    assert!(text.contains("\ngenerator  tasks\n  {\n    \"tasks\": [\n"), "{text}");
    assert!(stderr(&output).contains("monotask schedules runs nightly --url http://"), "{}", stderr(&output));
    assert_eq!(lines(&server), ["GET /v1/schedules/nightly"]);

    let output = run_against(vec![tagged(200, &schedule())], &["schedules", "show", "nightly", "--json"]).0;
    assert_eq!((stdout(&output), stderr(&output)), (format!("{}\n", schedule()).as_str(), ""));
}

#[test]
fn what_a_server_says_of_a_schedule_never_reaches_the_terminal_as_a_command() {
    let mut evil = schedule();
    for field in ["cron", "timezone", "generator", "lane", "overlap", "last_job", "input"] {
        evil[field] = "\u{1b}[2J".into();
    }
    let mut skipped = fired(0);
    (skipped["outcome"], skipped["job"], skipped["reason"]) = (evil["cron"].clone(), Value::Null, evil["cron"].clone());
    let mut made = fired(0);
    made["job"] = evil["cron"].clone();
    for (reply, args) in [
        (ok(&evil), &["schedules", "show", "nightly"][..]),
        (page("schedules", vec![listed(evil.clone(), "\u{1b}[2J")], None), &["schedules", "list"]),
        (page("runs", vec![skipped, made], None), &["schedules", "runs", "nightly"]),
    ] {
        let output = run_against(vec![reply], args).0;
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        assert!(stdout(&output).contains("u{1b}[2J"), "{}", stdout(&output));
        assert!(!stdout(&output).contains('\u{1b}') && !stderr(&output).contains('\u{1b}'), "{args:?}");
    }
}

#[test]
fn a_schedule_is_deleted_only_by_who_is_asked_or_says_yes() {
    let gone = || Reply::Answer(204, "", String::new());
    let (output, server) = run_against(vec![gone()], &["schedules", "delete", "nightly"]);
    assert_eq!((code(&output), stdout(&output), server.requests().len()), (2, "", 0));
    assert!(stderr(&output).contains("Add --yes"), "{}", stderr(&output));

    let (output, server) = run_against(vec![gone()], &["schedules", "delete", "nightly", "--yes"]);
    assert_eq!((code(&output), stdout(&output)), (0, "deleted nightly\n"), "{}", stderr(&output));
    assert!(stderr(&output).contains("runs are kept: monotask schedules runs nightly"), "{}", stderr(&output));
    assert_eq!(lines(&server), ["DELETE /v1/schedules/nightly"]);
    assert_eq!(server.requests()[0].header("if-match"), "");
    assert_eq!(server.requests()[0].header("authorization"), "Bearer dev-key");

    let args = ["schedules", "delete", "nightly", "--yes", "--if-match", "e1-7", "--json"];
    let (output, server) = run_against(vec![gone()], &args);
    assert_eq!((code(&output), json_of(&output)), (0, json!({ "deleted": "nightly" })));
    assert_eq!(server.requests()[0].header("if-match"), "\"e1-7\"");
}

#[test]
fn a_schedule_that_was_not_deleted_says_why() {
    for (status, said) in
        [(404, "monotask schedules list"), (409, "config/schedules.toml"), (412, "It was changed meanwhile")]
    {
        let output = run_against(vec![problem(status, "")], &["schedules", "delete", "nightly", "--yes"]).0;
        assert_eq!((code(&output), stdout(&output)), (3, ""));
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
    }
    let (output, server) = run_against(vec![Reply::Hang], &["schedules", "delete", "nightly", "--yes"]);
    assert_eq!((code(&output), server.requests().len()), (4, 1));
    assert!(stderr(&output).contains("not known whether it was deleted: `monotask schedules show nightly --url"));
}

#[test]
fn a_job_that_is_made_now_is_printed_or_watched() {
    let made = || Reply::Answer(202, "", json!({ "job": JOB }).to_string());
    let (output, server) = run_against(vec![made()], &["schedules", "run", "nightly"]);
    assert_eq!((code(&output), stdout(&output)), (0, format!("{JOB}\n").as_str()));
    assert!(stderr(&output).contains(&format!("to watch it: monotask watch {JOB} --url http://")));
    assert_eq!(lines(&server), ["POST /v1/schedules/nightly/run"]);
    assert_eq!(server.requests()[0].body, b"");

    let output = run_against(vec![made()], &["schedules", "run", "nightly", "--json"]).0;
    assert_eq!(json_of(&output), json!({ "job": JOB }));

    for (dead, exit) in [(0, 0), (2, 1)] {
        let replies = vec![made(), Reply::ok(running()), Reply::ok(completed(dead))];
        let (output, server) = run_against(replies, &["schedules", "run", "nightly", "--watch"]);
        assert_eq!(code(&output), exit, "{}", stderr(&output));
        assert!(stdout(&output).contains(&format!("\ndead        {dead}\n")), "{}", stdout(&output));
        assert!(stderr(&output).contains("3 of 10 ended"), "{}", stderr(&output));
        assert_eq!(lines(&server)[1], format!("GET /v1/jobs/{JOB}"));
    }
    let replies = vec![made(), Reply::ok(completed(0))];
    let output = run_against(replies, &["schedules", "run", "nightly", "--watch", "--json"]).0;
    assert_eq!(json_of(&output)["state"], "completed");
}

#[test]
fn a_job_is_never_made_twice() {
    for lost in [Reply::Hang, Reply::Answer(503, "retry-after: 0\r\n", String::new())] {
        let (output, server) = run_against(vec![lost], &["schedules", "run", "nightly"]);
        let keys: BTreeSet<String> =
            server.requests().iter().map(|request| request.header("idempotency-key").to_owned()).collect();
        assert_eq!((code(&output), stdout(&output), server.requests().len(), keys.len()), (4, "", 4, 1));
        assert!(!keys.contains(""), "all of them name one job");
        assert!(stderr(&output).contains("not known whether a job was made: `monotask jobs --limit 5 --url"));
    }
    let output = run_against(vec![problem(422, "")], &["schedules", "run", "nightly"]).0;
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).contains("(422): because (request r1)\nNo job was made"), "{}", stderr(&output));
}

#[test]
fn a_schedule_is_paused_and_resumed_and_what_is_lost_is_repeated() {
    let (output, server) = run_against(vec![Reply::Hang, ok(&paused("hand"))], &["schedules", "pause", "nightly"]);
    assert_eq!((code(&output), stdout(&output)), (0, "paused nightly\n"), "{}", stderr(&output));
    assert!(stderr(&output).contains("monotask schedules resume nightly --url http://"), "{}", stderr(&output));
    assert_eq!(lines(&server), ["POST /v1/schedules/nightly/pause"; 2]);

    let (output, server) = run_against(vec![Reply::Hang, ok(&schedule())], &["schedules", "resume", "nightly"]);
    let first = "resumed nightly\nnext  2027-03-27T02:30:00+01:00  2027-03-27T01:30:00Z\n";
    assert!(code(&output) == 0 && stdout(&output).starts_with(first), "{}", stdout(&output));
    assert_eq!(lines(&server), ["POST /v1/schedules/nightly/resume"; 2]);

    for (command, answer) in [("pause", paused("hand")), ("resume", schedule())] {
        let output = run_against(vec![ok(&answer)], &["schedules", command, "nightly", "--json"]).0;
        assert_eq!((code(&output), json_of(&output)), (0, answer));
        let output = run_against(vec![problem(404, "")], &["schedules", command, "nightly"]).0;
        assert!(code(&output) == 3 && stderr(&output).contains("monotask schedules list"), "{}", stderr(&output));
    }
}

#[test]
fn runs_say_how_late_they_were_and_what_became_of_them() {
    let skipped = json!({ "planned_at": "2027-01-15T07:00:00.000Z", "fired_at": "2027-01-15T09:05:00.000Z",
        "lateness_ms": 7_500_000, "outcome": "skipped", "reason": "its last job still runs" });
    let runs = || page("runs", vec![skipped.clone(), fired(0)], None);
    let (output, server) = run_against(vec![runs()], &["schedules", "runs", "nightly"]);
    let expected = format!(
        "\
planned               fired                      late  outcome  job or reason
2027-01-15T07:00:00Z  2027-01-15T09:05:00Z  2 h 5 min  skipped  its last job still runs
2027-01-15T08:00:00Z  2027-01-15T09:00:03Z      3.2 s  fired    {JOB}
"
    );
    assert_eq!((code(&output), stdout(&output)), (0, expected.as_str()), "{}", stderr(&output));
    assert!(stderr(&output).contains(&format!("the newest job: monotask job {JOB} --url http://")));
    assert_eq!(lines(&server), ["GET /v1/schedules/nightly/runs?limit=50"]);

    let server = FakeServer::replying(vec![runs()]);
    let mut command = monotask(&server, &["schedules", "runs", "nightly"]);
    command.env("COLUMNS", "80");
    let output = run(command, "");
    assert!(stdout(&output).contains(&format!("2027-01-15T08:00:00Z      3.2 s  fired    {JOB}\n")), "whole at 80");
}

#[test]
fn runs_are_read_page_by_page_until_there_are_enough() {
    let runs = |from: usize, to: usize| (from..to).map(fired).collect();
    let replies = || vec![page("runs", runs(0, 200), Some("c/1")), page("runs", runs(200, 210), Some("d"))];
    let (output, server) = run_against(replies(), &["schedules", "runs", "nightly", "--limit", "210"]);
    assert_eq!((code(&output), stdout(&output).lines().count()), (0, 211), "{}", stderr(&output));
    assert!(stderr(&output).contains("more runs"), "{}", stderr(&output));
    let path = "GET /v1/schedules/nightly/runs";
    assert_eq!(lines(&server), [format!("{path}?limit=200"), format!("{path}?limit=10&cursor=c%2F1")]);

    let output = run_against(replies(), &["schedules", "runs", "nightly", "--limit", "210", "--json"]).0;
    assert_eq!((json_of(&output)["runs"][209]["job"].as_str(), stderr(&output)), (Some(JOB), ""));

    let output = run_against(vec![page("runs", vec![], None)], &["schedules", "runs", "nightly"]).0;
    assert_eq!((code(&output), stdout(&output)), (0, ""));
    assert!(stderr(&output).contains("not fired yet"), "{}", stderr(&output));
    let output = run_against(vec![problem(404, "")], &["schedules", "runs", "nightly"]).0;
    assert!(code(&output) == 3 && stderr(&output).contains("monotask schedules list"), "{}", stderr(&output));
}

#[test]
fn past_fire_times_make_their_jobs_and_it_says_how_many_and_where() {
    let begun = |firings: u64| Reply::Answer(202, "", json!({ "firings": firings }).to_string());
    let backfill = |from: &str, to: &str, firings| {
        let args = ["schedules", "backfill", "nightly", "--from", from, "--to", to];
        let (output, server) = run_against(vec![begun(firings)], &args);
        let request = server.requests().remove(0);
        (output, request.line, serde_json::from_slice::<Value>(&request.body).unwrap())
    };
    let (output, line, body) = backfill("2027-01-15T00:00:00Z", "2027-01-15T12:00:00+01:00", 1_000);
    let times = "from 2027-01-15T00:00:00.000Z to 2027-01-15T11:00:00.000Z";
    let expected = format!("1,000 jobs will be made, of fire times {times}, in the next minutes\n");
    assert_eq!((code(&output), stdout(&output)), (0, expected.as_str()));
    assert!(stderr(&output).contains("to see them: monotask schedules runs nightly --url http://"));
    assert_eq!(line, "POST /v1/schedules/nightly/backfill");
    assert_eq!(body, json!({ "from": "2027-01-15T00:00:00.000Z", "to": "2027-01-15T11:00:00.000Z" }));

    let (output, _, body) = backfill("12h", "2h", 0);
    assert_eq!((code(&output), stderr(&output)), (0, ""));
    assert!(stdout(&output).contains("there is nothing to make"), "{}", stdout(&output));
    let time = |name: &str| domain::time::Timestamp::parse_rfc3339(body[name].as_str().unwrap()).unwrap();
    assert_eq!(time("to").since(time("from")).as_secs(), 10 * 3_600);

    let args = ["schedules", "backfill", "nightly", "--from", "2h", "--to", "1h", "--json"];
    assert_eq!(json_of(&run_against(vec![begun(1)], &args).0), json!({ "firings": 1 }));
}

#[test]
fn a_backfill_that_was_refused_or_lost_says_what_to_do() {
    let args = ["schedules", "backfill", "nightly", "--from", "7d", "--to", "1h"];
    let output = run_against(vec![problem(422, "")], &args).0;
    assert_eq!((code(&output), stdout(&output)), (3, ""));
    assert!(stderr(&output).contains("(422): because (request r1)\nNo job will be made"), "{}", stderr(&output));
    let (output, server) = run_against(vec![Reply::Hang], &args);
    assert_eq!((code(&output), server.requests().len()), (4, 1));
    assert!(stderr(&output).contains("the same command again makes none twice"), "{}", stderr(&output));
}

#[test]
fn a_name_that_no_schedule_has_is_refused_with_the_rule_before_it_is_sent() {
    for command in [
        &["show", "a/b"][..],
        &["put", "..", "--file", "-"],
        &["delete", "a b", "--yes"],
        &["run", ".hidden"],
        &["pause", "ä"],
        &["resume", "a?b"],
        &["runs", ""],
        &["backfill", "a%2fb", "--from", "2h", "--to", "1h"],
    ] {
        let (output, server) = run_against(vec![], &[&["schedules"], command].concat());
        assert_eq!((code(&output), server.requests().len()), (2, 0), "{command:?}");
        assert!(stderr(&output).contains("1 to 100 letters (A-Z, a-z), digits, `.`, `_` and `-`"), "{command:?}");
    }
}

#[test]
fn when_an_expression_fires_next_needs_no_server_and_no_key() {
    let next = ["schedules", "next", "30 2 * * *", "--timezone", "Europe/Berlin", "--from", "2027-03-26T12:00:00Z"];
    let output = alone(&[&next[..], &["--count", "3"]].concat());
    let expected = "\
local                      UTC
2027-03-27T02:30:00+01:00  2027-03-27T01:30:00Z
2027-03-28T03:00:00+02:00  2027-03-28T01:00:00Z
2027-03-29T02:30:00+02:00  2027-03-29T00:30:00Z
";
    assert_eq!((code(&output), stdout(&output), stderr(&output)), (0, expected, ""));
    assert_eq!(stdout(&alone(&["schedules", "next", "@hourly"])).lines().count(), 6, "five unless told");

    let output = alone(&[&next[..], &["--count", "1", "--json"]].concat());
    let expected = json!({
        "cron": "30 2 * * *", "timezone": "Europe/Berlin",
        "next": [{ "utc": "2027-03-27T01:30:00.000Z", "local": "2027-03-27T02:30:00+01:00" }],
    });
    assert_eq!((code(&output), json_of(&output)), (0, expected));
}

#[test]
fn an_expression_that_is_none_says_each_thing_that_is_wrong() {
    let output = alone(&["schedules", "next", "60 * * * *", "--timezone", "europe/berlin"]);
    assert_eq!((code(&output), stdout(&output)), (2, ""));
    let text = stderr(&output);
    assert!(text.contains("\n  cron: minute: \"60\" is not understood"), "{text}");
    assert!(text.contains("\n  timezone: ") && text.contains("did you mean Europe/Berlin?"), "{text}");
    assert!(text.contains("monotask schedules next --help"), "{text}");
    let never = alone(&["schedules", "next", "0 0 30 2 *"]);
    assert_eq!((code(&never), stdout(&never)), (2, ""));
    assert!(stderr(&never).contains("never fires"), "{}", stderr(&never));
}
