//! The generator `http`: answers that are none.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use domain::limits::BODY_BYTES;
use serde_json::json;
use tests::sink::{Reply, Sink};

use super::http::asking;
use super::{Day, client};

#[test]
fn an_answer_that_is_no_list_of_tasks_fails_and_says_why() {
    let (client, day, sink) = (client(), Day::begin(), Sink::start());
    let schedules = client.schedules();
    let elsewhere = || Reply::status(302).header("location", sink.url("/elsewhere"));
    for (name, reply, timeout, asked, why) in [
        ("broken", Reply::status(500), 30, 4, "the generator failed: answered 500"),
        ("missing", Reply::status(404), 30, 1, "the generator failed: answered 404"),
        ("moved-away", elsewhere(), 30, 1, "the generator failed: answered 302"),
        ("silent", Reply::never(), 1, 4, "the generator failed: the answer was not complete within 1 s"),
        ("page", Reply::status(200).body("{}\n<html>\n"), 30, 1, "the generator's tasks are not accepted: line 2: "),
        (
            "kind",
            Reply::status(200).body("{}\n\n{\"kind\":\"x\"}\n"),
            30,
            1,
            "the generator's tasks are not accepted: line 3: kind: ",
        ),
        ("list", Reply::status(200).body("[]"), 30, 1, "the generator's tasks are not accepted: line 1: "),
    ] {
        sink.answer(&format!("/{name}"), [reply]);
        schedules.put(name, &asking(&day, &sink.url(&format!("/{name}")), &json!({ "timeout_seconds": timeout })));
        schedules.tick(day.at("12:00"));
        let runs = schedules.runs(name);
        assert_eq!((runs.len(), runs[0].job), (1, None), "{name}: {runs:?}");
        assert!(runs[0].text().starts_with(&format!("failed: {why}")), "{name}: {}", runs[0].text());
        assert_eq!(sink.received(&format!("/{name}")).len(), asked, "{name}");
        let shown = schedules.get(name);
        assert_eq!((&shown["failures"], &shown["pending"], &shown["last_job"]), (&json!(1), &json!(0), &json!(null)));
        schedules.delete(name);
    }
    assert!(sink.received("/elsewhere").is_empty(), "a redirect is not followed");
}

#[test]
fn a_url_that_nobody_serves_fails_and_says_so() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    schedules.put("nobody-there", &asking(&day, &format!("http://127.0.0.1:{port}/"), &json!({})));
    schedules.tick(day.at("12:00"));
    let text = schedules.runs("nobody-there")[0].text();
    assert!(text.starts_with("failed: the generator failed: no answer: "), "{text}");
    schedules.delete("nobody-there");
}

/// Answers the first request with tasks without end; tells how many bytes the other side took.
fn endless() -> (SocketAddr, Receiver<usize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        assert_ne!(stream.read(&mut [0; 4_096]).unwrap(), 0);
        stream.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").unwrap();
        let (lines, mut taken) = (b"{\"kind\":\"simulate\"}\n".repeat(1_000), 0);
        while taken < 20 * BODY_BYTES && stream.write_all(&lines).is_ok() {
            taken += lines.len();
        }
        tell.send(taken).unwrap();
    });
    (address, told)
}

#[test]
fn an_answer_without_end_is_read_no_further_than_a_submission_may_be_long() {
    let (client, day) = (client(), Day::begin());
    let schedules = client.schedules();
    let (address, told) = endless();
    schedules.put("endless", &asking(&day, &format!("http://{address}/"), &json!({})));
    schedules.tick(day.at("12:00"));
    let larger = format!("failed: the generator failed: the answer is larger than {BODY_BYTES} bytes");
    assert_eq!(schedules.outcomes("endless"), [larger]);
    let taken = told.recv_timeout(Duration::from_secs(60)).expect("the connection is closed");
    assert!((BODY_BYTES..3 * BODY_BYTES).contains(&taken), "{taken} bytes were taken");
    schedules.delete("endless");
}
