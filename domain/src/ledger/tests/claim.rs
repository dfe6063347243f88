//! Claim: who may run a pack, and who is told that there is nothing to do.

use super::*;

#[test]
fn a_claim_hands_out_the_unsettled_tasks_and_marks_them_running() {
    let example = Example::claimed(3);
    assert_eq!(example.counts(), [0, 3, 0, 0, 0, 0]);
    assert_eq!(example.task(1), Some((TaskState::Running, 1)));
}

#[test]
fn the_same_delivery_again_gets_the_same_claim_and_what_is_left_of_the_lease() {
    let mut example = Example::claimed(3);
    example.report(1, done([0]), Rest::Running);
    example.pass(seconds(10));
    let answer = ClaimAnswer::Run { claim: ClaimNumber(1), indexes: indexes([1, 2]), lease: seconds(50) };
    assert_eq!(example.claim(PACK, "m", 1), answer);
}

#[test]
fn the_same_message_delivered_again_takes_over_at_once() {
    let mut example = Example::claimed(3);
    assert_eq!(example.claim(PACK, "m", 2), example.run(2, 0..3));
    assert_eq!(example.ledger.pack(PACK).unwrap().losses, 1);
    assert_eq!(example.claim(PACK, "m", 1), ClaimAnswer::Idle(Idle::Overtaken));
}

#[test]
fn another_message_waits_for_the_lease_to_end() {
    let mut example = Example::claimed(3);
    example.pass(TIMING.lease - Duration::from_millis(1));
    assert_eq!(example.claim(PACK, "copy", 7), ClaimAnswer::Idle(Idle::Leased));
    example.pass(Duration::from_millis(1));
    assert_eq!(example.claim(PACK, "copy", 1), example.run(2, 0..3));
    assert_eq!(example.ledger.pack(PACK).unwrap().losses, 1);
}

#[test]
fn a_settled_pack_and_an_unknown_one_are_told_apart() {
    let mut example = Example::claimed(1);
    example.report(1, done([0]), Rest::Running);
    assert_eq!(example.claim(PACK, "m", 2), ClaimAnswer::Idle(Idle::Settled));
    let before = example.ledger.clone();
    example.pass(TIMING.grace * 2);
    assert_eq!(example.claim(PackId(1), "m", 1), ClaimAnswer::Idle(Idle::Unknown));
    assert_eq!(example.ledger, before, "it is no message of ours");
}

#[test]
fn a_message_that_comes_early_waits_for_the_outbox_to_send_it_when_due() {
    let mut ledger = Ledger::begin(job());
    let due = START.after(seconds(50));
    let mut part = part("a", 1);
    part.chunks[0].due = Some(due);
    ledger.append(START, part, &TIMING).unwrap();
    told(&mut ledger);
    let claim = |ledger: &mut Ledger, at| ledger.claim(at, PACK, &delivery("m", 1), due, &TIMING).answer;
    assert_eq!(claim(&mut ledger, START), ClaimAnswer::Idle(Idle::NotDue));
    assert_eq!(ledger.next_wake(&TIMING), Some(due));
    let a_little_early = START.after(seconds(49));
    assert!(matches!(claim(&mut ledger, a_little_early), ClaimAnswer::Run { .. }), "clocks differ");
}

#[test]
fn an_older_message_says_nothing_of_the_one_under_way() {
    let mut example = Example::claimed(1);
    example.report(1, Report::default(), Rest::HandedBack);
    let due = example.ledger.pack(PACK).unwrap().due;
    assert!(due > example.now, "handed back with nothing done");
    assert_eq!(example.claim(PACK, "old", 1), ClaimAnswer::Idle(Idle::NotDue));
    let phase = &example.ledger.pack(PACK).unwrap().phase;
    assert!(matches!(phase, Phase::Waiting { sent: Some(sent), .. } if *sent == due), "it is not sent again");
}

#[test]
fn a_claim_ends_what_the_outbox_waits_for() {
    let mut example = Example::waiting(1);
    assert_eq!(example.ledger.next_wake(&TIMING), Some(START.after(TIMING.resend)));
    example.claim(PACK, "m", 1);
    assert_eq!(example.ledger.next_wake(&TIMING), Some(START.after(TIMING.lease)));
}

#[test]
fn in_a_canceled_job_a_lost_claim_has_no_successor() {
    let mut example = Example::claimed(2);
    example.cancel();
    assert_eq!(example.claim(PACK, "m", 1), example.run(1, 0..2), "it runs: its answer was lost");
    assert_eq!(example.claim(PACK, "m", 2), ClaimAnswer::Idle(Idle::Canceled));
    assert_eq!(example.counts(), [0, 0, 0, 0, 0, 2]);
}

#[test]
fn the_lease_has_room_for_the_slowest_task_up_to_its_limit() {
    let lease = |timeout| {
        let mut example = Example::waiting(1);
        let delivery = Delivery { timeout, ..delivery("m", 1) };
        match example.ledger.claim(START, PACK, &delivery, START, &TIMING).answer {
            ClaimAnswer::Run { lease, .. } => lease.as_secs(),
            ClaimAnswer::Idle(idle) => panic!("{idle:?}"),
        }
    };
    assert_eq!(lease(seconds(10)), 60);
    assert_eq!(lease(seconds(300)), 310);
    assert_eq!(lease(seconds(100_000)), 600);
}
