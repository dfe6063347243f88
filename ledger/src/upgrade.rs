//! Brings the rows that an earlier release wrote to the table of today. A job outlives a deploy.

use platform::storage::transaction;
use worker::{Result, State};

use crate::store::{Store, TABLE, VERSION};

/// From version 1, which had a table for each sort of row. Ids: `Sort` in `store.rs`.
const FROM_1: [&str; 13] = [
    "ALTER TABLE job RENAME TO job_1",
    TABLE,
    "INSERT INTO job (id, version, record) SELECT 0, 2, record FROM job_1",
    "INSERT INTO job (id, record) SELECT (1 << 40) + n, json_array(key, json_set(record, '$.number', n)) \
     FROM (SELECT key, record, row_number() OVER (ORDER BY key) - 1 AS n FROM parts)",
    "INSERT INTO job (id, record) SELECT (2 << 40) + id, record FROM packs UNION ALL SELECT (3 << 40) + id, record FROM letters",
    "INSERT INTO job (id, first, last, record, lines) SELECT (4 << 40) + id, first, last, \
     json_object('kind', kind, 'base', base, 'accepted_at', accepted_at, 'indexes', json(indexes)), lines FROM chunks",
    "INSERT INTO job (id, first, last, chunk, record) SELECT (5 << 40) + id, first, last, chunk, record FROM settlements",
    "DROP TABLE job_1",
    "DROP TABLE parts",
    "DROP TABLE packs",
    "DROP TABLE letters",
    "DROP TABLE chunks",
    "DROP TABLE settlements",
];

/// Brings the rows from `version` to today's, in one transaction.
///
/// # Errors
/// What the database says; nothing has changed then.
pub(crate) fn upgrade(state: &State, store: &Store, version: i64) -> Result<()> {
    tracing::info!(from = version, to = VERSION, "the rows of a job are brought up to date");
    transaction(state, || FROM_1.iter().try_for_each(|statement| store.run(statement, [])))
}
