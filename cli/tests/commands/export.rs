//! Exports of dead letters: whole, or not at all.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

use crate::fake_server::letters::{letter, letters, task};
use crate::fake_server::{FakeServer, Reply};
use crate::parts::Folder;
use crate::resume::Gate;
use crate::{code, monotask, problem, run, run_against, stderr, stdout};

fn two_pages() -> Vec<Reply> {
    vec![letters(0..200, Some("a")), letters(200..201, None)]
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn an_export_is_a_line_for_each_letter_of_all_pages() {
    let (output, server) = run_against(two_pages(), &["dead", "export", "--fingerprint", "f1-0a"]);
    assert_eq!((code(&output), stderr(&output)), (0, "exported 201 dead letters\n"));
    let lines: Vec<Value> = stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[200]), (201, &letter(&task(200))));
    let requests: Vec<String> = server.requests().into_iter().map(|request| request.line).collect();
    let query = "GET /v1/dead-letters/export?state=open&fingerprint=f1-0a&limit=200";
    assert_eq!(requests, [query.to_owned(), format!("{query}&cursor=a")]);
}

#[test]
fn a_letter_is_one_line_however_the_server_breaks_its_json() {
    let body = serde_json::to_string_pretty(&serde_json::json!({ "dead_letters": [letter(&task(7))] })).unwrap();
    let output = run_against(vec![Reply::ok(body)], &["dead", "export", "--json"]).0;
    assert_eq!(stdout(&output).lines().count(), 1);
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), letter(&task(7)));
}

#[test]
fn a_file_gets_its_name_when_it_is_whole() {
    let folder = Folder::new("export");
    let path = folder.path("dead.ndjson");
    let server = FakeServer::replying(two_pages());
    let output = run(monotask(&server, &["dead", "export", "--output", path.to_str().unwrap()]), "");
    assert_eq!((code(&output), stdout(&output)), (0, ""), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 201);
    assert_eq!(names(path.parent().unwrap()), ["dead.ndjson"]);
}

#[test]
fn an_export_that_fails_leaves_what_was_there() {
    let folder = Folder::new("export-fails");
    let path = folder.path("dead.ndjson");
    fs::write(&path, "yesterday's\n").unwrap();
    let server = FakeServer::replying(vec![letters(0..200, Some("a")), problem(410, "")]);
    let output = run(monotask(&server, &["dead", "export", "--output", path.to_str().unwrap()]), "");
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    assert_eq!(fs::read_to_string(&path).unwrap(), "yesterday's\n");
    assert_eq!(names(path.parent().unwrap()), ["dead.ndjson"]);
}

#[test]
fn a_file_that_cannot_be_written_is_named_before_anything_is_asked_for() {
    let (output, server) = run_against(vec![], &["dead", "export", "--output", "/no/such/folder/dead.ndjson"]);
    assert_eq!((code(&output), server.requests().len()), (2, 0));
    assert!(stderr(&output).contains("/no/such/folder/dead.ndjson cannot be written"), "{}", stderr(&output));
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_no_part_of_a_file() {
    let (gate, folder) = (Gate::default(), Folder::new("export-interrupted"));
    let held = gate.clone();
    let (asked, second_page) = mpsc::channel();
    let server = FakeServer::answering(move |request| {
        if request.line.contains("cursor=a") {
            asked.send(()).unwrap();
            held.pass();
        }
        letters(0..200, Some("a"))
    });
    let path = folder.path("dead.ndjson");
    let mut export = monotask(&server, &["dead", "export", "--output", path.to_str().unwrap()]);
    let child = export.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    second_page.recv_timeout(Duration::from_secs(60)).unwrap();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 130);
    assert!(stderr(&output).contains("nothing was written to"), "{}", stderr(&output));
    assert!(names(path.parent().unwrap()).is_empty());
    gate.open();
}
