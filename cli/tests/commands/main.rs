//! The command line against a server that says what it is told to.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod dead;
mod export;
mod fake_server;
mod jobs;
mod parts;
mod put;
mod replay;
mod replays;
mod resume;
mod schedules;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use fake_server::{FakeServer, Reply};

const JOB: &str = "0199f0c2a0007abc8def0123456789ab";

fn monotask(server: &FakeServer, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_monotask"));
    command.args(args).env("MONOTASK_URL", format!("http://{}", server.address)).env_remove("MONOTASK_KEY");
    command.env("XDG_STATE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command
}

/// Runs it with `input`.
fn run(mut command: Command, input: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that fails may not read all of it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn run_against(replies: Vec<Reply>, args: &[&str]) -> (Output, FakeServer) {
    let server = FakeServer::replying(replies);
    (run(monotask(&server, args), ""), server)
}

/// A job of `tasks` as `GET /v1/jobs/{job}` has it.
fn job(id: &str, state: &str, tasks: usize, succeeded: usize, dead: usize) -> String {
    let running = if state == "completed" { 0 } else { tasks - succeeded - dead };
    let sealed_at = if state == "open" { "null" } else { "\"2027-01-15T08:00:00.000Z\"" };
    let completed_at = if state == "completed" { "\"2027-01-15T08:00:02.000Z\"" } else { "null" };
    format!(
        r#"{{"job":"{id}","name":null,"lane":"default","source":"api","state":"{state}","cancel_requested":false,
        "counts":{{"accepted":{tasks},"queued":0,"running":{running},"retrying":0,"succeeded":{succeeded},"dead":{dead},
        "canceled":0}},"created_at":"2027-01-15T08:00:00.000Z","sealed_at":{sealed_at},
        "completed_at":{completed_at}}}"#
    )
}

/// Three of ten tasks have succeeded.
fn running() -> String {
    job(JOB, "running", 10, 3, 0)
}

/// All ten have ended.
fn completed(dead: usize) -> String {
    job(JOB, "completed", 10, 10 - dead, dead)
}

fn accepted() -> Reply {
    Reply::Answer(202, "", format!(r#"{{"job":"{JOB}","name":null,"lane":"default","accepted":2,"state":"running"}}"#))
}

fn problem(status: u16, more: &str) -> Reply {
    let body = format!(r#"{{"title":"t","status":{status},"detail":"because","request_id":"r1"{more}}}"#);
    Reply::Answer(status, "content-type: application/problem+json\r\n", body)
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

#[test]
fn a_submission_prints_the_id_of_its_job_and_nothing_else() {
    let server = FakeServer::replying(vec![accepted()]);
    let output = run(monotask(&server, &["submit", "-", "--lane", "bulk", "--name", "a b"]), "{}\n{}\n");
    assert_eq!((code(&output), stdout(&output)), (0, format!("{JOB}\n").as_str()), "{}", stderr(&output));
    assert!(stderr(&output).contains("accepted 2 tasks"));
    let request = server.requests().remove(0);
    assert_eq!(
        (request.line.as_str(), request.body.as_slice()),
        ("POST /v1/jobs?name=a+b&lane=bulk", &b"{}\n{}\n"[..])
    );
    assert_eq!(request.header("authorization"), "Bearer dev-key", "the server runs on this machine");
    assert_eq!(request.header("content-type"), "application/x-ndjson");
    assert_eq!(request.header("idempotency-key").len(), 36);
}

#[test]
fn a_refused_submission_lists_its_lines() {
    let errors: Vec<String> =
        (1..=13).map(|line| format!(r#"{{"line":{line},"field":"payload.url","detail":"not a URL"}}"#)).collect();
    let replies = vec![problem(422, &format!(r#","errors":[{}]"#, errors.join(",")))];
    let (output, server) = run_against(replies, &["submit", "-"]);
    assert_eq!((code(&output), stdout(&output)), (3, ""));
    let text = stderr(&output);
    assert!(text.contains("(422)\n  line 1: payload.url: not a URL\n"), "{text}");
    assert!(text.contains("  line 10: ") && !text.contains("line 11") && text.contains("and 3 more\n"), "{text}");
    assert!(text.contains("Nothing was accepted"), "{text}");
    assert_eq!(server.requests().len(), 1, "what is refused is not sent again");
}

#[test]
fn a_submission_whose_answer_is_lost_is_sent_again_under_the_same_key() {
    let busy = Reply::Answer(503, "retry-after: 0\r\n", String::new());
    let server = FakeServer::replying(vec![Reply::Hang, busy, accepted()]);
    let output = run(monotask(&server, &["submit", "-"]), "{}");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let requests = server.requests();
    let keys: Vec<&str> = requests.iter().map(|request| request.header("idempotency-key")).collect();
    assert_eq!((keys.len(), keys[1], keys[2]), (3, keys[0], keys[0]));
}

#[test]
fn a_submission_that_may_have_been_accepted_says_how_to_make_sure() {
    let output = run_against(vec![Reply::Answer(503, "retry-after: 0\r\n", String::new())], &["submit", "-"]).0;
    assert_eq!(code(&output), 4);
    assert!(stderr(&output).contains("monotask submit - --idempotency-key "), "{}", stderr(&output));
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let output = run_against(vec![], &["submit", "no-such-file.ndjson"]).0;
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("no-such-file.ndjson cannot be read"), "{}", stderr(&output));
}

#[test]
fn an_unreachable_server_is_named_with_what_to_do() {
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let output = run(
        {
            let mut command = Command::new(env!("CARGO_BIN_EXE_monotask"));
            command.args(["job", JOB, "--url", &format!("http://{unused}")]).env_remove("MONOTASK_KEY");
            command
        },
        "",
    );
    assert_eq!((code(&output), stdout(&output)), (4, ""));
    let text = stderr(&output);
    assert!(text.contains(&format!("http://{unused} cannot be reached: connection refused")), "{text}");
    assert!(text.contains("make dev") && text.contains("MONOTASK_URL"), "{text}");
}

#[test]
fn a_variable_that_is_set_to_nothing_counts_as_not_set() {
    let server = FakeServer::replying(vec![Reply::ok(running())]);
    let mut command = monotask(&server, &["job", JOB, "--url", &format!("http://{}", server.address)]);
    command.env("MONOTASK_URL", "").env("MONOTASK_KEY", "");
    let output = run(command, "");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(server.requests()[0].header("authorization"), "Bearer dev-key");
}

#[test]
fn a_server_elsewhere_needs_a_key() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_monotask"));
    command.args(["job", JOB, "--url", "https://tasks.invalid"]).env_remove("MONOTASK_KEY");
    let output = run(command, "");
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("MONOTASK_KEY"), "{}", stderr(&output));
}

#[test]
fn a_refused_key_says_where_to_set_it() {
    let output = run_against(vec![problem(401, "")], &["job", JOB]).0;
    assert_eq!(code(&output), 3);
    assert!(stderr(&output).contains("(401): because (request r1)\nSet MONOTASK_KEY"), "{}", stderr(&output));
}

#[test]
fn what_is_no_monotask_server_is_told() {
    let output = run_against(vec![Reply::ok("<html>hello</html>")], &["job", JOB]).0;
    assert_eq!(code(&output), 4);
    assert!(stderr(&output).contains("Is it a MonoTask server"), "{}", stderr(&output));
}

#[test]
fn a_watch_ends_with_1_on_dead_tasks_and_with_0_without() {
    let replies = |dead| vec![Reply::ok(running()), Reply::ok(completed(dead))];
    let output = run_against(replies(2), &["watch", JOB]).0;
    assert_eq!(code(&output), 1);
    assert!(stdout(&output).contains("dead        2\n"), "{}", stdout(&output));
    assert!(stderr(&output).contains(&format!("monotask results {JOB}")), "{}", stderr(&output));
    assert_eq!(code(&run_against(replies(0), &["watch", JOB]).0), 0);
}

#[test]
fn a_watch_of_an_open_job_says_so_and_waits_for_its_seal() {
    let replies = vec![Reply::ok(job(JOB, "open", 10, 10, 0)), Reply::ok(running()), Reply::ok(completed(0))];
    let output = run_against(replies, &["watch", JOB]).0;
    assert_eq!(code(&output), 0);
    let text = stderr(&output);
    assert!(
        text.starts_with("the job is open") && text.contains("10 of 10 ended: open: more tasks may come"),
        "{text}"
    );
}

#[test]
fn a_watch_survives_a_restart_of_the_server() {
    let server = FakeServer::replying(vec![Reply::LastAnswer(running())]);
    let mut watch = monotask(&server, &["watch", JOB]).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(watch.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("does not answer")));
    let _again = FakeServer::at(server.address, vec![Reply::ok(completed(0))]);
    assert_eq!(watch.wait().unwrap().code(), Some(0));
}

#[test]
fn json_is_exactly_one_document() {
    let task = format!(r#"{{"task":"{JOB}-0","ref":null,"kind":"simulate","status":"queued","attempts":0}}"#);
    let task_id = format!("{JOB}-0");
    for (replies, args) in [
        (vec![Reply::ok(completed(0))], &["--json", "job", JOB][..]),
        (vec![Reply::ok(running()), Reply::ok(completed(0))], &["--json", "watch", JOB]),
        (vec![Reply::ok(task)], &["--json", "task", &task_id]),
        (vec![accepted()], &["--json", "submit", "-"]),
        (vec![accepted(), Reply::ok(completed(0))], &["--json", "submit", "-", "--watch"]),
    ] {
        let output = run_against(replies, args).0;
        assert_eq!(code(&output), 0, "{args:?}: {}", stderr(&output));
        let documents: Vec<serde_json::Value> =
            serde_json::Deserializer::from_slice(&output.stdout).into_iter().collect::<Result<_, _>>().unwrap();
        assert_eq!(documents.len(), 1, "{args:?}: {}", stdout(&output));
    }
}

#[test]
fn results_go_on_where_the_connection_broke() {
    let lines = |from: u32, to: u32| (from..to).map(|index| format!("{{\"index\":{index}}}\n")).collect::<String>();
    let broken = format!("{}{{\"ind", lines(0, 4));
    let rest = Reply::Answer(200, "", lines(4, 6) + "{\"end\":true,\"lines\":2}\n");
    let (output, server) = run_against(vec![Reply::BreakOff(broken), rest], &["results", JOB, "--limit", "6"]);
    assert_eq!((code(&output), stdout(&output)), (0, lines(0, 6).as_str()), "{}", stderr(&output));
    assert_eq!(server.requests()[1].line, format!("GET /v1/jobs/{JOB}/results?from=4&limit=2&end=true"));
}

#[test]
fn results_that_end_early_go_on_and_fail_where_they_cannot() {
    let lines = |from: u32, to: u32| (from..to).map(|index| format!("{{\"index\":{index}}}\n")).collect::<String>();
    let said = |text: String| Reply::Answer(200, "", text);
    // `completed` has ten tasks. The connection says that all is well each time.
    let whole = vec![Reply::ok(completed(0)), said(lines(0, 7)), said(lines(7, 10) + "{\"end\":true,\"lines\":3}\n")];
    let (output, server) = run_against(whole, &["results", JOB]);
    assert_eq!((code(&output), stdout(&output)), (0, lines(0, 10).as_str()), "{}", stderr(&output));
    assert_eq!(server.requests()[2].line, format!("GET /v1/jobs/{JOB}/results?from=7&end=true"));

    let short = vec![Reply::ok(completed(0)), said(lines(0, 7)), said(String::new())];
    let output = run_against(short, &["results", JOB]).0;
    assert_eq!((code(&output), stdout(&output)), (4, lines(0, 7).as_str()));
    assert!(stderr(&output).contains("the results are not whole, 7 lines came"), "{}", stderr(&output));

    let fewer = vec![Reply::ok(completed(0)), said(lines(0, 7) + "{\"end\":true,\"lines\":7}\n")];
    let output = run_against(fewer, &["results", JOB]).0;
    assert_eq!(code(&output), 4);
    assert!(stderr(&output).contains("7 lines came, of 10 tasks"), "{}", stderr(&output));
}

#[test]
fn a_reader_that_has_enough_ends_results_cleanly() {
    let lines = Reply::Answer(200, "", "{\"index\":1}\n".repeat(200_000));
    let server = FakeServer::replying(vec![Reply::ok(completed(0)), lines]);
    let mut results =
        monotask(&server, &["results", JOB]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 12];
    results.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = results.wait_with_output().unwrap();
    assert_eq!((code(&output), stderr(&output)), (0, ""));
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_watching_and_says_that_the_job_goes_on() {
    let server = FakeServer::replying(vec![Reply::ok(running())]);
    let mut watch = monotask(&server, &["watch", JOB]).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(watch.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().starts_with("3 of 10 ended"));
    assert!(Command::new("kill").args(["-INT", &watch.id().to_string()]).status().unwrap().success());
    let said = lines.find(|line| line.contains("the job goes on")).unwrap();
    assert!(said.contains(&format!("monotask watch {JOB} --url http://{}", server.address)), "{said}");
    assert_eq!(watch.wait().unwrap().code(), Some(130));
}
