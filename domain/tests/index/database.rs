//! A database with the migrations that concern jobs and dead letters.

use domain::bundle::Bundle;
use domain::statement::{Statement, Value};
use domain::time::Timestamp;
use domain::triage::statements::{Listed, archive, list};
use domain::triage::{Filter, IndexedLetter};
use rusqlite::Connection;
use rusqlite::types::Value as Bound;
use serde::de::DeserializeOwned;

const MIGRATIONS: [&str; 2] =
    [include_str!("../../../migrations/0001_jobs.sql"), include_str!("../../../migrations/0002_dead_letters.sql")];

pub(crate) struct Database(Connection);

impl Database {
    pub(crate) fn new() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        MIGRATIONS.iter().for_each(|migration| connection.execute_batch(migration).unwrap());
        Self(connection)
    }

    /// The column `text` of what a statement answers.
    pub(crate) fn texts(&self, statement: &Statement) -> Vec<String> {
        let mut prepared = self.0.prepare(&statement.sql).unwrap_or_else(|error| panic!("{error}: {}", statement.sql));
        let rows = prepared.query_map(rusqlite::params_from_iter(statement.values.iter().map(bound)), |row| row.get(0));
        rows.unwrap().map(|text| text.unwrap_or_else(|error| panic!("{error}: {}", statement.sql))).collect()
    }

    pub(crate) fn rows<T: DeserializeOwned>(&self, statement: &Statement) -> Vec<T> {
        self.texts(statement).iter().map(|text| serde_json::from_str(text).unwrap()).collect()
    }

    /// Runs statements as one transaction.
    pub(crate) fn transact(&self, statements: &[Statement]) -> Vec<Vec<String>> {
        self.0.execute_batch("BEGIN").unwrap();
        let answers = statements.iter().map(|statement| self.texts(statement)).collect();
        self.0.execute_batch("COMMIT").unwrap();
        answers
    }

    pub(crate) fn archive(&self, bundle: &Bundle<'_>, now: Timestamp) {
        self.transact(&archive([bundle], now));
    }

    pub(crate) fn list(&self, filter: &Filter) -> Vec<IndexedLetter> {
        self.rows::<Listed>(&list(filter, None, 1_000)).into_iter().map(Listed::into_letter).collect()
    }

    /// Everything that is stored, row by row.
    pub(crate) fn dump(&self) -> Vec<String> {
        let sql = "SELECT json_array(id, task, bundle, born, state, reason, message, late_success, replays) FROM dead_letters \
            UNION ALL SELECT json_array(bundle, key, first, last, archived_at) FROM bundles \
            UNION ALL SELECT json_array(number, owner) FROM letter_owners";
        self.texts(&Statement::new(sql))
    }

    pub(crate) fn count(&self, table: &str) -> u32 {
        self.0.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }

    /// How SQLite goes about a statement, step by step.
    pub(crate) fn plan(&self, statement: &Statement) -> Vec<String> {
        let mut prepared = self.0.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.sql)).unwrap();
        let values = rusqlite::params_from_iter(statement.values.iter().map(bound));
        prepared.query_map(values, |row| row.get(3)).unwrap().map(Result::unwrap).collect()
    }
}

/// As D1 gets them: every number is a float.
fn bound(value: &Value) -> Bound {
    match value {
        Value::Text(text) => Bound::Text(text.clone()),
        Value::Number(number) => Bound::Real(*number as f64),
        Value::Null => Bound::Null,
    }
}
