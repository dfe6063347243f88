//! The index of jobs hears of every change, at last.

use super::*;

/// The index has not heard of it.
fn untold(mut example: Example) -> Example {
    example.ledger.job.index = Index::default();
    example
}

/// A task submitted alone.
fn unlisted(mut example: Example) -> Example {
    example.ledger.job.unlisted = true;
    example
}

#[test]
fn it_is_told_of_a_job_once_unless_the_job_takes_long() {
    let mut example = untold(Example::claimed(1));
    example.report(1, done([0]), Rest::HandedBack);
    assert!(!example.ledger.wake(START, &TIMING).tell_index, "more may follow");
    assert_eq!(example.ledger.next_wake(&TIMING), Some(START.after(seconds(1))));
    example.pass(seconds(1));
    assert!(example.ledger.wake(example.now, &TIMING).tell_index);
    let state = example.ledger.indexed_state();
    assert_eq!((state.state, state.settled), (JobState::Completed, true));
    told(&mut example.ledger);
    assert!(!example.ledger.wake(example.now, &TIMING).tell_index);
}

#[test]
fn it_is_told_a_second_after_the_job_began_however_soon_the_job_ended() {
    let mut example = untold(Example::claimed(1));
    example.pass(Duration::from_millis(300));
    example.report(1, done([0]), Rest::HandedBack);
    assert_eq!(example.ledger.next_wake(&TIMING), Some(START.after(seconds(1))));
}

#[test]
fn of_an_unlisted_job_that_ends_before_it_is_told_it_hears_only_when_the_job_expires() {
    let mut example = unlisted(untold(Example::claimed(1)));
    example.report(1, done([0]), Rest::HandedBack);
    assert_eq!(example.ledger.next_wake(&TIMING), Some(START.after(TIMING.keep)), "nothing to do before it expires");
    example.pass(TIMING.keep);
    let woken = example.ledger.wake(example.now, &TIMING);
    assert!(woken.tell_index && !woken.delete, "who asks for it later is to hear that it has expired");
    assert!(example.ledger.indexed_state().expired);
    told(&mut example.ledger);
    assert!(example.ledger.wake(example.now, &TIMING).delete);
}

#[test]
fn of_an_unlisted_job_that_it_may_have_heard_of_it_is_told_the_end() {
    let mut example = unlisted(untold(Example::claimed(1)));
    example.pass(seconds(1));
    assert!(example.ledger.wake(example.now, &TIMING).tell_index, "and its answer is lost");
    example.report(1, done([0]), Rest::HandedBack);
    example.pass(TIMING.resend);
    assert!(example.ledger.wake(example.now, &TIMING).tell_index, "or it would be looked after until it expires");
}

#[test]
fn of_an_unlisted_job_that_takes_long_it_is_told_so_that_it_is_looked_after() {
    let mut example = unlisted(untold(Example::waiting(1)));
    example.pass(seconds(1));
    assert!(example.ledger.wake(example.now, &TIMING).tell_index);
}

#[test]
fn what_it_could_not_be_told_it_is_told_again_ever_more_rarely() {
    let mut example = untold(Example::waiting(1));
    example.ledger.job.flow.last_probe = START.after(seconds(10_000));
    let mut waits = Vec::new();
    for _ in 0..6 {
        let next = example.ledger.next_wake(&TIMING).unwrap();
        waits.push(next.since(example.now).as_secs());
        example.now = next;
        assert!(example.ledger.wake(next, &TIMING).tell_index);
    }
    assert_eq!(waits, [1, 20, 40, 80, 160, 300]);
}

#[test]
fn what_it_was_told_of_an_older_version_is_not_taken_for_the_newest() {
    let mut example = untold(Example::waiting(1));
    example.pass(seconds(1));
    example.wake();
    let state = example.ledger.indexed_state();
    example.ledger.indexed(0, state);
    assert_eq!(example.ledger.job().index.told, None);
    example.ledger.indexed(1, state);
    assert_eq!(example.ledger.job().index.told, Some(state));
}
