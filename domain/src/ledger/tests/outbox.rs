//! The outbox and its alarm.

use super::*;

#[test]
fn what_does_not_arrive_is_sent_again_after_doubling_waits_up_to_the_longest() {
    let mut example = Example::waiting(1);
    let mut waits = Vec::new();
    for _ in 0..6 {
        let next = example.ledger.next_wake().unwrap();
        waits.push(next.since(example.now).as_secs());
        example.now = next;
        assert_eq!(example.wake(), [Send::Pack(PACK)]);
    }
    assert_eq!(waits, [20, 40, 80, 160, 300, 300]);
}

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
fn one_alarm_sends_a_hundred_and_the_next_is_due_at_once() {
    let mut ledger = Ledger::begin(job());
    let chunk = |index| NewChunk { kind: Kind::Simulate, due: None, indexes: indexes([index]) };
    let part = NewPart { chunks: (0..150).map(chunk).collect(), ..part("a", 0) };
    ledger.append(START, part, &TIMING).unwrap();
    let now = START.after(TIMING.resend);
    assert_eq!(ledger.wake(now, &TIMING).sends.len(), 100);
    assert_eq!(ledger.next_wake(), Some(now));
    assert_eq!(ledger.wake(now, &TIMING).sends.len(), 50);
}

#[test]
fn a_delayed_pack_is_looked_after_from_its_due_time_on() {
    let mut ledger = Ledger::begin(job());
    let due = START.after(seconds(50));
    let mut part = part("a", 1);
    part.chunks[0].due = Some(due);
    ledger.append(START, part, &TIMING).unwrap();
    assert_eq!(ledger.next_wake(), Some(due.after(TIMING.resend)));
}
