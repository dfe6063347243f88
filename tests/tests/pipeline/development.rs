//! What `make dev` does not let a web page on the same machine do, and does not show.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use domain::time::Timestamp;
use serde_json::json;
use tests::patience::eventually;
use tests::pipeline::{Pipeline, Setup};
use tests::schedules::schedule;

use crate::SOON;

const DAY: Duration = Duration::from_secs(86_400);

#[test]
fn a_tick_of_the_future_fires_nothing_and_expires_nothing() {
    let pipeline = Setup::new().env("TICK_TIME", "").start();
    let client = pipeline.client();
    let job = client.submit([&json!({ "kind": "simulate", "payload": { "fail": "permanent" } })]);
    let letters =
        || client.get(&format!("/v1/dead-letters?job={job}")).json()["dead_letters"].as_array().unwrap().len();
    eventually("the letter is listed", SOON, || (letters() == 1).then_some(()));
    let schedules = client.schedules();
    // Once a year, and not today.
    let month = (Timestamp::from_millis(now_millis() + 60 * 86_400_000).to_string()[5..7]).to_owned();
    schedules.put("yearly", &schedule(&format!("0 0 1 {month} *"), &json!({})));

    for days in [1, 40, 400] {
        schedules.tick(Timestamp::from_millis(now_millis()).after(DAY * days));
    }
    assert_eq!(schedules.runs("yearly").len(), 0, "its time has not come");
    assert_eq!(letters(), 1, "it is kept for thirty days");
}

/// What `make dev` answers to a request with these header lines.
fn status(pipeline: &Pipeline, path: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", pipeline.port())).unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\n{headers}authorization: Bearer dev-key\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap_or_default().split(' ').nth(1).unwrap_or_default().to_owned()
}

#[test]
fn a_name_or_a_page_of_another_machine_is_refused() {
    let pipeline = Pipeline::shared();
    let port = pipeline.port();
    for path in ["/v1/health", "/v1/jobs"] {
        for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}")] {
            assert_eq!(status(pipeline, path, &format!("host: {host}\r\n")), "200", "{path} {host}");
        }
        assert_eq!(status(pipeline, path, &format!("host: rebound.example:{port}\r\n")), "403", "{path}");
        let page = format!("host: 127.0.0.1:{port}\r\norigin: https://page.example\r\n");
        assert_eq!(status(pipeline, path, &page), "403", "{path}");
    }
}

#[test]
fn no_answer_is_kept_or_guessed_at() {
    let client = Pipeline::shared().client();
    for path in ["/v1/health", "/v1/jobs", "/v1/jobs/no-job", "/v1/dead-letters", "/nowhere"] {
        let answer = client.get(path);
        for (name, value) in [("x-content-type-options", "nosniff"), ("cache-control", "no-store")] {
            assert_eq!(answer.header(name), value, "{path}");
        }
    }
}

#[test]
fn files_with_secrets_are_read_by_their_owner_only() {
    let folder = Pipeline::shared().state_folder().join("config");
    let metadata = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap());
    let modes: Vec<u32> =
        metadata.filter(|entry| entry.is_file()).map(|file| file.permissions().mode() & 0o777).collect();
    assert!(!modes.is_empty() && modes.iter().all(|mode| *mode == 0o600), "{modes:?}");
}

fn now_millis() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    since.as_millis() as u64
}
