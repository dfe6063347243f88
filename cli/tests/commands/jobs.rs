//! What is asked of all jobs: their list, and their audits.

use crate::fake_server::{FakeServer, Reply};
use crate::{JOB, code, job, run_against, stderr, stdout};

fn id(at: usize) -> String {
    format!("0199f0c2a0007abc8def01234567{at:04x}")
}

fn page(jobs: impl Iterator<Item = usize>, cursor: Option<&str>) -> Reply {
    let jobs: Vec<String> = jobs.map(|at| job(&id(at), "completed", 10, 10, 0)).collect();
    let cursor = cursor.map(|cursor| format!(r#","cursor":"{cursor}""#)).unwrap_or_default();
    Reply::ok(format!(r#"{{"jobs":[{}]{cursor}}}"#, jobs.join(",")))
}

fn lines(server: &FakeServer) -> Vec<String> {
    server.requests().into_iter().map(|request| request.line).collect()
}

fn audit(clean: bool) -> Reply {
    let counts = r#"{"accepted":10,"queued":0,"running":0,"retrying":0,"succeeded":10,"dead":0,"canceled":0}"#;
    let differences = if clean { "" } else { r#""2 tasks are nowhere""# };
    Reply::ok(format!(r#"{{"clean":{clean},"counted":{counts},"counters":{counts},"differences":[{differences}]}}"#))
}

fn gone() -> Reply {
    Reply::Answer(404, "", r#"{"detail":"there is no such job"}"#.to_owned())
}

#[test]
fn jobs_are_read_page_by_page_until_there_are_enough() {
    let replies = || vec![page(0..200, Some("a b")), page(200..250, Some("c"))];
    let (output, server) = run_against(replies(), &["jobs", "--state", "completed", "--limit", "250"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(stdout(&output).lines().count(), 251);
    assert!(stdout(&output).lines().nth(250).unwrap().starts_with(&id(249)));
    assert!(stderr(&output).contains("more jobs"), "{}", stderr(&output));
    let expected = ["GET /v1/jobs?state=completed&limit=200", "GET /v1/jobs?state=completed&limit=50&cursor=a+b"];
    assert_eq!(lines(&server), expected);
}

#[test]
fn the_list_ends_where_the_jobs_end() {
    let (output, server) = run_against(vec![page(0..2, None)], &["jobs", "--source", "cron", "--json"]);
    assert_eq!((code(&output), stderr(&output)), (0, ""));
    let listed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((listed["jobs"].as_array().unwrap().len(), &listed["jobs"][1]["job"]), (2, &id(1).into()));
    assert_eq!(lines(&server), ["GET /v1/jobs?source=cron&limit=50"]);

    let none = run_against(vec![page(0..0, None)], &["jobs"]).0;
    assert_eq!((code(&none), stdout(&none), stderr(&none)), (0, "", "there are no such jobs\n"));
}

#[test]
fn a_list_that_goes_in_circles_is_told() {
    let output = run_against(vec![page(0..0, Some("a"))], &["jobs"]).0;
    assert_eq!(code(&output), 4);
    assert!(stderr(&output).contains("same page"), "{}", stderr(&output));
}

#[test]
fn an_audit_of_all_jobs_follows_the_pages_and_skips_what_vanished() {
    let replies = vec![page(0..2, Some("a")), page(2..3, None), audit(true), gone(), audit(true)];
    let (output, server) = run_against(replies, &["audit", "--all"]);
    assert_eq!((code(&output), stdout(&output)), (0, "2 jobs, all clean; 1 vanished meanwhile\n"));
    assert_eq!(lines(&server)[4], format!("GET /v1/jobs/{}/audit", id(2)));
}

#[test]
fn a_job_that_differs_is_named_and_exit_code_1() {
    let replies = || vec![page(0..2, None), audit(true), audit(false)];
    let output = run_against(replies(), &["audit", "--all"]).0;
    let expected = format!("{}  2 tasks are nowhere\n2 jobs, 1 with differences\n", id(1));
    assert_eq!((code(&output), stdout(&output)), (1, expected.as_str()), "{}", stderr(&output));

    let output = run_against(replies(), &["audit", "--all", "--json"]).0;
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((code(&output), &found["audited"]), (1, &2.into()));
    assert_eq!(found["differing"][0]["audit"]["differences"][0], "2 tasks are nowhere");
}

#[test]
fn a_job_that_cannot_be_audited_is_named_and_the_others_are_audited() {
    let replies = || {
        let busy = Reply::Answer(503, "retry-after: 60\r\n", r#"{"detail":"its ledger is busy"}"#.to_owned());
        vec![page(0..4, None), audit(true), busy, audit(false), audit(true)]
    };
    let (output, server) = run_against(replies(), &["audit", "--all"]);
    let error = "the server cannot serve this now (503): its ledger is busy";
    let expected = format!(
        "{}  unreadable: {error}\n{}  2 tasks are nowhere\n3 jobs, 1 with differences; 1 unreadable\n",
        id(1),
        id(2)
    );
    assert_eq!((code(&output), stdout(&output)), (4, expected.as_str()), "{}", stderr(&output));
    assert_eq!(lines(&server)[4], format!("GET /v1/jobs/{}/audit", id(3)));

    let output = run_against(replies(), &["audit", "--all", "--json"]).0;
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((code(&output), &found["audited"], &found["differing"][0]["job"]), (4, &3.into(), &id(2).into()));
    assert_eq!(found["unreadable"], serde_json::json!([{ "job": id(1), "error": error }]));
}

#[test]
fn an_audit_that_cannot_go_on_is_no_finding() {
    let Reply::Answer(_, _, listed) = page(0..2, None) else { unreachable!() };
    for replies in [
        vec![Reply::Answer(500, "", String::new())],
        // Then the server is gone.
        vec![Reply::LastAnswer(listed)],
    ] {
        let output = run_against(replies, &["audit", "--all"]).0;
        assert_eq!((code(&output), stdout(&output)), (4, ""), "{}", stderr(&output));
    }
    assert_eq!(code(&run_against(vec![gone()], &["audit", JOB]).0), 3, "a job that was asked for may not vanish");
}
