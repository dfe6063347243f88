//! What is accepted must fit the memory of a Worker, whatever it looks like.

use std::thread;

use tests::memory::after_the_largest_request;
use tests::pipeline::{Pipeline, Setup};

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
