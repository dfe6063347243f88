//! Dead letters enter the index, and leave it.

use crate::dead_letter::DeadLetter;
use crate::time::Timestamp;
use crate::triage::letter::NewRow;

use super::Statement;

/// Adds what is missing; that something succeeded late is only ever set. The next death of what a replay sent is no
/// letter of its own, unless its origin is long gone.
const ADD: &str = "INSERT INTO dead_letters \
    (task, kind, lane, ref, reason, fingerprint, class, message, attempts, died_at, archived_at, late_success) \
    SELECT r.value->>'task', r.value->>'kind', r.value->>'lane', r.value->>'ref', r.value->>'reason', \
    r.value->>'fingerprint', r.value->>'class', r.value->>'message', r.value->>'attempts', r.value->>'died_at', ?, \
    r.value->>'late' FROM json_each(?) r WHERE r.value->>'origin' IS NULL \
    OR NOT EXISTS (SELECT 1 FROM dead_letters o WHERE o.task = r.value->>'origin') \
    ON CONFLICT (task) DO UPDATE SET late_success = 1 WHERE excluded.late_success = 1 AND late_success = 0";

/// The plus before a state keeps SQLite from the indexes of states, here and wherever letters are found by their task: a
/// bad night has tens of thousands in one state, and it would look through them for each.
///
/// A replayed task died again: its origin is open again, by the word of the replay that has it and of no other
/// ([`Origin::reported`](crate::origin::Origin::reported)).
const REOPEN: &str = "UPDATE dead_letters SET state = 'open', reason = r.value->>'reason', \
    fingerprint = r.value->>'fingerprint', class = r.value->>'class', message = r.value->>'message', \
    attempts = r.value->>'attempts', died_at = r.value->>'died_at', \
    replays = json_set(replays, '$[#-1].task', r.value->>'task', '$[#-1].verdict', 'died_again', \
    '$[#-1].fingerprint', r.value->>'fingerprint') \
    FROM json_each(?) r WHERE r.value->>'late' = 0 AND dead_letters.task = r.value->>'origin' \
    AND +dead_letters.state = 'replayed' AND dead_letters.replays->>'$[#-1].replay' = r.value->>'replay'";

/// A replayed task succeeded after it had been given up once more: so did its origin.
const LATE: &str = "UPDATE dead_letters SET late_success = 1 FROM json_each(?) r \
    WHERE r.value->>'late' = 1 AND dead_letters.task = r.value->>'origin' AND dead_letters.late_success = 0";

/// Puts `letters` into the index. Doing it again changes nothing.
pub fn archive(letters: &[&DeadLetter<'_>], now: Timestamp) -> Vec<Statement> {
    let rows: Vec<NewRow<'_>> = letters.iter().map(|letter| NewRow::of(letter)).collect();
    let json = serde_json::to_string(&rows).unwrap_or_default();
    let mut statements = Vec::new();
    if letters.iter().any(|letter| letter.origin.is_some()) {
        statements.push(Statement::new(REOPEN).bind(json.as_str()));
        statements.push(Statement::new(LATE).bind(json.as_str()));
    }
    statements.push(Statement::new(ADD).bind(now.as_millis()).bind(json));
    statements
}

/// Rows that one statement takes out.
const REAPED: u32 = 1_000;

/// Takes out the oldest letters that were archived before `before`, and says how many: fewer than it could if none
/// are left.
pub fn reap(before: Timestamp) -> Statement {
    Statement::new(
        "DELETE FROM dead_letters WHERE id IN (SELECT id FROM \
         (SELECT id, archived_at FROM dead_letters ORDER BY id LIMIT ?) WHERE archived_at < ?) RETURNING task AS text",
    )
    .bind(REAPED)
    .bind(before.as_millis())
}
