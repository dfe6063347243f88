//! Letters arrive, more than once and in any order, and leave.

use domain::bundle::Bundle;
use domain::dead_letter::{DeadLetter, MalformedCall, malformed};
use domain::id::TaskId;
use domain::time::Timestamp;
use domain::triage::LetterState;
use domain::triage::statements::{bundles_of, discard, list, reap, records, take};
use domain::triage::{Filter, Search};

use super::database::Database;
use super::*;

#[test]
fn a_message_that_comes_again_changes_nothing() {
    let database = Database::new();
    let message = bundle("a", letters(job(1), 0..200));
    database.archive(&message, NOW);
    let before = database.dump();
    database.archive(&message, NOW.after(std::time::Duration::from_secs(60)));
    assert_eq!(database.dump(), before);
    assert_eq!(database.list(&open()).len(), 200);
}

#[test]
fn a_letter_is_read_from_the_bundle_that_brought_it_first() {
    let database = Database::new();
    database.archive(&bundle("a", letters(job(1), 0..3)), NOW);
    database.archive(&bundle("b", letters(job(1), 2..5)), NOW);
    let tasks: Vec<String> = (0..6).map(|index| TaskId { job: job(1), index }.to_string()).collect();
    let mut found = database.rows::<Vec<(String, String)>>(&bundles_of(&tasks)).concat();
    found.sort();
    let keys: Vec<&str> = found.iter().map(|(_, key)| &**key).collect();
    assert_eq!(keys, ["a", "a", "a", "b", "b"]);
}

#[test]
fn callbacks_and_malformed_messages_are_found_by_their_task() {
    let database = Database::new();
    let callback = format!("{}-callback", job(1));
    let of_callback = DeadLetter { task: callback.clone().into(), index: None, ..letter(job(1), 9, "no answer") };
    database.archive(&bundle("a", vec![letter(job(1), 8, "x"), of_callback]), NOW);
    let call = MalformedCall { message: "m-7".into(), lane: None, body: "{".into(), fault: "EOF".into() };
    database.archive(&Bundle::of_malformed(malformed(&call, NOW)), NOW);
    for task in [&*callback, "message-m-7", &TaskId { job: job(1), index: 8 }.to_string()] {
        let found = database.rows::<domain::triage::statements::Listed>(&records(&[task]));
        let found: Vec<String> = found.into_iter().map(|row| row.into_letter().task).collect();
        assert_eq!(found, [task]);
    }
    for task in ["message-m", "x", "", "message-m-7-7", &*job(1).to_string()] {
        assert_eq!(database.texts(&records(&[task])).len(), 0, "{task}");
    }
    assert_eq!(database.list(&of_job(job(1))).len(), 2, "a job's letters are its own, its callback's too");
}

#[test]
fn an_id_that_comes_again_after_its_job_was_deleted_is_a_new_letter() {
    let database = Database::new();
    let task = TaskId { job: job(1), index: 1 }.to_string();
    database.archive(&bundle("a", letters(job(1), 0..3)), NOW);
    database.transact(&take(&[&task], replay(1), false, NOW));
    let later = Bundle { born: NOW, ..bundle("b", vec![letter(job(1), 1, "another cause")]) };
    database.archive(&later, NOW);
    let found = database.list(&of_job(job(1)));
    assert_eq!(found.len(), 3);
    let new = found.iter().find(|letter| letter.task == task).unwrap();
    assert_eq!((new.state, &*new.error.message, &*new.bundle), (LetterState::Open, "another cause", "b"));
    assert!(new.replays.is_empty());

    let before = database.dump();
    database.archive(&bundle("a", letters(job(1), 0..3)), NOW);
    let late = DeadLetter { late_success: true, ..letter(job(1), 1, "x") };
    database.archive(&bundle("a", vec![late]), NOW);
    assert_eq!(database.dump(), before, "what comes late of the earlier job does not touch it");
}

#[test]
fn a_late_success_is_noted_whichever_letter_comes_first() {
    let dead = bundle("a", vec![letter(job(1), 0, "x")]);
    let late = bundle("b", vec![DeadLetter { late_success: true, ..letter(job(1), 0, "x") }]);
    for order in [[&dead, &late], [&late, &dead]] {
        let database = Database::new();
        order.iter().chain(&order).for_each(|bundle| database.archive(bundle, NOW));
        let found = database.list(&open());
        assert_eq!(found.iter().map(|letter| letter.late_success).collect::<Vec<_>>(), [true]);
        assert_eq!(found[0].bundle, order[0].key);
    }
}

#[test]
fn letters_that_were_kept_long_enough_leave_with_all_that_is_stored_of_them() {
    let database = Database::new();
    let day = |day: u64| Timestamp::from_millis(NOW.as_millis() + day * 86_400_000);
    for number in 0..12_u8 {
        let indexes = u32::from(number) * 10..u32::from(number) * 10 + 10;
        database.archive(&bundle(&number.to_string(), letters(job(number % 2), indexes)), day(number.into()));
    }
    database.transact(&discard(&of_job(job(0)), "key", day(12)));
    let mut left = Vec::new();
    loop {
        let answers = database.transact(&reap(day(9)));
        if answers[2].is_empty() {
            break;
        }
        left.push(answers[0].len());
    }
    assert_eq!(left, [50, 40], "whatever their state");
    assert_eq!(
        [database.count("dead_letters"), database.count("bundles"), database.count("letter_owners")],
        [30, 3, 2]
    );
    let search = Filter { search: Some(Search::new("order").unwrap()), ..Filter::default() };
    assert_eq!(database.texts(&list(&search, None, 200)).len(), 30, "nor is it found any more");
    while !database.transact(&reap(day(20)))[2].is_empty() {}
    let tables = ["dead_letters", "bundles", "letter_owners"];
    assert_eq!(tables.map(|table| database.count(table)), [0; 3]);
}
