//! Reading a submission, natively, against the speed at which serde_json only skips the same bytes.

use std::hint::black_box;
use std::time::Instant;

use domain::kinds::Kind;
use domain::kinds::http_request::HostRule;
use domain::submission::{JobOptions, Rules, ndjson_job};
use domain::time::Timestamp;
use serde::Serialize;
use serde::de::IgnoredAny;

use crate::stats::Spread;
use crate::tasks::no_op;
use crate::work::TINY;

/// Tasks of a body.
const TASKS: u32 = 100_000;

/// The rules that development has.
pub const RULES: Rules<'static> = Rules {
    now: Timestamp::from_millis(1_800_000_000_500),
    start: None,
    kinds: &Kind::ALL,
    hosts: &HostRule::Any,
    cap: &|_| 2_000,
};

/// What was found. Bytes per second are of the body.
#[derive(Clone, Debug, Serialize)]
pub struct Parsing {
    /// Checked, packed, and ready to be appended.
    pub packed_bytes_per_s: Spread,
    /// Skipped line by line, as NDJSON is.
    pub skimmed_bytes_per_s: Spread,
    /// Skipped as one stream of values, which does not look at lines.
    pub streamed_bytes_per_s: Spread,
    /// How many of a second's lines are packed in the time in which they are skipped, in each round.
    pub share_of_skimming: Spread,
    /// The same of the stream.
    pub share_of_streaming: Spread,
}

/// Measures it, each way in turn.
pub fn measure(rounds: usize) -> Option<Parsing> {
    let body = no_op(TASKS, TINY);
    let mut found: [Vec<f64>; 3] = Default::default();
    // The first round warms the memory up.
    for round in 0..=rounds {
        for (way, found) in [pack as fn(&str), skim, stream].into_iter().zip(&mut found) {
            let start = Instant::now();
            way(&body);
            let took = start.elapsed();
            if round > 0 {
                found.push(body.len() as f64 / took.as_secs_f64());
            }
        }
    }
    let [packed, skimmed, streamed] = found;
    let share = |of: &[f64]| Spread::of(packed.iter().zip(of).map(|(packed, of)| packed / of));
    Some(Parsing {
        share_of_skimming: share(&skimmed)?,
        share_of_streaming: share(&streamed)?,
        packed_bytes_per_s: Spread::of(packed.iter().copied())?,
        skimmed_bytes_per_s: Spread::of(skimmed.iter().copied())?,
        streamed_bytes_per_s: Spread::of(streamed.iter().copied())?,
    })
}

fn pack(body: &str) {
    let submission = ndjson_job(body.as_bytes(), JobOptions::default(), &RULES);
    assert_eq!(black_box(submission).map(|submission| submission.tasks), Ok(TASKS));
}

fn skim(body: &str) {
    assert!(body.lines().all(|line| serde_json::from_str::<IgnoredAny>(black_box(line)).is_ok()));
}

fn stream(body: &str) {
    let values = serde_json::Deserializer::from_str(black_box(body)).into_iter::<IgnoredAny>();
    assert_eq!(values.filter_map(Result::ok).count(), TASKS as usize);
}
