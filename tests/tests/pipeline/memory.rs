//! What is accepted must fit the memory of a Worker, whatever it looks like.

use std::thread;
use std::time::Duration;

use tests::pipeline::Pipeline;

use crate::refusals::problem;

/// How long a million tasks may take while other tests run.
const MANY: Duration = Duration::from_secs(90);

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
fn more_large_requests_at_once_than_fit_are_told_to_come_back() {
    let client = Pipeline::shared().client();
    let line = format!("{{\"kind\":\"simulate\",\"ref\":\"{}\"}}\n", "x".repeat(70));
    let body = line.repeat(15_500_000 / line.len());
    let answers = thread::scope(|scope| {
        let submit = || client.call("POST", "/v1/jobs?lane=bulk").ndjson(body.as_str()).send();
        let callers: Vec<_> = (0..12).map(|_| scope.spawn(submit)).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect::<Vec<_>>()
    });
    let (accepted, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 202);
    assert!(accepted.len() >= 4, "{} accepted", accepted.len());
    for answer in refused {
        problem("one too many", answer, 429);
        assert_eq!(answer.header("retry-after"), "1");
    }
    for answer in accepted {
        client.wait_until_ended(answer.json()["job"].as_str().unwrap().parse().unwrap(), MANY);
    }
}
