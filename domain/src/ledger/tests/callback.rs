//! The callback is a task like any other, and none of the job's.

use super::*;

const CALLBACK: PackId = PackId(1);

/// A job of two tasks that has a callback, just completed.
fn completed() -> Example {
    let mut ledger = Ledger::begin(Job { callback: Some("https://example.com/ended".to_owned()), ..job() });
    ledger.append(START, NewPart { seal: true, ..part("first", 2) }, &TIMING).unwrap();
    told(&mut ledger);
    let mut example = Example { ledger, records: Records::default(), now: START };
    example.claim(PACK, "m", 1);
    assert_eq!(example.ledger.callback(), None);
    example.report(1, done([0, 1]), Rest::HandedBack);
    example
}

#[test]
fn it_is_born_when_the_job_completes_and_sent_by_the_alarm() {
    let mut example = completed();
    assert_eq!(example.ledger.job().state(), JobState::Completed);
    assert_eq!(example.ledger.callback(), Some(2));
    assert_eq!(example.ledger.take_changes().callback, Some(ChunkId(1)), "its payload is to be stored");
    assert_eq!(example.wake(), [Send::Pack(CALLBACK)]);
    assert_eq!(example.counts(), [0, 0, 0, 2, 0, 0]);
}

#[test]
fn it_is_tried_again_and_dies_outside_of_the_counts() {
    let mut example = completed();
    example.wake();
    example.claim(CALLBACK, "c", 1);
    let report = |pack, report| Settle { pack, ..slice(1, 0, report, Rest::HandedBack) };
    let again = example.settle(report(CALLBACK, retry([2], seconds(1))));
    assert_eq!(again.sends, [Send::Pack(PackId(2))]);
    example.pass(seconds(1));
    example.claim(PackId(2), "d", 1);
    let settled = example.settle(Settle { attempt: 2, ..report(PackId(2), dead([2])) });
    assert_eq!(settled.sends, [Send::Letters(LetterPackId(0))]);
    assert_eq!(example.counts(), [0, 0, 0, 2, 0, 0]);
}

#[test]
fn it_is_sent_for_a_canceled_job_too_and_not_canceled_with_it() {
    let mut ledger = Ledger::begin(Job { callback: Some("https://example.com/ended".to_owned()), ..job() });
    ledger.append(START, part("first", 2), &TIMING).unwrap();
    let mut example = Example { ledger, records: Records::default(), now: START };
    example.cancel();
    assert_eq!(example.counts(), [0, 0, 0, 0, 0, 2]);
    assert_eq!(example.wake(), [Send::Pack(CALLBACK)]);
    example.claim(CALLBACK, "c", 1);
    let again = Settle { pack: CALLBACK, ..slice(1, 0, retry([2], seconds(1)), Rest::HandedBack) };
    assert_eq!(example.settle(again).sends, [Send::Pack(PackId(2))]);
    assert!(example.ledger.cancel_task(START, 2).is_err(), "it is no task of the job");
}

#[test]
fn a_job_is_not_deleted_before_its_callback_has_ended() {
    let mut example = completed();
    example.wake();
    told(&mut example.ledger);
    example.pass(TIMING.keep);
    example.wake();
    assert_eq!(example.ledger.job().expired_at, None);
}
