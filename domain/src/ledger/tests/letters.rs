//! Dead letters on their way to the archive.

use super::*;

#[test]
fn letters_stay_until_every_one_is_confirmed() {
    let mut example = Example::claimed(3);
    example.report(1, dead([0, 2]), Rest::Running);
    let id = LetterPackId(0);
    example.ledger.confirm(id, &indexes([0]));
    example.ledger.confirm(id, &indexes([0, 1]));
    assert_eq!(example.ledger.letters(id).unwrap().unconfirmed, indexes([2]));
    example.ledger.confirm(id, &indexes([2]));
    assert_eq!(example.ledger.letters(id), None);
}

#[test]
fn confirming_again_or_what_is_not_known_changes_nothing() {
    let mut example = Example::claimed(1);
    example.report(1, dead([0]), Rest::Running);
    example.ledger.confirm(LetterPackId(0), &indexes([0]));
    example.ledger.take_changes();
    example.ledger.confirm(LetterPackId(0), &indexes([0]));
    example.ledger.confirm(LetterPackId(9), &indexes([0]));
    assert!(example.ledger.take_changes().is_empty());
}

#[test]
fn letters_travel_in_packs_of_at_most_two_hundred() {
    let mut example = Example::claimed(450);
    let dead = (0..450).map(|index| (index, Reason::Exhausted, 0)).collect();
    let settled = example.report(1, Report { dead, errors: boom(), ..Report::default() }, Rest::Running);
    assert_eq!(settled.sends, [0, 1, 2].map(|id| Send::Letters(LetterPackId(id))));
    let sizes = [0, 1, 2].map(|id| example.ledger.letters(LetterPackId(id)).unwrap().unconfirmed.len());
    assert_eq!(sizes, [200, 200, 50]);
}

#[test]
fn after_dead_a_late_done_sends_the_letter_again() {
    let mut example = Example::superseded(1);
    example.report(2, dead([0]), Rest::Running);
    example.ledger.confirm(LetterPackId(0), &indexes([0]));
    let late = example.report(1, done([0]), Rest::Running);
    assert_eq!(late.sends, [Send::Letters(LetterPackId(1))]);
    assert_eq!(late.record.unwrap().late, indexes([0]));
    assert!(example.ledger.letters(LetterPackId(1)).unwrap().late_success);
    assert_eq!(example.counts(), [0, 0, 0, 0, 1, 0], "it stays dead");

    let again = example.report(1, done([0]), Rest::Running);
    assert_eq!((again.sends, again.record.is_none()), (late.sends, true), "once only");
}

#[test]
fn unconfirmed_letters_are_sent_again_also_after_the_job_completed() {
    let mut example = Example::claimed(1);
    example.report(1, dead([0]), Rest::Running);
    assert_eq!(example.ledger.job().state(), JobState::Completed);
    example.pass(TIMING.resend);
    assert_eq!(example.wake(), [Send::Letters(LetterPackId(0))]);
    example.ledger.confirm(LetterPackId(0), &indexes([0]));
    told(&mut example.ledger);
    assert_eq!(example.ledger.next_wake(&TIMING), Some(START.after(TIMING.keep)), "until it expires");
}
