//! The outbox and its alarm.

use super::*;

#[test]
fn a_spurious_alarm_is_harmless() {
    let mut example = Example::waiting(1);
    example.ledger.take_changes();
    assert_eq!(example.wake(), []);
    assert!(example.ledger.take_changes().is_empty());
}

#[test]
fn a_lost_claim_charges_nobody_and_its_pack_is_sent_again() {
    let mut example = Example::claimed(2);
    example.report(1, done([0]), Rest::Running);
    example.pass(TIMING.lease);
    assert_eq!(example.wake(), [Send::Pack(PACK)]);
    assert_eq!(example.counts(), [1, 0, 0, 1, 0, 0]);
    let pack = example.ledger.pack(PACK).unwrap();
    assert_eq!((pack.attempt, pack.losses), (1, 1));
}

#[test]
fn a_pack_that_the_platform_gave_up_is_held_back_ever_longer() {
    let mut example = Example::waiting(1);
    let mut waits = Vec::new();
    for _ in 0..8 {
        example.ledger.stranded(example.now, PACK);
        let next = example.ledger.next_wake(&TIMING).unwrap();
        waits.push(next.since(example.now).as_secs());
        example.now = next;
        assert_eq!(example.wake(), [Send::Pack(PACK)]);
    }
    assert_eq!(waits, [60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
}

#[test]
fn giving_up_a_pack_that_runs_changes_nothing() {
    let mut example = Example::claimed(1);
    let before = example.ledger.clone();
    example.ledger.stranded(example.now, PACK);
    example.ledger.stranded(example.now, PackId(9));
    assert_eq!(example.ledger, before);
}
