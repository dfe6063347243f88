//! One test per rule, each from one good example.

mod bodies;
mod options;
mod properties;
mod tasks;

use super::*;
use crate::pack::read_lines;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_500);

pub(super) const RULES: Rules<'static> =
    Rules { now: NOW, start: None, kinds: &Kind::ALL, hosts: &HostRule::Any, cap: &|_| 100 };

fn ndjson(body: impl AsRef<[u8]>) -> Result<Submission, Refusal> {
    ndjson_job(body.as_ref(), JobOptions::default(), &RULES)
}

fn json(body: &str) -> Result<Submission, Refusal> {
    json_job(body.as_bytes(), &RULES)
}

fn faults(refused: Result<Submission, Refusal>) -> Vec<Fault> {
    match refused {
        Err(Refusal::Wrong(faults)) => faults,
        other => panic!("expected a wrong request, found {other:?}"),
    }
}

fn fault(refused: Result<Submission, Refusal>) -> Fault {
    let mut faults = faults(refused);
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.remove(0)
}

/// The field that is at fault in the one task `task`.
fn field(task: &str) -> String {
    let fault = fault(ndjson(task));
    assert_eq!(fault.line, Some(1));
    fault.field
}

/// All payloads by index.
fn payloads(submission: &Submission) -> Vec<String> {
    let mut payloads = vec![String::new(); submission.tasks as usize];
    for chunk in &submission.chunks {
        for line in read_lines(&chunk.lines, 0).unwrap() {
            payloads[line.index as usize] = line.payload().to_owned();
        }
    }
    payloads
}

fn due(task: &str) -> Option<Timestamp> {
    ndjson(task).unwrap().chunks[0].due
}
