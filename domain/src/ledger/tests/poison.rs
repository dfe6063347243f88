//! What kills its isolate is found, and harms nobody else.

use super::*;

impl Example {
    /// The lease of `pack` ends without a word, after its consumer said that it starts.
    fn lose(&mut self, pack: PackId) -> Vec<Send> {
        let lane = self.ledger.pack(pack).unwrap().lane;
        let delivery = Delivery { lane: Some(lane), ..delivery(&format!("{}", self.now), 1) };
        let claimed = self.ledger.claim(self.now, pack, &delivery, self.now, &TIMING);
        let ClaimAnswer::Run { claim, .. } = claimed.answer else { panic!("{:?}", claimed.answer) };
        let attempt = self.ledger.pack(pack).unwrap().attempt;
        self.settle(Settle { pack, claim, attempt, ..slice(1, 0, Report::default(), Rest::Running) });
        self.pass(TIMING.lease);
        self.wake()
    }

    fn unsettled(&self, pack: u32) -> (Lane, Vec<u32>) {
        let pack = self.ledger.pack(PackId(pack)).unwrap();
        (pack.lane, pack.unsettled.iter().collect())
    }
}

#[test]
fn a_pack_is_halved_from_its_second_loss_on_and_small_halves_run_alone() {
    let mut example = Example::waiting(10);
    assert_eq!(example.lose(PACK), [Send::Pack(PACK)]);
    assert_eq!(example.unsettled(0), (Lane::Default, (0..10).collect()), "the first loss may be anything");
    assert_eq!(example.lose(PACK), [Send::Pack(PACK), Send::Pack(PackId(1))]);
    assert_eq!(example.unsettled(0), (Lane::Default, (0..5).collect()));
    assert_eq!(example.unsettled(1), (Lane::Default, (5..10).collect()));
    assert!(example.lose(PackId(1)).contains(&Send::Pack(PackId(2))), "the count of losses is kept");
    assert_eq!(example.unsettled(1), (Lane::Quarantine, vec![5, 6, 7]));
    assert_eq!(example.unsettled(2), (Lane::Quarantine, vec![8, 9]));
    assert_eq!(example.counts(), [10, 0, 0, 0, 0, 0], "nobody is charged");
}

#[test]
fn a_later_delivery_of_a_lost_pack_goes_on_with_the_first_half() {
    let mut example = Example::superseded(10);
    assert_eq!(example.claim(PACK, "m", 3), example.run(3, 0..5));
    assert_eq!(example.wake(), [Send::Pack(PackId(1))], "the other half is sent by the alarm");
}

#[test]
fn a_message_of_the_old_lane_does_not_bring_a_pack_out_of_quarantine() {
    let mut example = Example::superseded(4);
    let by_lane = |lane| Delivery { lane: Some(lane), ..delivery("m", 3) };
    let claimed = example.ledger.claim(example.now, PACK, &by_lane(Lane::Default), example.now, &TIMING);
    assert_eq!(claimed.answer, ClaimAnswer::Idle(Idle::Moved));
    assert_eq!(example.wake(), [Send::Pack(PACK)]);
    let claimed = example.ledger.claim(example.now, PACK, &by_lane(Lane::Quarantine), example.now, &TIMING);
    assert_eq!(claimed.answer, example.run(3, 0..4));
}

#[test]
fn a_lost_claim_in_quarantine_charges_its_first_unsettled_task_and_no_other() {
    let mut example = Example::superseded(4);
    example.claim(PACK, "m", 3);
    let delivery = Delivery { lane: Some(Lane::Quarantine), ..delivery("q", 1) };
    example.ledger.claim(example.now, PACK, &delivery, example.now, &TIMING);
    example.settle(Settle { claim: ClaimNumber(3), ..slice(3, 0, done([0]), Rest::Running) });
    example.pass(TIMING.lease);
    assert_eq!(example.wake(), [Send::Pack(PACK)], "the others run again at once");
    assert_eq!(example.unsettled(0), (Lane::Quarantine, vec![2, 3]));
    let suspect = example.ledger.pack(PackId(1)).unwrap();
    assert_eq!((suspect.unsettled.first(), suspect.crashes), (Some(1), 1));
    assert_eq!(example.task(1), Some((TaskState::Queued, 0)), "no attempt is charged");
    example.pass(TIMING.crash_wait);
    assert_eq!(example.wake(), [Send::Pack(PackId(1))], "after its back-off");
}

#[test]
fn a_claim_in_quarantine_that_is_lost_before_it_started_charges_nobody() {
    let mut example = Example::superseded(1);
    example.claim(PACK, "m", 3);
    example.wake();
    for loss in 3..21 {
        let delivery = Delivery { lane: Some(Lane::Quarantine), ..delivery("q", loss) };
        example.ledger.claim(example.now, PACK, &delivery, example.now, &TIMING);
        assert_eq!(example.ledger.pack(PACK).unwrap().crashes, 0, "its consumer could not reach the ledger");
    }
    example.pass(TIMING.lease);
    example.wake();
    assert_eq!(example.ledger.pack(PackId(1)).unwrap().crashes, 1, "that often is no accident");
}

#[test]
fn the_third_crash_is_the_last_and_each_waits_longer() {
    let mut example = Example::superseded(1);
    example.claim(PACK, "m", 3);
    let mut waits = Vec::new();
    for pack in [0, 1] {
        example.wake();
        example.lose(PackId(pack));
        let due = example.ledger.pack(PackId(pack + 1)).unwrap().due;
        waits.push(due.since(example.now));
        example.now = due;
    }
    assert_eq!(waits, [TIMING.crash_wait, TIMING.crash_wait * 2]);
    example.wake();
    assert_eq!(example.lose(PackId(2)), [Send::Letters(LetterPackId(0))], "the letter goes out at once");
    assert_eq!(example.counts(), [0, 0, 0, 0, 1, 0]);
    let last = example.records.0.last().unwrap();
    assert_eq!((last.dead.as_slice(), last.errors[0].class.as_str()), (&[(0, Reason::Crashed, 0)][..], CRASHED));
}

#[test]
fn a_panic_that_was_caught_charges_its_task_at_once_and_leaves_its_neighbours() {
    let mut example = Example::claimed(3);
    let settled = example.report(1, Report { done: indexes([0, 2]), ..crashed([1]) }, Rest::HandedBack);
    assert_eq!(settled.sends, [Send::Pack(PackId(1))]);
    assert_eq!(settled.record.unwrap().crashed, [(1, 0)]);
    assert_eq!(example.unsettled(1), (Lane::Default, vec![1]));
    let pack = example.ledger.pack(PackId(1)).unwrap();
    assert_eq!((pack.attempt, pack.crashes, pack.due), (1, 1, START.after(TIMING.crash_wait)));
}

#[test]
fn three_panics_make_a_dead_letter() {
    let mut example = Example::claimed(2);
    let mut pack = PACK;
    for crash in 1..=3 {
        if crash > 1 {
            example.now = example.ledger.pack(pack).unwrap().due;
            example.claim(pack, "n", crash);
        }
        let report = Settle { pack, ..slice(1, 0, crashed([0, 1]), Rest::HandedBack) };
        example.settle(report);
        pack = PackId(crash);
    }
    assert_eq!(example.counts(), [0, 0, 0, 0, 2, 0]);
    assert_eq!(example.ledger.letters(LetterPackId(0)).unwrap().unconfirmed, indexes([0, 1]));
}

#[test]
fn who_reports_a_failure_in_quarantine_is_no_suspect_any_more() {
    let mut example = Example::superseded(1);
    example.claim(PACK, "m", 3);
    example.wake();
    let delivery = Delivery { lane: Some(Lane::Quarantine), ..delivery("q", 1) };
    example.ledger.claim(example.now, PACK, &delivery, example.now, &TIMING);
    example.settle(slice(3, 0, retry([0], seconds(1)), Rest::HandedBack));
    let pack = example.ledger.pack(PackId(1)).unwrap();
    assert_eq!((pack.lane, pack.losses, pack.attempt), (Lane::Default, 0, 2));
}

#[test]
fn what_a_lost_claim_held_of_a_canceled_job_is_canceled() {
    let mut example = Example::claimed(3);
    example.cancel();
    example.pass(TIMING.lease);
    assert_eq!(example.wake(), []);
    assert_eq!(example.counts(), [0, 0, 0, 0, 0, 3]);
    assert!(example.ledger.job().completed_at.is_some());
}
