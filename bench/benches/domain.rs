//! The steps that every task goes through, natively: `cargo bench -p bench`.

#![allow(missing_docs)]
#![allow(clippy::unwrap_used, reason = "a benchmark stops at what it did not expect")]

use bench::parse::RULES;
use bench::tasks::{http, no_op};
use bench::work::{LARGE, TINY};
use config::Environment;
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use domain::id::{ChunkId, ClaimNumber, JobId, PackId};
use domain::indexes::Indexes;
use domain::lane::Lane;
use domain::ledger::{ClaimAnswer, Delivery, Job, Ledger, NewChunk, NewPart, Past, Report, Rest, Settle, Source};
use domain::pack::{Pack, PackHeader, VERSION};
use domain::submission::{JobOptions, Submission, ndjson_job};
use domain::time::Timestamp;
use serde::de::IgnoredAny;

const TASKS: u32 = 20_000;

fn main() {
    divan::main();
}

fn packed(body: &str) -> Submission {
    ndjson_job(body.as_bytes(), JobOptions::default(), &RULES).unwrap()
}

/// What serde_json merely skips: the yardstick of the next two.
#[divan::bench(args = [TINY, LARGE])]
fn skim(bencher: Bencher<'_, '_>, bytes: usize) {
    let body = no_op(TASKS, bytes);
    bencher.counter(BytesCount::new(body.len())).bench_local(|| {
        for line in body.lines() {
            serde_json::from_str::<IgnoredAny>(divan::black_box(line)).unwrap();
        }
    });
}

#[divan::bench(args = [TINY, LARGE])]
fn parse_and_pack(bencher: Bencher<'_, '_>, bytes: usize) {
    let body = no_op(TASKS, bytes);
    bencher.counter(BytesCount::new(body.len())).bench_local(|| packed(&body));
}

#[divan::bench]
fn parse_and_pack_http_requests(bencher: Bencher<'_, '_>) {
    let body = http(TASKS, LARGE, "https://example.com/orders");
    bencher.counter(BytesCount::new(body.len())).bench_local(|| packed(&body));
}

/// A pack as a consumer gets it.
#[divan::bench]
fn decode(bencher: Bencher<'_, '_>) {
    let submission = packed(&no_op(TASKS, TINY));
    let header = PackHeader {
        v: VERSION,
        job: job(),
        pack: PackId(0),
        kind: submission.chunks[0].kind,
        lane: Lane::Default,
        attempt: 1,
        callback: false,
        base: 0,
        accepted_at: RULES.now,
        sent_at: RULES.now,
    };
    let message = header.message(&submission.chunks[0].lines);
    let tasks = Pack::decode(&message).unwrap().tasks.len();
    bencher
        .counter(BytesCount::new(message.len()))
        .counter(ItemsCount::new(tasks))
        .bench_local(|| Pack::decode(divan::black_box(&message)).unwrap().tasks.len());
}

/// What the ledger decides of a job: each pack claimed, then settled.
#[divan::bench]
fn claim_and_settle(bencher: Bencher<'_, '_>) {
    let submission = packed(&no_op(TASKS, TINY));
    let chunks: Vec<NewChunk> = submission
        .chunks
        .iter()
        .map(|chunk| NewChunk {
            kind: chunk.kind,
            due: chunk.due,
            indexes: chunk.indexes.clone(),
            bytes: chunk.lines.len(),
        })
        .collect();
    let timing = Environment::Production.settings().timing();
    let appended = || {
        let mut ledger = Ledger::begin(Job::new(job(), None, Lane::Default, Source::Api, RULES.now));
        let part = NewPart {
            key: String::new(),
            content: String::new(),
            chunks: chunks.clone(),
            seal: true,
            owner: Source::Api,
            at: None,
        };
        ledger.append(RULES.now, part, &timing).unwrap();
        ledger
    };
    bencher.counter(ItemsCount::new(chunks.len())).with_inputs(appended).bench_local_values(|mut ledger| {
        for at in 0..chunks.len() as u32 {
            let (claim, indexes) = claimed(&mut ledger, PackId(at), &timing);
            let report = Report { done: indexes, ..Report::default() };
            let settle = Settle { pack: PackId(at), claim, attempt: 1, slice: 0, report, rest: Rest::HandedBack };
            ledger.settle(RULES.now, settle, &Nothing, &timing).unwrap();
            ledger.take_changes();
        }
        assert!(ledger.job().completed_at.is_some());
        ledger
    });
}

fn claimed(ledger: &mut Ledger, pack: PackId, timing: &domain::ledger::Timing) -> (ClaimNumber, Indexes) {
    let delivery =
        Delivery { message: pack.0.to_string(), attempts: 1, timeout: domain::limits::DEFAULT_TIMEOUT, lane: None };
    match ledger.claim(RULES.now, pack, &delivery, RULES.now, timing).answer {
        ClaimAnswer::Run { claim, indexes, .. } => (claim, indexes),
        ClaimAnswer::Idle(idle) => unreachable!("{idle:?}"),
    }
}

/// Nothing was settled before.
struct Nothing;

impl Past for Nothing {
    fn dead(&self, _: &Indexes) -> Indexes {
        Indexes::new()
    }

    fn of_chunk(&self, _: ChunkId) -> Indexes {
        Indexes::new()
    }
}

fn job() -> JobId {
    JobId::random(Timestamp::from_millis(1_800_000_000_000), [7; 10])
}
