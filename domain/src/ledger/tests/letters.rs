//! Dead letters on their way to the archive.

use super::*;

#[test]
fn letters_stay_until_every_one_is_confirmed() {
    let mut example = Example::claimed(3);
    example.report(1, dead([0, 2]), Rest::Running);
    let id = LetterPackId(0);
    example.confirm(id, indexes([0]));
    example.confirm(id, indexes([0, 1]));
    assert_eq!(example.ledger.letters(id).unwrap().unconfirmed, indexes([2]));
    example.confirm(id, indexes([2]));
    assert_eq!(example.ledger.letters(id), None);
}

#[test]
fn confirming_again_or_what_is_not_known_changes_nothing() {
    let mut example = Example::claimed(1);
    example.report(1, dead([0]), Rest::Running);
    example.confirm(LetterPackId(0), indexes([0]));
    example.ledger.take_changes();
    example.confirm(LetterPackId(0), indexes([0]));
    example.confirm(LetterPackId(9), indexes([0]));
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
    example.confirm(LetterPackId(0), indexes([0]));
    let late = example.report(1, done([0]), Rest::Running);
    assert_eq!(late.sends, [Send::Letters(LetterPackId(1))]);
    assert_eq!(late.record.unwrap().late, indexes([0]));
    assert!(example.ledger.letters(LetterPackId(1)).unwrap().late_success);
    assert_eq!(example.counts(), [0, 0, 0, 0, 1, 0], "it stays dead");

    let again = example.report(1, done([0]), Rest::Running);
    assert_eq!((again.sends, again.record.is_none()), (late.sends, true), "once only");
}

/// A job whose letters went on their way at the start, `packs` packs of them.
fn sent(packs: u32) -> Example {
    let tasks = packs * 200;
    let mut example = Example::claimed(tasks);
    let dead = (0..tasks).map(|index| (index, Reason::Exhausted, 0)).collect();
    let settled = example.report(1, Report { dead, errors: boom(), ..Report::default() }, Rest::Running);
    assert_eq!(settled.sends.len(), packs as usize);
    told(&mut example.ledger);
    example
}

fn pack(number: u32) -> (LetterPackId, Indexes) {
    (LetterPackId(number), (number * 200..(number + 1) * 200).collect())
}

#[test]
fn a_backlog_is_not_sent_again_however_long_it_lasts() {
    let mut example = sent(100);
    for number in 0..100 {
        example.pass(TIMING.resend - seconds(1));
        assert_eq!(example.wake(), [], "{number} packs are archived");
        let (id, tasks) = pack(number);
        example.ledger.confirm(example.now, id, &tasks, START);
    }
    assert_eq!(example.ledger.job().letter_flow.probes, 0);
}

#[test]
fn a_confirmed_message_proves_lost_what_was_sent_well_before_it() {
    let mut example = sent(3);
    example.pass(TIMING.resend + seconds(1));
    let (id, tasks) = pack(1);
    example.confirm(id, tasks);
    assert_eq!(example.ledger.next_wake(&TIMING), Some(Timestamp::default()), "at once");
    assert_eq!(example.wake(), [0, 2].map(|id| Send::Letters(LetterPackId(id))));
    assert_eq!(example.wake(), [], "they are under way again");
}

#[test]
fn a_confirmed_message_proves_nothing_of_what_was_sent_just_before_it() {
    let mut example = sent(3);
    example.pass(TIMING.resend);
    let (id, tasks) = pack(1);
    example.confirm(id, tasks);
    assert_eq!(example.wake(), []);
}

#[test]
fn where_nothing_is_confirmed_one_pack_of_letters_is_probed_ever_more_rarely() {
    let mut example = sent(3);
    let mut waits = Vec::new();
    for probe in 0..6 {
        let next = example.ledger.next_wake(&TIMING).unwrap();
        waits.push(next.since(example.now).as_secs());
        example.now = next;
        assert_eq!(example.wake(), [Send::Letters(LetterPackId(probe % 3))]);
    }
    assert_eq!(waits, [20, 40, 80, 160, 300, 300]);
    let (id, tasks) = pack(1);
    example.ledger.confirm(example.now, id, &tasks, START);
    assert_eq!(example.ledger.next_wake(&TIMING).unwrap().since(example.now), TIMING.resend, "the quiet is over");
}

#[test]
fn lost_letters_are_sent_again_a_hundred_packs_a_second() {
    let mut example = sent(150);
    example.pass(TIMING.resend * 2);
    let (id, tasks) = pack(149);
    example.confirm(id, tasks);
    assert_eq!(example.wake().len(), 100);
    assert_eq!(example.wake().len(), 0, "not twice in one second");
    example.pass(seconds(1));
    assert_eq!(example.wake().len(), 49);
}

#[test]
fn letters_that_did_not_fit_an_answer_are_sent_by_the_alarm_at_once() {
    let mut example = sent(3);
    example.ledger.not_sent([LetterPackId(1), LetterPackId(2), LetterPackId(7)]);
    assert_eq!(example.ledger.next_wake(&TIMING), Some(Timestamp::default()));
    assert_eq!(example.wake(), [1, 2].map(|id| Send::Letters(LetterPackId(id))));
    assert_eq!(example.wake(), []);
}

#[test]
fn unconfirmed_letters_are_sent_again_also_after_the_job_completed() {
    let mut example = Example::claimed(1);
    example.report(1, dead([0]), Rest::Running);
    assert_eq!(example.ledger.job().state(), JobState::Completed);
    example.pass(TIMING.resend);
    assert_eq!(example.wake(), [Send::Letters(LetterPackId(0))]);
    example.confirm(LetterPackId(0), indexes([0]));
    told(&mut example.ledger);
    assert_eq!(example.ledger.next_wake(&TIMING), Some(START.after(TIMING.keep)), "until it expires");
}
