//! Dead letters change their state. What may follow what is [`Origin`](crate::origin::Origin)'s to say; here it is said to
//! the database, as a compare-and-set.

use serde::Deserialize;

use super::{Condition, Statement, TASKS};
use crate::id::{ReplayId, TaskId};
use crate::time::Timestamp;
use crate::triage::slot::{Slot, slots};
use crate::triage::{Action, Filter, LetterState, ReplayOf, ReplayVerdict};

/// Discards what `filter` means. The first answer is the entry of the journal and its count, `[entry, count]`; none if there is
/// nothing to discard.
pub fn discard(filter: &Filter, key: &str, now: Timestamp) -> Vec<Statement> {
    move_all(filter, Action::Discard, (LetterState::Open, LetterState::Discarded), key, now)
}

/// Restores what `filter` means, as [`discard`] discards.
pub fn restore(filter: &Filter, key: &str, now: Timestamp) -> Vec<Statement> {
    move_all(filter, Action::Restore, (LetterState::Discarded, LetterState::Open), key, now)
}

fn move_all(
    filter: &Filter,
    action: Action,
    (from, to): (LetterState, LetterState),
    key: &str,
    now: Timestamp,
) -> Vec<Statement> {
    let condition = Condition::of(filter, from);
    let entry = Statement::new(
        "INSERT INTO journal (at, key, action, filter, count) SELECT ?, ?, ?, ?, count(*) FROM dead_letters WHERE ",
    )
    .bind(now.as_millis())
    .bind(key)
    .bind(action.name())
    .bind(filter.summary().get())
    .then(condition.statement())
    .and(" HAVING count(*) > 0 RETURNING json_array(entry, count) AS text");
    let moved = Statement::new("UPDATE dead_letters SET state = ?, journal = (SELECT max(entry) FROM journal) WHERE ")
        .bind(to.name())
        .then(condition.statement());
    vec![entry, moved]
}

/// Takes those of `tasks` that are open, for `replay`: first statement. What it has taken before stays taken. The answer of
/// the second is [`Held`].
pub fn take(tasks: &[&str], replay: ReplayId, force: bool, now: Timestamp) -> Vec<Statement> {
    let slots = slots(tasks);
    let by = ReplayOf {
        replay,
        taken_at: now,
        task: None,
        verdict: ReplayVerdict::Pending,
        fingerprint: None,
        bundle: None,
    };
    let taken = Statement::new(
        "UPDATE dead_letters SET state = 'replayed', journal = NULL, replays = json_insert(replays, '$[#]', json(?)) WHERE ",
    )
    .and(TASKS)
    .and(" AND +state = 'open' AND (late_success = 0 OR ?)")
    .bind(serde_json::to_string(&by).unwrap_or_default())
    .bind(slots.as_str())
    .bind(force);
    vec![taken, held_among(&slots, replay)]
}

/// What a replay has of the letters that it asked for: first those that it has, then those that are open, and stay so
/// because they succeeded late.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Held(pub Vec<String>, pub Vec<String>);

/// Asks which of `tasks` are `replay`'s: a [`Held`].
pub fn held<T: AsRef<str>>(tasks: &[T], replay: ReplayId) -> Statement {
    held_among(&slots(tasks), replay)
}

fn held_among(slots: &str, replay: ReplayId) -> Statement {
    Statement::new("SELECT json_array(json((SELECT json_group_array(task) FROM dead_letters WHERE ")
        .and(TASKS)
        .and(
            " AND +state = 'replayed' AND replays->>'$[#-1].replay' = ?)), \
             json((SELECT json_group_array(task) FROM dead_letters WHERE ",
        )
        .and(TASKS)
        .and(" AND +state = 'open' AND late_success = 1))) AS text")
        .bind(slots)
        .bind(replay.to_string())
        .bind(slots)
}

/// The tasks that replayed these letters have ended so: the letters leave `replayed`, by the word of the replay that has
/// them and of no other.
pub fn reported(ended: &[(&str, Option<TaskId>)], replay: ReplayId, verdict: ReplayVerdict) -> Statement {
    let state = if verdict == ReplayVerdict::Succeeded { LetterState::Resolved } else { LetterState::Open };
    let ended: Vec<(&str, u32, Option<TaskId>)> =
        ended.iter().map(|(task, by)| (Slot::of(task), by)).map(|(slot, by)| (slot.owner, slot.number, *by)).collect();
    Statement::new(
        "UPDATE dead_letters SET state = ?, replays = json_set(replays, '$[#-1].verdict', ?, '$[#-1].task', \
         r.value->>2) FROM json_each(?) r JOIN letter_owners o ON o.owner = r.value->>0 \
         WHERE dead_letters.id = (o.number << 32) + (r.value->>1) AND +state = 'replayed' AND replays->>'$[#-1].replay' = ?",
    )
    .bind(state.name())
    .bind(verdict.name())
    .bind(serde_json::to_string(&ended).unwrap_or_default())
    .bind(replay.to_string())
}

/// Which of `tasks` `replay` still has: `["task", …]`.
pub fn still_replayed(tasks: &[&str], replay: ReplayId) -> Statement {
    Statement::new("SELECT json_group_array(task) AS text FROM dead_letters WHERE ")
        .and(TASKS)
        .and(" AND +state = 'replayed' AND replays->>'$[#-1].replay' = ?")
        .bind(slots(tasks))
        .bind(replay.to_string())
}
