//! Settle and hand back.

use serde_json::value::RawValue;

use super::*;
use crate::limits::JOB_STORED_BYTES;

#[test]
fn a_ledger_that_is_full_keeps_how_tasks_end_and_nothing_more() {
    let mut example = Example::claimed(3);
    let mut job = example.ledger.job().clone();
    job.stored = JOB_STORED_BYTES;
    let packs = BTreeMap::from([(PACK, example.ledger.pack(PACK).unwrap().clone())]);
    example.ledger = Ledger::load(job, BTreeMap::new(), packs, BTreeMap::new());
    let output = serde_json::value::RawValue::from_string("\"x\"".to_owned()).unwrap();
    let report = Report { outputs: vec![(0, output)], ..retry([1], seconds(5)) };
    let record = example.report(1, report, Rest::Running).record.unwrap();
    assert_eq!((record.done, record.outputs.len()), (indexes([0]), 0));
    assert_eq!(record.errors, [TaskError::new("boom", "")]);
    assert_eq!(example.counts(), [0, 1, 1, 1, 0, 0]);
}

#[test]
fn tasks_that_fail_together_wait_together_where_there_are_too_many_packs() {
    let wait = |index: u32| RetryGroup { wait: seconds(u64::from(index)), tasks: vec![(index, 0)] };
    let together = RetryGroup::together(&[wait(3), wait(9), wait(5)]);
    assert_eq!((together.wait, together.tasks), (seconds(9), vec![(3, 0), (9, 0), (5, 0)]));
}

#[test]
fn a_settlement_moves_each_task_where_its_verdict_says() {
    let mut example = Example::claimed(4);
    let output = RawValue::from_string("{\"n\":1.0}".to_owned()).unwrap();
    let report = Report {
        crashed: Vec::new(),
        done: indexes([0]),
        outputs: vec![(1, output)],
        retries: retry([2], seconds(5)).retries,
        dead: dead([3]).dead,
        errors: boom(),
    };
    let settled = example.report(1, report, Rest::Running);
    assert_eq!(example.counts(), [0, 0, 1, 2, 1, 0]);
    assert_eq!(settled.sends, [Send::Pack(PackId(1)), Send::Letters(LetterPackId(0))]);
    let record = settled.record.unwrap();
    assert_eq!((&record.done, record.outputs[0].0, record.outputs[0].1.get()), (&indexes([0]), 1, "{\"n\":1.0}"));
    assert_eq!((record.retried, record.dead), (vec![(2, 0)], vec![(3, Reason::Permanent, 0)]));
}

#[test]
fn a_failed_task_waits_in_a_pack_of_the_next_attempt() {
    let mut example = Example::claimed(3);
    example.report(1, retry([0, 2], seconds(5)), Rest::Running);
    let pack = example.ledger.pack(PackId(1)).unwrap();
    assert_eq!((pack.attempt, &pack.unsettled, pack.losses), (2, &indexes([0, 2]), 0));
    assert_eq!((pack.due, pack.chunk), (START.after(seconds(5)), crate::id::ChunkId(0)));
    assert_eq!(example.task(2), Some((TaskState::Retrying, 1)));
    assert_eq!(example.task(1), Some((TaskState::Running, 1)));
}

#[test]
fn what_is_due_too_late_for_a_queue_is_held_and_not_sent() {
    let mut example = Example::claimed(1);
    let wait = TIMING.held_after + seconds(1);
    assert_eq!(example.report(1, retry([0], wait), Rest::Running).sends, []);
    assert_eq!(example.ledger.next_wake(&TIMING), Some(START.after(wait)));
    example.pass(wait);
    assert_eq!(example.wake(), [Send::Pack(PackId(1))]);
}

#[test]
fn a_repeat_of_a_settlement_changes_nothing_and_gets_the_same_answer() {
    let mut example = Example::claimed(4);
    let mut report = retry([0], seconds(5));
    report.dead = dead([1]).dead;
    report.done = indexes([2]);
    let first = slice(1, 0, report, Rest::HandedBack);
    let answer = example.settle(first.clone());
    assert_eq!(answer.sends, [Send::Pack(PackId(1)), Send::Letters(LetterPackId(0)), Send::Pack(PACK)]);
    let before = example.ledger.clone();
    let again = example.settle(first.clone());
    assert_eq!(again.sends, answer.sends);
    assert!(again.record.is_none());
    assert_eq!(example.ledger, before);

    example.claim(PACK, "n", 1);
    example.confirm(LetterPackId(0), indexes([1]));
    assert_eq!(example.settle(first).sends, [Send::Pack(PackId(1))], "less what has arrived since");
}

#[test]
fn a_superseded_claim_counts_only_for_done() {
    let mut example = Example::superseded(3);
    let mut report = retry([0], seconds(5));
    report.dead = dead([1]).dead;
    report.done = indexes([2]);
    let settled = example.report(1, report, Rest::HandedBack);
    let record = settled.record.unwrap();
    assert_eq!((record.done, record.retried, record.dead), (indexes([2]), vec![], vec![]));
    assert_eq!(settled.sends, []);
    assert_eq!(example.counts(), [0, 2, 0, 1, 0, 0]);
}

#[test]
fn a_late_done_overrules_a_retry_whose_pack_then_skips_the_task() {
    let mut example = Example::superseded(2);
    example.report(2, retry([0, 1], seconds(0)), Rest::Running);
    example.report(1, done([0]), Rest::Running);
    assert_eq!(example.counts(), [0, 0, 1, 1, 0, 0]);
    assert_eq!(example.claim(PackId(1), "n", 1), example.run(1, [1]));
}

#[test]
fn a_late_done_ends_a_task_that_runs_again_and_the_second_report_is_ignored() {
    let mut example = Example::superseded(1);
    example.report(1, done([0]), Rest::Running);
    assert_eq!(example.ledger.job().state(), JobState::Completed);
    let settled = example.report(2, dead([0]), Rest::Running);
    assert!(settled.record.is_none());
    assert_eq!(example.counts(), [0, 0, 0, 1, 0, 0]);
}

#[test]
fn a_claim_that_outlives_its_lease_still_counts_until_another_follows() {
    let mut example = Example::claimed(1);
    example.pass(TIMING.lease);
    assert_eq!(example.wake(), [Send::Pack(PACK)]);
    example.report(1, retry([0], seconds(5)), Rest::Running);
    assert_eq!(example.counts(), [0, 0, 1, 0, 0, 0]);
    assert_eq!(example.claim(PACK, "n", 1), ClaimAnswer::Idle(Idle::Settled));
}

#[test]
fn handed_back_tasks_are_uncharged() {
    let mut example = Example::claimed(3);
    let settled = example.report(1, done([0]), Rest::HandedBack);
    assert_eq!(settled.sends, [Send::Pack(PACK)]);
    assert_eq!(example.counts(), [2, 0, 0, 1, 0, 0]);
    let pack = example.ledger.pack(PACK).unwrap();
    assert_eq!((pack.attempt, pack.losses), (1, 0));
    assert_eq!(example.claim(PACK, "n", 1), example.run(2, [1, 2]));
}

#[test]
fn slices_may_arrive_in_any_order() {
    let mut example = Example::claimed(3);
    example.settle(slice(1, 1, done([1]), Rest::HandedBack));
    example.settle(slice(1, 0, retry([0], seconds(5)), Rest::Running));
    assert_eq!(example.counts(), [1, 0, 1, 1, 0, 0]);
}

#[test]
fn a_settlement_of_what_never_was_is_refused_and_changes_nothing() {
    let mut example = Example::claimed(2);
    let before = example.ledger.clone();
    let mut refusal = |settle| example.ledger.settle(START, settle, &Records::default(), &TIMING).unwrap_err();
    let good = slice(1, 0, done([0]), Rest::Running);
    assert_eq!(refusal(Settle { pack: PackId(1), ..good.clone() }), SettleRefusal::UnknownPack);
    assert_eq!(refusal(Settle { claim: ClaimNumber(2), ..good.clone() }), SettleRefusal::UnknownClaim);
    assert_eq!(refusal(Settle { claim: ClaimNumber(0), ..good.clone() }), SettleRefusal::UnknownClaim);
    assert_eq!(refusal(Settle { report: done([0, 2]), ..good.clone() }), SettleRefusal::UnknownTask);
    let report = Report { errors: vec![], ..dead([0]) };
    assert_eq!(refusal(Settle { report, ..good }), SettleRefusal::UnknownError);
    assert_eq!(example.ledger, before);
}

#[test]
fn a_settlement_of_tasks_that_were_never_in_the_pack_is_refused_and_changes_nothing() {
    struct Chunk;
    impl Past for Chunk {
        fn dead(&self, _: &Indexes) -> Indexes {
            Indexes::new()
        }
        fn of_chunk(&self, _: ChunkId) -> Indexes {
            indexes([0, 1])
        }
    }
    let mut example = Example::waiting(2);
    example.ledger.job.sealed_at = None;
    example.ledger.append(START, part("second", 2), &TIMING).unwrap();
    example.claim(PACK, "m", 1);
    let before = example.ledger.clone();
    let foreign = slice(1, 0, done([0, 3]), Rest::Running);
    assert_eq!(example.ledger.settle(START, foreign, &Chunk, &TIMING).unwrap_err(), SettleRefusal::ForeignTask);
    assert_eq!(example.ledger, before);
}

#[test]
fn the_last_task_completes_the_job() {
    let mut example = Example::claimed(2);
    example.report(1, done([0]), Rest::Running);
    assert_eq!(example.ledger.job().completed_at, None);
    example.pass(seconds(3));
    example.settle(slice(1, 1, dead([1]), Rest::Running));
    assert_eq!(example.ledger.job().completed_at, Some(START.after(seconds(3))));
}

#[test]
fn of_settlements_that_arrive_together_a_later_one_knows_what_an_earlier_one_decided() {
    let mut example = Example::superseded(3);
    let settles = vec![
        slice(2, 0, dead([1]), Rest::Running),
        slice(1, 0, done([1]), Rest::HandedBack),
        slice(2, 1, done([0, 2]), Rest::HandedBack),
    ];
    let together = example.ledger.settle_together(example.now, settles, &Records::default(), &TIMING);
    let late: Vec<Indexes> = together.records.iter().map(|record| record.late.clone()).collect();
    assert_eq!(late, [indexes([]), indexes([1]), indexes([])], "the letter must say that its task succeeded late");
    assert_eq!(example.counts(), [0, 0, 0, 2, 1, 0]);
}

#[test]
fn of_settlements_that_arrive_together_one_that_is_refused_holds_up_no_other() {
    let mut example = Example::claimed(3);
    let never = Settle { pack: PackId(9), ..slice(1, 0, done([0]), Rest::HandedBack) };
    let settles =
        vec![never, slice(1, 0, retry([0], seconds(2)), Rest::Running), slice(1, 1, done([1, 2]), Rest::Running)];
    let together = example.ledger.settle_together(example.now, settles, &Records::default(), &TIMING);
    let born = vec![Send::Pack(PackId(1))];
    assert_eq!(together.answers, [Err(SettleRefusal::UnknownPack), Ok(born), Ok(vec![])]);
    assert_eq!(together.records.len(), 2);
    assert_eq!(example.counts(), [0, 0, 1, 2, 0, 0]);
}
