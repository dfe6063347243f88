//! Cancel.

use super::*;
use crate::limits::ROW_RANGES;

#[test]
fn what_waits_is_canceled_and_what_runs_is_recorded() {
    let mut example = Example::claimed(3);
    example.report(1, retry([0], seconds(5)), Rest::Running);
    example.cancel();
    assert_eq!(example.counts(), [0, 2, 0, 0, 0, 1]);
    assert_eq!(example.ledger.job().state(), JobState::Running, "until nothing runs");
    example.settle(slice(1, 1, done([1]), Rest::Running));
    example.settle(slice(1, 2, dead([2]), Rest::Running));
    assert_eq!(example.counts(), [0, 0, 0, 1, 1, 1]);
    assert_eq!(example.ledger.job().state(), JobState::Canceled);
}

#[test]
fn a_canceled_job_retries_nothing() {
    let mut example = Example::claimed(1);
    example.cancel();
    let settled = example.report(1, retry([0], seconds(5)), Rest::Running);
    assert_eq!(settled.sends, []);
    let record = settled.record.unwrap();
    assert_eq!((record.retried, record.canceled), (vec![(0, 0)], indexes([0])), "charged, with its error");
    assert_eq!(example.counts(), [0, 0, 0, 0, 0, 1]);
    assert_eq!(example.ledger.job().state(), JobState::Canceled);
}

#[test]
fn a_canceled_job_takes_nothing_back() {
    let mut example = Example::claimed(2);
    example.cancel();
    let settled = example.report(1, done([0]), Rest::HandedBack);
    assert_eq!((settled.sends, settled.record.unwrap().canceled), (vec![], indexes([1])));
    assert_eq!(example.counts(), [0, 0, 0, 1, 0, 1]);
}

#[test]
fn a_canceled_job_does_not_make_up_for_a_lost_claim() {
    let mut example = Example::claimed(2);
    example.cancel();
    example.pass(TIMING.lease);
    assert_eq!(example.wake(), []);
    assert_eq!(example.records.0.last().unwrap().canceled, indexes([0, 1]));
    assert_eq!(example.counts(), [0, 0, 0, 0, 0, 2]);
    assert_eq!(example.ledger.job().state(), JobState::Canceled);
    assert!(example.report(1, done([0]), Rest::Running).record.is_none(), "it has ended");
}

#[test]
fn canceling_again_changes_nothing() {
    let mut example = Example::claimed(2);
    example.cancel();
    let before = example.ledger.clone();
    example.pass(seconds(5));
    assert!(example.ledger.cancel(example.now).unwrap().is_empty());
    assert_eq!(example.ledger, before);
}

#[test]
fn tasks_that_are_canceled_however_scattered_are_rows_of_a_bounded_size() {
    let mut ledger = Ledger::begin(job());
    let every = |step: u32, of: u32| (0..of).filter(move |index| index % 2 == step).collect::<Indexes>();
    let chunk = |indexes| NewChunk { kind: Kind::Simulate, due: None, indexes, bytes: 10 };
    let tasks = 300_000;
    let part = NewPart { chunks: vec![chunk(every(0, tasks)), chunk(every(1, tasks))], seal: true, ..part("a", 0) };
    ledger.append(START, part, &TIMING).unwrap();
    // One of them runs: what waits is every second task.
    ledger.claim(START, PackId(1), &delivery("m", 1), START, &TIMING);
    let records = ledger.cancel(START).unwrap();
    assert!(records.len() > 1);
    for record in &records {
        assert!(serde_json::to_string(record).unwrap().len() < 1_000_000);
    }
    let canceled: u32 = records.iter().map(|record| record.canceled.len()).sum();
    assert_eq!((canceled, ledger.counts().canceled, ledger.counts().running), (tasks / 2, tasks / 2, tasks / 2));
}

#[test]
fn tasks_that_run_are_canceled_one_by_one_up_to_what_a_row_holds() {
    let mut example = Example::claimed(2 * ROW_RANGES as u32 + 2);
    for range in 0..ROW_RANGES as u32 {
        example.ledger.cancel_task(START, 2 * range).unwrap();
    }
    assert_eq!(example.ledger.cancel_task(START, 2 * ROW_RANGES as u32).unwrap_err(), CancelRefusal::TooMany);
    assert!(example.ledger.cancel_task(START, 0).unwrap().is_empty(), "again changes nothing");
    assert!(example.ledger.cancel(START).unwrap().is_empty(), "the whole job is canceled all the same");
}

#[test]
fn a_completed_job_cannot_be_canceled() {
    let mut example = Example::claimed(1);
    example.report(1, done([0]), Rest::Running);
    assert_eq!(example.ledger.cancel(START).unwrap_err(), CancelRefusal::Ended);
    assert_eq!(example.ledger.job().state(), JobState::Completed);
}

#[test]
fn an_open_job_that_is_canceled_takes_no_more_and_ends() {
    let mut ledger = Ledger::begin(job());
    ledger.append(START, part("a", 2), &TIMING).unwrap();
    ledger.cancel(START).unwrap();
    assert_eq!(ledger.job().state(), JobState::Canceled);
    assert_eq!(ledger.seal(START, 2, Source::Api), Err(SealRefusal::Canceled));
}

#[test]
fn a_task_that_waits_is_canceled_at_once_and_its_neighbours_are_not() {
    let mut example = Example::waiting(3);
    let record = example.ledger.cancel_task(START, 1).unwrap();
    example.records.0.extend(record);
    assert_eq!(example.counts(), [2, 0, 0, 0, 0, 1]);
    assert_eq!(example.claim(PACK, "m", 1), example.run(1, [0, 2]));
    assert_eq!(example.ledger.cancel_task(START, 1).unwrap_err(), CancelRefusal::Ended);
}

#[test]
fn a_canceled_task_that_runs_is_recorded_and_not_tried_again() {
    let mut example = Example::claimed(3);
    assert!(example.ledger.cancel_task(START, 0).unwrap().is_empty());
    assert!(example.ledger.cancel_task(START, 1).unwrap().is_empty());
    example.report(1, done([0]), Rest::Running);
    example.settle(slice(1, 1, retry([1, 2], seconds(5)), Rest::Running));
    assert_eq!(example.counts(), [0, 0, 1, 1, 0, 1]);
    assert_eq!(example.task(2), Some((TaskState::Retrying, 1)));
}

#[test]
fn a_canceled_task_that_is_handed_back_or_lost_does_not_wait_again() {
    for lost in [false, true] {
        let mut example = Example::claimed(2);
        example.ledger.cancel_task(START, 1).unwrap();
        if lost {
            example.pass(TIMING.lease);
            assert_eq!(example.wake(), [Send::Pack(PACK)]);
        } else {
            example.report(1, Report::default(), Rest::HandedBack);
        }
        assert_eq!(example.counts(), [1, 0, 0, 0, 0, 1], "lost: {lost}");
    }
}
