//! The rules of a replay.

mod histories;

use super::*;
use crate::triage::{Action, Canary, Filter};

const NOW: Timestamp = Timestamp::from_millis(1_792_000_000_000);
const WAITS: Waits =
    Waits { poll: Duration::from_secs(1), poll_max: Duration::from_secs(8), keep: Duration::from_secs(86_400) };

fn body(canary: Option<Canary>, rate: Option<f64>) -> ReplayRequest {
    let filter = Filter { all: true, ..Filter::default() };
    ReplayRequest { filter, patch: None, dry_run: false, canary, rate, force: false }
}

fn replay(frozen: u32, body: ReplayRequest) -> Replay {
    let id = "0199f0c2a0007abc8def0123456789ab".parse().unwrap();
    let (key, content) = ("ops".to_owned(), "00ff".to_owned());
    Replay::begin(Request { id, key, created_at: NOW, content, body, lane: Lane::Default, frozen })
}

fn canary(stages: &[u32], halt_above: f64) -> Option<Canary> {
    Some(Canary { stages: stages.to_vec(), halt_above })
}

fn range(from: u32, to: u32) -> Indexes {
    (from..to).collect()
}

/// What it does next besides telling.
fn next(replay: &mut Replay, now: Timestamp) -> Step {
    loop {
        match replay.next(now, &WAITS) {
            Step::Tell => {
                replay.tell(now, Duration::from_secs(5));
                replay.told(replay.progress.entries_made, replay.state());
            }
            step => return step,
        }
    }
}

/// Decides and appends the next portion; all of it is taken.
fn send(replay: &mut Replay, now: Timestamp) -> u32 {
    let Step::Decide { from, most } = next(replay, now) else { panic!("nothing to decide") };
    replay.decided(Portion { to: from + most, taken: range(from, from + most), ..Portion::default() });
    assert_eq!(next(replay, now), Step::Append);
    replay.sent(now, &WAITS);
    most
}

fn end(replay: &mut Replay, now: Timestamp, stage: usize, outcomes: &Outcomes) {
    let ended = replay.ended(stage, outcomes);
    replay.polled(now, &ended, Duration::ZERO, &WAITS);
}

#[test]
fn nothing_is_sent_before_the_journal_has_it() {
    let mut replay = replay(3, body(None, None));
    assert_eq!(replay.next(NOW, &WAITS), Step::Tell);
    replay.tell(NOW, Duration::from_secs(5));
    assert_eq!(replay.next(NOW, &WAITS), Step::Wait(Some(NOW.after(Duration::from_secs(5)))));
    replay.told(1, ReplayState::Running);
    assert_eq!(replay.next(NOW, &WAITS), Step::Decide { from: 0, most: 3 });
}

#[test]
fn all_is_sent_in_one_job_which_the_last_portion_seals() {
    let mut replay = replay(2_500, body(None, None));
    for expected in [1_000, 1_000, 500] {
        let before = replay.progress.stages.first().is_some_and(|stage| stage.sealed);
        assert!(!before);
        assert_eq!(send(&mut replay, NOW), expected);
    }
    assert!(replay.progress.stages[0].sealed);
    assert_eq!(next(&mut replay, NOW), Step::Wait(Some(NOW.after(WAITS.poll))));
    assert_eq!(replay.replay_task(1_700).unwrap().index, 1_700);

    let later = NOW.after(WAITS.poll);
    assert_eq!(next(&mut replay, later), Step::Poll);
    let outcomes = Outcomes { succeeded: range(0, 2_400), dead: range(2_400, 2_500), ..Outcomes::default() };
    end(&mut replay, later, 0, &outcomes);
    assert_eq!(next(&mut replay, later), Step::Wait(Some(later.after(WAITS.keep))));
    let counts = replay.counts();
    assert_eq!((counts.frozen, counts.sent, counts.succeeded, counts.died_again), (2_500, 2_500, 2_400, 100));
    assert_eq!(replay.state(), ReplayState::Completed);
    assert_eq!(next(&mut replay, later.after(WAITS.keep)), Step::Delete);
}

#[test]
fn what_is_refused_or_skipped_has_no_task_and_the_others_keep_their_order() {
    let mut replay = replay(6, body(None, None));
    next(&mut replay, NOW);
    let portion = Portion {
        to: 6,
        taken: [1, 3, 5].into_iter().collect(),
        refused: [0].into_iter().collect(),
        skipped: [2, 4].into_iter().collect(),
        seals: false,
    };
    replay.decided(portion);
    replay.sent(NOW, &WAITS);
    let index = |item| replay.replay_task(item).map(|task| task.index);
    assert_eq!((0..6).map(index).collect::<Vec<_>>(), [None, Some(0), None, Some(1), None, Some(2)]);
    let ended = replay.ended(0, &Outcomes { succeeded: range(1, 2), ..Outcomes::default() });
    assert_eq!(ended.succeeded, [3].into_iter().collect());
}

#[test]
fn a_canary_sends_a_few_and_waits_for_their_outcome() {
    let mut replay = replay(100, body(canary(&[5, 10], 0.2), None));
    assert_eq!(send(&mut replay, NOW), 5);
    assert!(matches!(next(&mut replay, NOW), Step::Wait(Some(_))), "not judged yet");
    // One of five is not above a fifth.
    let outcomes = Outcomes { succeeded: range(0, 4), dead: range(4, 5), ..Outcomes::default() };
    end(&mut replay, NOW, 0, &outcomes);
    assert_eq!(send(&mut replay, NOW), 10);
    assert_ne!(replay.job(0), replay.job(1));
    assert_eq!(replay.replay_task(5), Some(crate::id::TaskId { job: replay.job(1), index: 0 }));

    let outcomes = Outcomes { succeeded: range(0, 7), dead: range(7, 10), ..Outcomes::default() };
    end(&mut replay, NOW, 1, &outcomes);
    assert_eq!(next(&mut replay, NOW), Step::Wait(None));
    assert_eq!(replay.state(), ReplayState::Halted);
    assert_eq!(replay.progress.halted, Some(Halt { stage: 2, failed: 3, of: 10 }));

    replay.resume(NOW, "boss").unwrap();
    assert_eq!(replay.progress.entries.last().unwrap().action, Action::Resume);
    assert_eq!(send(&mut replay, NOW), 85);
}

#[test]
fn what_is_refused_speaks_against_a_canary_and_what_is_skipped_proves_nothing() {
    let mut replay = replay(100, body(canary(&[2], 0.0), None));
    next(&mut replay, NOW);
    replay.decided(Portion { to: 2, skipped: range(0, 2), ..Portion::default() });
    replay.sent(NOW, &WAITS);
    assert_eq!(next(&mut replay, NOW), Step::Decide { from: 2, most: 2 }, "two others in their place");
    replay.decided(Portion { to: 4, refused: range(2, 4), ..Portion::default() });
    replay.sent(NOW, &WAITS);
    assert_eq!(next(&mut replay, NOW), Step::Wait(None));
    assert_eq!(replay.progress.halted, Some(Halt { stage: 1, failed: 2, of: 2 }));
}

#[test]
fn a_rate_is_kept_and_what_was_sent_is_looked_after_meanwhile() {
    let mut replay = replay(100, body(None, Some(0.25)));
    assert_eq!(send(&mut replay, NOW), 1);
    assert_eq!(next(&mut replay, NOW), Step::Wait(Some(NOW.after(WAITS.poll))));
    let polled = NOW.after(WAITS.poll);
    assert_eq!(next(&mut replay, polled), Step::Poll);
    end(&mut replay, polled, 0, &Outcomes { succeeded: range(0, 1), ..Outcomes::default() });
    let due = NOW.after(Duration::from_secs(4));
    assert_eq!(next(&mut replay, polled), Step::Wait(Some(due)));
    assert_eq!(send(&mut replay, due), 1);
}

#[test]
fn nothing_new_makes_polls_rarer_and_news_make_them_frequent_again() {
    let mut replay = replay(2, body(None, None));
    send(&mut replay, NOW);
    let mut now = NOW;
    let mut waits = Vec::new();
    for _ in 0..5 {
        let at = replay.progress.poll_at;
        waits.push(at.since(now).as_secs());
        now = at;
        end(&mut replay, now, 0, &Outcomes::default());
    }
    assert_eq!(waits, [1, 2, 4, 8, 8]);
    end(&mut replay, now, 0, &Outcomes { succeeded: range(0, 1), ..Outcomes::default() });
    assert_eq!(replay.progress.poll_at, now.after(WAITS.poll));
}

#[test]
fn cancel_gives_back_what_waits_and_ends_once_nothing_runs() {
    let mut replay = replay(100, body(canary(&[10], 0.0), None));
    send(&mut replay, NOW);
    replay.cancel(NOW, "ops").unwrap();
    replay.cancel(NOW, "ops").unwrap();
    assert_eq!(replay.progress.entries.len(), 1, "written once");
    assert_eq!(replay.progress.entries[0].count, 100);
    assert_eq!(next(&mut replay, NOW), Step::Release(10));
    replay.released();
    assert_eq!(next(&mut replay, NOW), Step::CancelJobs);
    replay.jobs_canceled();
    assert_eq!(next(&mut replay, NOW), Step::Poll);
    assert_eq!(replay.state(), ReplayState::Running);
    let outcomes = Outcomes { succeeded: range(0, 3), canceled: range(3, 10), ..Outcomes::default() };
    end(&mut replay, NOW, 0, &outcomes);
    next(&mut replay, NOW);
    assert_eq!(replay.state(), ReplayState::Canceled);
    assert_eq!((replay.counts().canceled, replay.counts().succeeded), (97, 3));
    assert_eq!(replay.resume(NOW, "ops"), Err(NotNow::Canceled));
}

#[test]
fn what_was_decided_is_appended_before_a_cancel_is_heard() {
    let mut replay = replay(10, body(None, None));
    next(&mut replay, NOW);
    replay.decided(Portion { to: 10, taken: range(0, 10), ..Portion::default() });
    replay.cancel(NOW, "ops").unwrap();
    assert_eq!(next(&mut replay, NOW), Step::Append, "it may be appended already");
    replay.sent(NOW, &WAITS);
    assert_eq!(next(&mut replay, NOW), Step::CancelJobs);
}

#[test]
fn a_stage_whose_job_somebody_canceled_gives_back_what_it_took() {
    let mut replay = replay(1_500, body(None, None));
    send(&mut replay, NOW);
    let Step::Decide { from, most } = next(&mut replay, NOW) else { panic!("nothing to decide") };
    replay.decided(Portion { to: from + most, taken: range(from, from + most), ..Portion::default() });
    replay.turned_away();
    assert_eq!(replay.counts().canceled, 500);
    end(&mut replay, NOW, 0, &Outcomes { canceled: range(0, 1_000), ..Outcomes::default() });
    next(&mut replay, NOW);
    assert_eq!(replay.state(), ReplayState::Completed);
}

#[test]
fn a_canary_that_somebody_canceled_proves_nothing_and_halts() {
    let mut replay = replay(30, body(canary(&[5], 0.5), None));
    send(&mut replay, NOW);
    end(&mut replay, NOW, 0, &Outcomes { canceled: range(0, 5), ..Outcomes::default() });
    assert_eq!(next(&mut replay, NOW), Step::Wait(None));
    assert_eq!(replay.progress.halted, Some(Halt { stage: 1, failed: 5, of: 5 }));
}

#[test]
fn what_is_turned_away_halts_before_the_rest_is_taken_and_given_back_in_vain() {
    let mut replay = replay(3_000, body(None, None));
    next(&mut replay, NOW);
    replay.decided(Portion { to: 1_000, taken: range(0, 1_000), ..Portion::default() });
    replay.turned_away();
    assert_eq!((replay.state(), replay.counts().waiting), (ReplayState::Halted, 2_000));
    replay.resume(NOW, "ops").unwrap();
    assert_eq!(next(&mut replay, NOW), Step::Decide { from: 1_000, most: 1_000 });
    assert_ne!(replay.job(1), replay.job(0), "in a job of its own");
}

#[test]
fn what_cannot_be_sent_any_more_is_refused_and_the_others_keep_their_order() {
    let mut replay = replay(3, body(None, None));
    next(&mut replay, NOW);
    replay.decided(Portion { to: 3, taken: range(0, 3), ..Portion::default() });
    replay.shrink(&range(1, 2));
    replay.sent(NOW, &WAITS);
    assert_eq!((replay.verdict(1), replay.replay_task(2).unwrap().index), (ItemVerdict::Refused, 1));
    let tasks: Vec<u32> = replay.replay_tasks(&range(0, 3)).iter().map(|task| task.index).collect();
    assert_eq!(tasks, [0, 1]);
}

#[test]
fn a_poll_that_took_long_is_not_soon_repeated() {
    let mut replay = replay(2, body(None, None));
    send(&mut replay, NOW);
    let ended = replay.ended(0, &Outcomes { succeeded: range(0, 1), ..Outcomes::default() });
    replay.polled(NOW, &ended, Duration::from_secs(3), &WAITS);
    assert_eq!(replay.progress.poll_at, NOW.after(Duration::from_secs(15)));
}

#[test]
fn what_has_ended_takes_no_word_any_more() {
    let mut replay = replay(1, body(None, None));
    send(&mut replay, NOW);
    end(&mut replay, NOW, 0, &Outcomes { succeeded: range(0, 1), ..Outcomes::default() });
    next(&mut replay, NOW);
    assert_eq!(replay.cancel(NOW, "ops"), Err(NotNow::Completed));
    assert_eq!(replay.resume(NOW, "ops"), Err(NotNow::Completed));
}
