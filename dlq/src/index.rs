//! The index of dead letters, in D1: what triage searches, and where each letter is.

use domain::bundle::Bundle;
use domain::statement::Statement;
use domain::time::Timestamp;
use domain::triage::statements;
use platform::{Database, PlatformError};
use serde::de::DeserializeOwned;
use worker::{Env, Result};

/// The index.
pub(crate) struct Index {
    database: Database,
}

impl Index {
    /// The binding `INDEX`.
    pub(crate) fn new(env: &Env) -> std::result::Result<Self, PlatformError> {
        Ok(Self { database: Database::new(env)? })
    }

    /// Queries that this invocation has made.
    pub(crate) fn queries(&self) -> usize {
        self.database.queries()
    }

    /// Rows that this invocation has written.
    pub(crate) fn rows_written(&self) -> u64 {
        self.database.rows_written()
    }

    /// Puts the letters of bundles in, all of them or none. Doing it again changes nothing.
    pub(crate) async fn add<'b>(
        &self,
        bundles: impl IntoIterator<Item = &'b Bundle<'b>>,
        now: Timestamp,
    ) -> Result<()> {
        let statements = statements::archive(bundles, now);
        if statements.is_empty() {
            return Ok(());
        }
        self.transact(&statements).await.map(drop)
    }

    /// Runs a statement; what it answers, row by row.
    pub(crate) async fn rows<T: DeserializeOwned>(&self, statement: &Statement) -> Result<Vec<T>> {
        read(self.database.run(statement).await?)
    }

    /// Runs a statement that answers with one row.
    pub(crate) async fn row<T: DeserializeOwned>(&self, statement: &Statement) -> Result<T> {
        self.rows(statement).await?.into_iter().next().ok_or_else(|| "the index answered with no row".into())
    }

    /// Runs statements as one transaction.
    pub(crate) async fn transact(&self, statements: &[Statement]) -> Result<Vec<Vec<String>>> {
        self.database.transact(statements).await
    }
}

/// Reads rows of JSON.
pub(crate) fn read<T: DeserializeOwned>(rows: Vec<String>) -> Result<Vec<T>> {
    Ok(rows.iter().map(|row| serde_json::from_str(row)).collect::<std::result::Result<_, _>>()?)
}
