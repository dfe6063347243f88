//! The steps that every task goes through, natively: `cargo bench -p bench`.

#![allow(missing_docs)]

use bench::tasks::no_op;
use divan::Bencher;
use divan::counter::BytesCount;
use domain::kinds::Kind;
use domain::kinds::http_request::HostRule;
use domain::submission::{JobOptions, Rules, ndjson_job};
use domain::time::Timestamp;
use serde::de::IgnoredAny;

fn main() {
    divan::main();
}

const RULES: Rules<'static> = Rules {
    now: Timestamp::from_millis(1_800_000_000_500),
    start: None,
    kinds: &Kind::ALL,
    hosts: &HostRule::Any,
    cap: &|_| 2_000,
};

#[divan::bench]
fn skim(bencher: Bencher) {
    let body = no_op(100_000, 116);
    bencher.counter(BytesCount::new(body.len())).bench_local(|| {
        for line in body.lines() {
            serde_json::from_str::<IgnoredAny>(line).unwrap();
        }
    });
}

#[divan::bench]
fn skim_stream(bencher: Bencher) {
    let body = no_op(100_000, 116);
    bencher.counter(BytesCount::new(body.len())).bench_local(|| {
        for task in serde_json::Deserializer::from_slice(body.as_bytes()).into_iter::<IgnoredAny>() {
            task.unwrap();
        }
    });
}

#[divan::bench]
fn parse_and_pack(bencher: Bencher) {
    let body = no_op(100_000, 116);
    bencher
        .counter(BytesCount::new(body.len()))
        .bench_local(|| ndjson_job(body.as_bytes(), JobOptions::default(), &RULES).unwrap());
}
