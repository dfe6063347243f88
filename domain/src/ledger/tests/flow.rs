//! What is lost is sent again, without a storm.

use super::*;

/// A ledger with `packs` packs of one task each, sent at the start.
fn sent(packs: u32) -> Ledger {
    let mut ledger = Ledger::begin(job());
    let chunk = |index| NewChunk { kind: Kind::Simulate, due: None, indexes: indexes([index]), bytes: 10 };
    let part = NewPart { chunks: (0..packs).map(chunk).collect(), seal: true, ..part("a", 0) };
    ledger.append(START, part, &TIMING).unwrap();
    told(&mut ledger);
    ledger
}

fn arrive(ledger: &mut Ledger, now: Timestamp, pack: u32, sent_at: Timestamp) {
    ledger.claim(now, PackId(pack), &delivery(&format!("m{pack}"), 1), sent_at, &TIMING);
}

#[test]
fn an_arrival_proves_lost_what_was_sent_well_before_it() {
    let mut ledger = sent(3);
    let later = START.after(TIMING.grace + seconds(1));
    arrive(&mut ledger, later, 2, later);
    assert_eq!(ledger.next_wake(&TIMING).unwrap(), Timestamp::default(), "at once");
    assert_eq!(ledger.wake(later, &TIMING).sends, [Send::Pack(PackId(0)), Send::Pack(PackId(1))]);
    assert_eq!(ledger.wake(later, &TIMING).sends, [], "they are under way again");
}

#[test]
fn an_arrival_proves_nothing_of_what_was_sent_just_before_it() {
    let mut ledger = sent(3);
    let later = START.after(TIMING.grace);
    arrive(&mut ledger, later, 2, later);
    assert_eq!(ledger.wake(later, &TIMING).sends, []);
}

#[test]
fn a_sender_whose_clock_is_ahead_proves_nothing_of_the_future() {
    let mut ledger = sent(2);
    arrive(&mut ledger, START, 1, START.after(seconds(1_000)));
    assert_eq!(ledger.wake(START, &TIMING).sends, []);
}

#[test]
fn lost_packs_are_sent_again_a_hundred_a_second() {
    let mut ledger = sent(250);
    let mut now = START.after(seconds(60));
    arrive(&mut ledger, now, 249, now);
    let mut sends = Vec::new();
    for _ in 0..3 {
        sends.push(ledger.wake(now, &TIMING).sends.len());
        assert_eq!(ledger.wake(now, &TIMING).sends.len(), 0, "not twice in one second");
        now = now.after(seconds(1));
    }
    assert_eq!(sends, [100, 100, 49]);
}

#[test]
fn a_quiet_job_is_probed_with_its_oldest_pack_ever_more_rarely() {
    let mut ledger = sent(3);
    let mut now = START;
    let mut waits = Vec::new();
    for probe in 0..5 {
        let next = ledger.next_wake(&TIMING).unwrap();
        waits.push(next.since(now).as_secs());
        now = next;
        assert_eq!(ledger.wake(now, &TIMING).sends, [Send::Pack(PackId(probe % 3))]);
    }
    assert_eq!(waits, [20, 40, 80, 150, 150]);
}

#[test]
fn any_arrival_ends_the_quiet() {
    let mut ledger = sent(2);
    let mut now = START;
    for _ in 0..4 {
        now = ledger.next_wake(&TIMING).unwrap();
        ledger.wake(now, &TIMING);
    }
    arrive(&mut ledger, now, 1, START);
    assert_eq!(ledger.next_wake(&TIMING).unwrap().since(now), TIMING.quiet, "back to the shortest wait");
}

#[test]
fn what_is_not_due_or_held_back_is_not_probed() {
    let mut ledger = Ledger::begin(job());
    let mut part = part("a", 1);
    let due = START.after(seconds(90));
    part.chunks[0].due = Some(due);
    ledger.append(START, part, &TIMING).unwrap();
    told(&mut ledger);
    assert_eq!(ledger.next_wake(&TIMING), Some(due.after(TIMING.quiet)));
    assert_eq!(ledger.wake(due, &TIMING).sends, []);
}
