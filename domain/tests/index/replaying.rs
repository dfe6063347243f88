//! Letters are replayed, and die again.

use domain::id::TaskId;
use domain::triage::statements::{Held, held, reported, still_replayed, take};
use domain::triage::{LetterState, ReplayVerdict};

use super::database::Database;
use super::*;

/// Three letters of job 1, the first two taken by replay 1.
fn taken() -> (Database, [String; 3]) {
    let database = Database::new();
    database.archive(&bundle("first", letters(job(1), 0..3)), NOW);
    let tasks = [0, 1, 2].map(|index| TaskId { job: job(1), index }.to_string());
    database.transact(&take(&[&tasks[0], &tasks[1], "unknown"], replay(1), false, NOW));
    (database, tasks)
}

fn states(database: &Database) -> Vec<LetterState> {
    let mut all = database.list(&of_job(job(1)));
    all.sort_by(|a, b| a.task.cmp(&b.task));
    all.into_iter().map(|letter| letter.state).collect()
}

use LetterState::{Open, Replayed, Resolved};

#[test]
fn a_replay_has_what_it_took_and_no_other_has_it() {
    let (database, tasks) = taken();
    let has = |by| database.rows::<Held>(&held(&tasks, by)).pop().unwrap().0.len();
    assert_eq!([has(replay(1)), has(replay(2))], [2, 0]);
    database.transact(&take(&[&tasks[0], &tasks[2]], replay(2), false, NOW));
    assert_eq!([has(replay(1)), has(replay(2))], [2, 1]);
    let names: Vec<&str> = tasks.iter().map(String::as_str).collect();
    assert_eq!(database.rows::<Vec<String>>(&still_replayed(&names, replay(2))), [[tasks[2].clone()]]);
}

#[test]
fn what_dies_again_opens_its_origin_and_says_where_its_next_death_is() {
    let (database, tasks) = taken();
    let by = job(2);
    let message = bundle("second", vec![again(by, 0, &tasks[0], replay(1)), again(by, 1, &tasks[1], replay(2))]);
    for _ in 0..2 {
        database.archive(&message, NOW);
        assert_eq!(states(&database), [Open, Replayed, Open], "only by the word of the replay that has it");
        assert_eq!(database.count("dead_letters"), 3, "no letter of its own");
    }
    let all = database.list(&of_job(job(1)));
    let origin = all.iter().find(|letter| letter.task == tasks[0]).unwrap();
    assert_eq!((&*origin.error.message, &*origin.bundle), ("again", "first"));
    assert_eq!(origin.replays[0].verdict, ReplayVerdict::DiedAgain);
    assert_eq!(origin.replays[0].bundle.as_deref(), Some("second"));
}

#[test]
fn what_dies_again_after_its_origin_left_is_a_letter_of_its_own() {
    let (database, _) = taken();
    let gone = TaskId { job: job(1), index: 99 }.to_string();
    for origin in [&*gone, "message-gone", "0199f0c2a0007abc8def0123456789ab-3"] {
        database.archive(&bundle(origin, vec![again(job(3), origin.len() as u32, origin, replay(1))]), NOW);
    }
    assert_eq!(database.list(&of_job(job(3))).len(), 3);
}

#[test]
fn a_late_success_of_what_replayed_it_is_noted_at_the_origin() {
    let (database, tasks) = taken();
    let late = DeadLetter { late_success: true, ..again(job(2), 0, &tasks[0], replay(1)) };
    database.archive(&bundle("late", vec![late]), NOW);
    let late: Vec<bool> = database.list(&of_job(job(1))).iter().map(|letter| letter.late_success).collect();
    assert_eq!(late.iter().filter(|late| **late).count(), 1);
    assert_eq!(states(&database), [Replayed, Replayed, Open]);
}

#[test]
fn letters_leave_a_replay_by_its_own_word_alone() {
    let (database, tasks) = taken();
    let by = TaskId { job: job(2), index: 0 };
    let ended: Vec<(&str, Option<TaskId>)> = tasks.iter().map(|task| (&**task, Some(by))).collect();
    database.transact(&[reported(&ended, replay(2), ReplayVerdict::Succeeded)]);
    assert_eq!(states(&database), [Replayed, Replayed, Open]);
    database.transact(&[reported(&ended[..1], replay(1), ReplayVerdict::Succeeded)]);
    database.transact(&[reported(&ended[1..], replay(1), ReplayVerdict::Canceled)]);
    assert_eq!(states(&database), [Resolved, Open, Open]);
}
