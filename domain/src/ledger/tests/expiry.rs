//! What nobody touches any more is sealed, and in the end deleted.

use super::*;

#[test]
fn an_open_job_that_nobody_touches_is_sealed() {
    let mut ledger = Ledger::begin(job());
    ledger.append(START.after(seconds(100)), part("a", 1), &TIMING).unwrap();
    let due = START.after(seconds(100) + TIMING.open);
    ledger.wake(Timestamp::from_millis(due.as_millis() - 1), &TIMING);
    assert_eq!(ledger.job().sealed_at, None);
    ledger.wake(due, &TIMING);
    assert_eq!((ledger.job().sealed_at, ledger.job().sealed_by), (Some(due), Some(SealedBy::Expiry)));
    assert_eq!(ledger.append(due, part("b", 1), &TIMING), Err(AppendRefusal::Sealed));
}

#[test]
fn an_open_job_without_tasks_completes_when_it_expires() {
    let mut ledger = Ledger::begin(job());
    ledger.wake(START.after(TIMING.open), &TIMING);
    assert_eq!(ledger.job().state(), JobState::Completed);
}

#[test]
fn a_job_is_deleted_once_it_was_kept_as_promised_and_the_index_knows() {
    let mut example = Example::claimed(1);
    example.report(1, done([0]), Rest::HandedBack);
    told(&mut example.ledger);
    example.pass(TIMING.keep);
    assert_eq!(example.ledger.next_wake(&TIMING), Some(example.now));
    let woken = example.ledger.wake(example.now, &TIMING);
    assert!(!woken.delete && !woken.tell_index, "the index is told a moment later");
    example.pass(seconds(1));
    assert!(example.ledger.wake(example.now, &TIMING).tell_index);
    assert!(!example.ledger.is_spent(), "and if it cannot be told nothing is deleted");
    told(&mut example.ledger);
    assert!(example.ledger.wake(example.now, &TIMING).delete);
    assert!(example.ledger.next_wake(&TIMING).is_some(), "a crash before it is deleted changes nothing");
}

#[test]
fn a_job_is_kept_while_a_letter_of_it_is_not_archived() {
    let mut example = Example::claimed(1);
    example.report(1, dead([0]), Rest::HandedBack);
    example.pass(TIMING.keep);
    example.wake();
    assert_eq!(example.ledger.job().expired_at, None);
    example.confirm(LetterPackId(0), indexes([0]));
    example.wake();
    assert_eq!(example.ledger.job().expired_at, Some(example.now));
}
