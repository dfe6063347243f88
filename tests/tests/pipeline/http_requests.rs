//! `http.request`: what is sent, and what answers mean.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use domain::lane::Lane;
use serde_json::{Value, json};
use tests::pipeline::Pipeline;
use tests::sink::{Reply, Sink};

use crate::SOON;

fn task(payload: &Value) -> Value {
    json!({ "kind": "http.request", "payload": payload, "max_attempts": 1 })
}

#[test]
fn a_request_is_sent_as_the_task_says() {
    let (client, sink) = (Pipeline::shared().client(), Sink::start());
    let tasks = [
        json!({ "url": sink.url("/json"), "body": { "a": [1, "ü"] }, "headers": { "x-order": "7" } }),
        json!({ "url": sink.url("/text"), "method": "PUT", "body": "plain \u{1f600} text" }),
        json!({ "url": sink.url("/get"), "method": "GET" }),
        json!({ "url": sink.url("/own"), "body": {}, "headers": { "Content-Type": "application/vnd.api+json" } }),
    ];
    let job = client.submit(&tasks.map(|payload| task(&payload)));
    assert_eq!(client.wait_until_ended(job, SOON).counts.succeeded, 4);
    let one = |path| sink.received(path).pop().unwrap();

    let request = one("/json");
    assert_eq!((&*request.method, &*request.body), ("POST", r#"{"a":[1,"ü"]}"#));
    assert_eq!((request.header("content-type"), request.header("x-order")), ("application/json", "7"));
    assert_eq!(request.header("webhook-id"), format!("{job}-0"));
    assert!(request.header("user-agent").starts_with("monotask/"));

    let request = one("/text");
    assert_eq!((&*request.method, &*request.body), ("PUT", "plain \u{1f600} text"));
    assert_ne!(request.header("content-type"), "application/json");
    assert_eq!((one("/get").method, one("/get").body), ("GET".to_owned(), String::new()));
    assert_eq!(one("/own").header("content-type"), "application/vnd.api+json");
}

#[test]
fn the_start_of_an_answer_is_the_output() {
    let (client, sink) = (Pipeline::shared().client(), Sink::start());
    sink.answer("/long", [Reply::status(201).body("x".repeat(100_000))]);
    let job = client.submit([&task(&json!({ "url": sink.url("/long") }))]);
    client.wait_until_ended(job, SOON);
    assert_eq!(client.task(job, 0)["output"], json!({ "status": 201, "body": "x".repeat(4_096) }));
}

#[test]
fn what_an_answer_means_depends_on_its_status() {
    let (client, sink) = (Pipeline::shared().client(), Sink::start());
    let elsewhere = || Reply::status(302).header("location", sink.url("/elsewhere"));
    let classes = ["http.302", "http.400", "http.404", "http.408", "http.425", "http.429", "http.500", "http.599"];
    let statuses = classes.map(|class| class["http.".len()..].parse::<u16>().unwrap());
    for status in statuses {
        let reply = if status == 302 { elsewhere() } else { Reply::status(status) };
        sink.answer(&format!("/{status}"), [reply, Reply::status(204)]);
    }
    let tasks = statuses.map(|status| {
        json!({ "kind": "http.request", "payload": { "url": sink.url(&format!("/{status}")) }, "max_attempts": 2 })
    });
    let job = client.submit(&tasks);
    client.wait_until_ended(job, SOON);
    for (index, (status, class)) in statuses.into_iter().zip(classes).enumerate() {
        let passes = matches!(status, 408 | 425 | 429 | 500..);
        let task = client.task(job, u32::try_from(index).unwrap());
        let expected = if passes { (json!("succeeded"), json!(2)) } else { (json!("dead"), json!(1)) };
        assert_eq!((&task["status"], &task["attempts"]), (&expected.0, &expected.1), "{class}");
        assert_eq!(task["history"][0]["error"]["class"], class);
    }
    assert!(sink.received("/elsewhere").is_empty(), "redirects are not followed");
}

#[test]
fn a_request_that_hangs_times_out_and_harms_no_neighbour() {
    let (pipeline, sink) = (Pipeline::shared(), Sink::start());
    let client = pipeline.client();
    sink.answer("/hangs", [Reply::never()]);
    let mut tasks = vec![task(&json!({ "url": sink.url("/answers") })); 5];
    tasks[2] = json!({
        "kind": "http.request", "payload": { "url": sink.url("/hangs") }, "timeout_seconds": 1, "max_attempts": 1,
    });
    let job = client.submit_to(Lane::Bulk, &tasks);
    let view = client.wait_until_ended(job, SOON);
    assert_eq!((view.counts.succeeded, view.counts.dead), (4, 1));
    for (index, result) in client.results(job, "").iter().enumerate() {
        assert_eq!(result["attempts"], 1, "task {index}");
        assert_eq!(result["error"]["class"], if index == 2 { json!("http.timeout") } else { Value::Null });
    }
    let packs = pipeline.logs.of_ended_job(job, "settling").into_iter().map(|event| event["pack"].clone());
    assert!(packs.into_iter().all(|pack| pack == "0"), "they shared a pack");
}

#[test]
fn a_server_that_cannot_be_reached_is_a_network_error() {
    let client = Pipeline::shared().client();
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let job = client.submit([&task(&json!({ "url": format!("http://{nobody}/") }))]);
    client.wait_until_ended(job, SOON);
    assert_eq!(client.task(job, 0)["error"]["class"], "http.network");
}

/// A server that begins an answer to the first request and then does as `then` says. Its URL.
fn half_an_answer(then: impl FnOnce(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4_096]).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").unwrap();
        then(stream);
    });
    url
}

#[test]
fn an_answer_counts_though_its_body_breaks_off_or_stalls() {
    let client = Pipeline::shared().client();
    let (over, wait) = mpsc::channel::<()>();
    let (over_too, wait_too) = mpsc::channel::<()>();
    let stalls = |wait: mpsc::Receiver<()>| half_an_answer(move |_stream| wait.recv().unwrap_or_default());
    let mut tasks = [half_an_answer(drop), stalls(wait), stalls(wait_too)].map(|url| task(&json!({ "url": url })));
    // Less time than a body may stall: what came of it counts all the same.
    tasks[2]["timeout_seconds"] = json!(1);
    let job = client.submit_to(Lane::Bulk, &tasks);
    assert_eq!(client.wait_until_ended(job, SOON).counts.succeeded, 3);
    drop((over, over_too));
    for index in 0..3 {
        assert_eq!(client.task(job, index)["output"], json!({ "status": 200, "body": "half" }));
    }
}

#[test]
fn a_simulated_task_that_takes_too_long_is_tried_again() {
    let client = Pipeline::shared().client();
    let payload = json!({ "sleep_ms": 60_000 });
    let job = client.submit_to(
        Lane::Bulk,
        [&json!({
            "kind": "simulate", "payload": payload, "timeout_seconds": 1, "max_attempts": 2,
        })],
    );
    client.wait_until_ended(job, Duration::from_secs(30));
    let task = client.task(job, 0);
    assert_eq!((&task["attempts"], &task["error"]["class"]), (&json!(2), &json!("timeout")));
}
