//! What is accepted must fit the memory of a Worker, whatever it looks like.

use std::thread;

use tests::memory::after_the_largest_request;
use tests::patience::eventually;
use tests::pipeline::{Pipeline, Setup};
use tests::unfinished::Unfinished;

use crate::SOON;
use crate::refusals::problem;

/// 100,000 tasks of a kind whose packs are full by count, not by bytes; far from due, so that none of them runs.
fn many_small_packs() -> String {
    let line = |n| {
        format!(
            "{{\"kind\":\"http.request\",\"payload\":{{\"url\":\"http://127.0.0.1:9/{n}\"}},\"delay_seconds\":864000}}\n"
        )
    };
    (0..100_000).map(line).collect()
}

#[test]
fn four_requests_of_a_thousand_packs_each_are_accepted_at_once() {
    let client = Pipeline::shared().client();
    let body = many_small_packs();
    let statuses = thread::scope(|scope| {
        let submit = || client.call("POST", "/v1/jobs").ndjson(body.as_str()).send().status;
        let callers: Vec<_> = (0..4).map(|_| scope.spawn(submit)).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(statuses, [202; 4]);
}

#[test]
fn uploads_that_never_end_hold_no_room_but_for_what_has_arrived() {
    let pipeline = Pipeline::shared();
    let begin = |length| Unfinished::post(pipeline.port(), "/v1/jobs", length, b"{}\n");
    let slow: Vec<_> = (0..6).flat_map(|_| [begin(None), begin(Some(16 << 20))]).collect();
    let body = "{\"kind\":\"simulate\",\"delay_seconds\":864000}\n".repeat(200_000);
    for _ in 0..3 {
        pipeline.client().call("POST", "/v1/jobs").ndjson(body.as_str()).send().expect(202);
    }
    drop(slow);
}

#[test]
fn callers_who_hang_up_leave_their_room_to_others() {
    let pipeline = Pipeline::shared();
    let large = vec![b'x'; 12 << 20];
    for _ in 0..8 {
        drop(Unfinished::post(pipeline.port(), "/v1/jobs", Some(16 << 20), &large));
    }
    eventually("the room of those who hung up is free", SOON, || {
        let answer = pipeline.client().call("POST", "/v1/jobs").ndjson(large.as_slice()).send();
        // Read, and found wrong.
        assert!([429, 400, 422].contains(&answer.status), "{}", answer.text());
        (answer.status != 429).then_some(())
    });
}

#[test]
fn tasks_that_grow_too_large_when_packed_are_refused() {
    let answer =
        Pipeline::shared().client().call("POST", "/v1/jobs?kind=simulate").ndjson("{}\n".repeat(5_500_000)).send();
    let errors = problem("millions of empty tasks", &answer, 422);
    assert!(errors[0]["detail"].as_str().unwrap().contains("send them in several requests"), "{errors:?}");
}

#[test]
fn the_largest_request_takes_at_most_64_mib_of_each_worker() {
    let pipeline = Setup::new().env("LOG_LEVEL", "debug").start();
    // The most tasks that a body can name: none of them has a kind.
    let listed = format!("{{\"tasks\":[{}{{}}]}}", "{},".repeat(5_500_000));
    problem("millions of empty tasks", &pipeline.client().call("POST", "/v1/jobs").json(listed).send(), 422);
    let memory = after_the_largest_request(&pipeline);
    assert_eq!(memory.len(), 3, "{memory:?}");
    for (worker, bytes) in memory {
        assert!((1..=64 << 20).contains(&bytes), "{worker}: {bytes} bytes");
    }
}
