//! Append and seal.

use super::*;
use crate::limits::{JOB_BYTES, JOB_PACKS, JOB_PARTS, JOB_TASKS};

#[test]
fn a_repeat_has_its_packs_sent_again_once_unless_a_message_has_arrived() {
    let repeat = |example: &mut Example| {
        example.ledger.append(example.now, NewPart { seal: true, ..part("first", 3) }, &TIMING).unwrap();
        example.wake()
    };
    let mut example = Example::waiting(3);
    assert_eq!(repeat(&mut example), [Send::Pack(PACK)], "its first try may have ended before it had sent them");
    assert_eq!(repeat(&mut example), [], "a caller may repeat many times");
    let mut example = Example::claimed(3);
    assert_eq!(repeat(&mut example), [], "the outbox knows what is lost");
}

#[test]
fn a_seal_is_repeated_also_after_a_cancel_and_a_cancel_is_no_seal() {
    let mut example = Example::waiting(3);
    example.pass(seconds(1));
    example.cancel();
    assert!(example.ledger.seal(example.now, 3, Source::Api).is_ok(), "it was sealed before");
    let mut ledger = Ledger::begin(job());
    ledger.cancel(START).unwrap();
    assert_eq!(ledger.seal(START, 0, Source::Api).map(drop), Err(SealRefusal::Canceled));
}

#[test]
fn the_same_part_again_changes_nothing_also_after_seal_and_cancel() {
    let mut ledger = Ledger::begin(job());
    let Ok(Appended::New(first)) = ledger.append(START, part("a", 3), &TIMING) else { panic!("not new") };
    // That its packs were sent again is remembered, and nothing of the answer.
    ledger.append(START.after(seconds(9)), part("a", 3), &TIMING).unwrap();
    let repeat = Ok(Appended::Repeat(Part { resent: true, ..first }));
    ledger.take_changes();
    ledger.seal(START, 3, Source::Api).unwrap();
    assert_eq!(ledger.append(START, part("a", 3), &TIMING), repeat);
    ledger.cancel(START).unwrap();
    ledger.take_changes();
    assert_eq!(ledger.append(START, part("a", 3), &TIMING), repeat);
    assert!(ledger.take_changes().is_empty());
}

#[test]
fn a_known_key_with_other_content_is_refused() {
    let mut ledger = Ledger::begin(job());
    ledger.append(START, part("a", 3), &TIMING).unwrap();
    assert_eq!(ledger.append(START, part("a", 4), &TIMING), Err(AppendRefusal::OtherContent));
    assert_eq!(ledger.counts().accepted, 3);
}

#[test]
fn indexes_and_packs_count_on_from_part_to_part() {
    let mut ledger = Ledger::begin(job());
    ledger.append(START, part("a", 3), &TIMING).unwrap();
    let Ok(Appended::New(second)) = ledger.append(START, part("b", 2), &TIMING) else { panic!("not new") };
    assert_eq!((second.base, second.tasks, second.first_pack), (3, 2, PackId(1)));
    assert_eq!(ledger.pack(PackId(1)).unwrap().unsettled, indexes([3, 4]));
}

#[test]
fn a_sealed_or_canceled_job_takes_no_new_part() {
    let mut sealed = Example::waiting(1).ledger;
    assert_eq!(sealed.append(START, part("b", 1), &TIMING), Err(AppendRefusal::Sealed));
    sealed.cancel(START).unwrap();
    assert_eq!(sealed.append(START, part("b", 1), &TIMING), Err(AppendRefusal::Canceled));
}

#[test]
fn a_job_takes_no_more_than_its_ledger_can_hold() {
    let chunk = |tasks: u32, bytes: usize| {
        let mut indexes = Indexes::new();
        indexes.insert_range(0, tasks);
        NewChunk { kind: Kind::Simulate, due: None, indexes, bytes }
    };
    let of = |key: &str, chunks: Vec<NewChunk>| NewPart { chunks, ..part(key, 0) };
    let mut ledger = Ledger::begin(job());
    ledger.append(START, part("a", 2), &TIMING).unwrap();
    for (chunks, full) in [
        (vec![chunk(JOB_TASKS - 1, 1)], JobFull::Tasks),
        (vec![chunk(1, 1); JOB_PACKS as usize], JobFull::Packs),
        (vec![chunk(1, JOB_BYTES as usize - 19)], JobFull::Bytes),
    ] {
        let before = ledger.clone();
        let refused = ledger.append(START, of("b", chunks), &TIMING);
        assert_eq!(refused, Err(AppendRefusal::Full(full)));
        assert_eq!(ledger, before, "nothing changed");
    }
    ledger.append(START, of("c", vec![chunk(JOB_TASKS - 2, JOB_BYTES as usize - 20)]), &TIMING).unwrap();
    assert_eq!(ledger.append(START, part("d", 1), &TIMING), Err(AppendRefusal::Full(JobFull::Tasks)));
    ledger.seal(START, JOB_TASKS, Source::Api).unwrap();
    assert_eq!(ledger.append(START, part("d", 1), &TIMING), Err(AppendRefusal::Full(JobFull::Tasks)), "as before");
    assert!(matches!(ledger.append(START, part("a", 2), &TIMING), Ok(Appended::Repeat(_))));
}

#[test]
fn a_job_takes_parts_and_its_seal_of_its_owner_only() {
    for source in Source::ALL {
        let mut ledger = Ledger::begin(Job { source, ..job() });
        ledger.append(START, NewPart { owner: source, ..part("a", 2) }, &TIMING).unwrap();
        for stranger in Source::ALL.into_iter().filter(|other| *other != source) {
            let before = ledger.clone();
            for key in ["a", "b"] {
                let foreign = NewPart { owner: stranger, ..part(key, 2) };
                assert_eq!(ledger.append(START, foreign, &TIMING), Err(AppendRefusal::Foreign(source)));
            }
            assert_eq!(ledger.seal(START, 2, stranger).map(drop), Err(SealRefusal::Foreign(source)));
            assert_eq!(ledger, before, "nothing changed");
        }
        ledger.seal(START, 2, source).unwrap();
    }
}

#[test]
fn a_part_whose_owner_goes_by_its_place_has_that_place_or_is_refused() {
    let mut ledger = Ledger::begin(job());
    let at = |key: &str, at| NewPart { at: Some(at), ..part(key, 2) };
    ledger.append(START, at("a", 0), &TIMING).unwrap();
    let refused = ledger.append(START, at("b", 1), &TIMING);
    assert_eq!(refused, Err(AppendRefusal::OtherPlace { accepted: 2, expected: 1 }));
    let Ok(Appended::New(part)) = ledger.append(START, at("b", 2), &TIMING) else { panic!("it is in its place") };
    assert_eq!(part.base, 2);
    assert!(matches!(ledger.append(START, at("a", 0), &TIMING), Ok(Appended::Repeat(_))), "a repeat has its place");
}

#[test]
fn a_job_takes_no_more_parts_than_its_ledger_can_hold() {
    let mut ledger = Ledger::begin(job());
    for number in 0..JOB_PARTS {
        ledger.append(START, part(&number.to_string(), 1), &TIMING).unwrap();
    }
    assert_eq!(ledger.append(START, part("more", 1), &TIMING), Err(AppendRefusal::Full(JobFull::Parts)));
}

#[test]
fn sealing_needs_the_right_count_and_may_be_repeated() {
    let mut ledger = Ledger::begin(job());
    ledger.append(START, part("a", 3), &TIMING).unwrap();
    assert_eq!(ledger.seal(START, 2, Source::Api), Err(SealRefusal::OtherCount { accepted: 3, claimed: 2 }));
    assert_eq!(ledger.job().state(), JobState::Open);
    assert_eq!(ledger.seal(START, 3, Source::Api).unwrap().state(), JobState::Running);
    let sealed_at = ledger.job().sealed_at;
    assert_eq!(ledger.seal(START.after(seconds(5)), 3, Source::Api).unwrap().sealed_at, sealed_at);
}

#[test]
fn only_a_sealed_job_completes_and_an_empty_one_does_so_at_once() {
    let mut ledger = Ledger::begin(job());
    assert_eq!(ledger.job().state(), JobState::Open);
    assert_eq!(ledger.seal(START, 0, Source::Api).unwrap().state(), JobState::Completed);
}

#[test]
fn a_part_with_the_seal_seals() {
    assert_eq!(Example::waiting(2).ledger.job().state(), JobState::Running);
}
