//! Dead letters enter the index, and leave it.

use crate::bundle::Bundle;
use crate::time::Timestamp;
use crate::triage::letter::NewRow;
use crate::triage::slot::Slot;

use super::Statement;

const ADD_OWNER: &str = "INSERT INTO letter_owners (owner) VALUES (?) ON CONFLICT (owner) DO NOTHING";

const ADD_BUNDLE: &str = "INSERT INTO bundles (key, first, last, archived_at) \
    SELECT ?, (number << 32) + CAST(? AS INTEGER), (number << 32) + CAST(? AS INTEGER), ? \
    FROM letter_owners WHERE owner = ? \
    ON CONFLICT (key) DO NOTHING";

/// A job's id comes again where its idempotency key does after it was deleted: the letters of the earlier job make room
/// for those that died in the later one.
const REPLACE: &str = "DELETE FROM dead_letters WHERE born < ? AND id IN \
    (SELECT (o.number << 32) + (r.value->>'number') FROM letter_owners o CROSS JOIN json_each(?) r WHERE o.owner = ?)";

/// Adds what is missing; that something succeeded late is only ever set. The next death of what a replay sent is no
/// letter of its own, unless its origin is long gone.
const ADD: &str = "INSERT INTO dead_letters \
    (id, task, bundle, born, kind, lane, ref, reason, fingerprint, class, message, words, attempts, died_at, \
    late_success) \
    SELECT (o.number << 32) + (r.value->>'number'), r.value->>'task', b.bundle, ?, r.value->>'kind', r.value->>'lane', \
    r.value->>'ref', r.value->>'reason', r.value->>'fingerprint', r.value->>'class', r.value->>'message', \
    r.value->>'words', r.value->>'attempts', r.value->>'died_at', r.value->>'late' \
    FROM letter_owners o CROSS JOIN bundles b CROSS JOIN json_each(?) r WHERE o.owner = ? AND b.key = ? \
    AND (r.value->>'origin_owner' IS NULL OR NOT EXISTS (SELECT 1 FROM letter_owners p JOIN dead_letters d \
    ON d.id = (p.number << 32) + (r.value->>'origin_number') WHERE p.owner = r.value->>'origin_owner')) \
    ON CONFLICT (id) DO UPDATE SET late_success = 1 \
    WHERE excluded.late_success = 1 AND dead_letters.late_success = 0 AND excluded.born = dead_letters.born";

/// The row of a letter's origin: joins `r`, a row as it is written, to `dead_letters`.
macro_rules! of_origin {
    () => {
        "FROM json_each(?) r JOIN letter_owners p ON p.owner = r.value->>'origin_owner' \
         WHERE dead_letters.id = (p.number << 32) + (r.value->>'origin_number')"
    };
}

/// The plus before a state keeps SQLite from the index of states, here and wherever letters are found by their task: a
/// bad night has tens of thousands in one state, and it would look through them for each.
///
/// A replayed task died again: its origin is open again, by the word of the replay that has it and of no other
/// ([`Origin::reported`](crate::origin::Origin::reported)).
const REOPEN: &str = concat!(
    "UPDATE dead_letters SET state = 'open', reason = r.value->>'reason', fingerprint = r.value->>'fingerprint', \
     class = r.value->>'class', message = r.value->>'message', words = r.value->>'words', attempts = r.value->>'attempts', \
     died_at = r.value->>'died_at', replays = json_set(replays, '$[#-1].task', r.value->>'task', '$[#-1].verdict', \
     'died_again', '$[#-1].fingerprint', r.value->>'fingerprint', '$[#-1].bundle', ?) ",
    of_origin!(),
    " AND r.value->>'late' = 0 AND +dead_letters.state = 'replayed' \
     AND dead_letters.replays->>'$[#-1].replay' = r.value->>'replay'"
);

/// A replayed task succeeded after it had been given up once more: so did its origin.
const LATE: &str = concat!(
    "UPDATE dead_letters SET late_success = 1 ",
    of_origin!(),
    " AND r.value->>'late' = 1 AND dead_letters.late_success = 0"
);

/// Puts the letters of `bundles` into the index. Doing it again changes nothing.
pub fn archive<'b>(bundles: impl IntoIterator<Item = &'b Bundle<'b>>, now: Timestamp) -> Vec<Statement> {
    bundles.into_iter().flat_map(|bundle| add(bundle, now)).collect()
}

fn add(bundle: &Bundle<'_>, now: Timestamp) -> Vec<Statement> {
    let slots = bundle.letters.iter().map(|letter| Slot::of(&letter.task));
    let (Some(first), Some(last)) =
        (slots.clone().map(|slot| slot.number).min(), slots.clone().map(|slot| slot.number).max())
    else {
        return Vec::new();
    };
    let owner = slots.map(|slot| slot.owner).next().unwrap_or_default();
    let rows: Vec<NewRow<'_>> = bundle.letters.iter().map(NewRow::of).collect();
    let json = serde_json::to_string(&rows).unwrap_or_default();
    let born = bundle.born.as_millis();
    let mut statements = vec![
        Statement::new(ADD_OWNER).bind(owner),
        Statement::new(ADD_BUNDLE).bind(bundle.key.as_str()).bind(first).bind(last).bind(now.as_millis()).bind(owner),
        Statement::new(REPLACE).bind(born).bind(json.as_str()).bind(owner),
    ];
    if bundle.letters.iter().any(|letter| letter.origin.is_some()) {
        statements.push(Statement::new(REOPEN).bind(bundle.key.as_str()).bind(json.as_str()));
        statements.push(Statement::new(LATE).bind(json.as_str()));
    }
    statements.push(Statement::new(ADD).bind(born).bind(json).bind(owner).bind(bundle.key.as_str()));
    statements
}

/// Bundles that one call of [`reap`] takes out: about a thousand letters.
const REAPED: u32 = 5;

/// Takes out the letters of the oldest bundles that were archived before `before`. The first answer has a row, the task,
/// for each letter, the last one a row for each bundle: none are left if it has none.
pub fn reap(before: Timestamp) -> Vec<Statement> {
    let oldest = "(SELECT bundle FROM (SELECT bundle, archived_at FROM bundles ORDER BY bundle LIMIT ?) \
        WHERE archived_at < ?)";
    let of_oldest = |sql: &str| Statement::new(&sql.replace("{oldest}", oldest)).bind(REAPED).bind(before.as_millis());
    vec![
        of_oldest(
            "DELETE FROM dead_letters WHERE id IN (SELECT d.id FROM bundles b CROSS JOIN dead_letters d \
             ON d.id BETWEEN b.first AND b.last AND d.bundle = b.bundle WHERE b.bundle IN {oldest}) RETURNING task AS text",
        ),
        of_oldest(
            "DELETE FROM letter_owners WHERE number IN (SELECT first >> 32 FROM bundles WHERE bundle IN {oldest}) \
             AND NOT EXISTS (SELECT 1 FROM dead_letters d WHERE d.id BETWEEN number << 32 AND (number << 32) + 4294967295)",
        ),
        of_oldest("DELETE FROM bundles WHERE bundle IN {oldest} RETURNING key AS text"),
    ]
}
