//! The index of jobs, in D1.

use domain::id::JobId;
use domain::index_row::{EXPIRED, FORGOTTEN, Filter, IndexRow, forget, take_overdue};
use domain::statement::Statement;
use domain::time::Timestamp;
use worker::Env;

use crate::{Database, PlatformError};

/// Inserts a row, or brings it up to date unless it is newer. The id of a keyed job that is long deleted may come back.
const TELL: &str = "INSERT INTO jobs (job, version, created_at, source, state, listed, next_check, view) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
    ON CONFLICT (job) DO UPDATE SET version = excluded.version, created_at = excluded.created_at, \
    source = excluded.source, state = excluded.state, listed = excluded.listed, next_check = excluded.next_check, \
    view = excluded.view WHERE (jobs.created_at, jobs.version) < (excluded.created_at, excluded.version)";

/// The index of jobs.
#[derive(Debug)]
pub struct Index {
    database: Database,
}

impl Index {
    /// The binding `INDEX`.
    ///
    /// # Errors
    /// [`PlatformError`] if it is missing.
    pub fn new(env: &Env) -> Result<Self, PlatformError> {
        Ok(Self { database: Database::new(env)? })
    }

    /// Tells it where a job is. What is older than what it knows changes nothing.
    ///
    /// # Errors
    /// What the database says.
    pub async fn tell(&self, row: &IndexRow) -> worker::Result<()> {
        // Of what is deleted only the id is remembered.
        let view = if row.state == EXPIRED { String::new() } else { serde_json::to_string(&row.view)? };
        let statement = Statement::new(TELL)
            .bind(row.job.to_string())
            .bind(row.version)
            .bind(row.created_at.as_millis())
            .bind(row.source.name())
            .bind(row.state)
            .bind(row.listed)
            .bind(row.next_check.as_millis())
            .bind(view);
        self.database.run(&statement).await.map(drop)
    }

    /// Jobs that listings show, newest first, at most `limit`: each as JSON.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list(&self, filter: &Filter, limit: u32) -> worker::Result<Vec<String>> {
        let mut query = Statement::new("SELECT view AS text FROM jobs WHERE listed = 1 AND state <> 'expired'");
        if let Some(state) = filter.state {
            query = query.and(" AND state = ?").bind(state.name());
        }
        if let Some(source) = filter.source {
            query = query.and(" AND source = ?").bind(source.name());
        }
        if let Some(after) = filter.after {
            query = query
                .and(" AND (created_at, job) < (?, ?)")
                .bind(after.created_at.as_millis())
                .bind(after.job.to_string());
        }
        self.database.run(&query.and(" ORDER BY created_at DESC, job DESC LIMIT ?").bind(limit)).await
    }

    /// The state of a job, if the index knows it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn state(&self, job: JobId) -> worker::Result<Option<String>> {
        let query = Statement::new("SELECT state AS text FROM jobs WHERE job = ?").bind(job.to_string());
        Ok(self.database.run(&query).await?.into_iter().next())
    }

    /// Jobs that the second net is to look after by now, longest overdue first, at most [`domain::limits::TICK_JOBS`]. Each is looked
    /// after again at `next_check`, whatever comes of it this time.
    ///
    /// # Errors
    /// What the database says.
    pub async fn take_overdue(&self, now: Timestamp, next_check: Timestamp) -> worker::Result<Vec<String>> {
        self.database.run(&take_overdue(now, next_check)).await
    }

    /// Forgets jobs that were deleted long ago, and says how many: at most `calls` times [`FORGOTTEN`].
    ///
    /// # Errors
    /// What the database says.
    pub async fn forget(&self, now: Timestamp, calls: u32) -> worker::Result<usize> {
        let mut forgotten = 0;
        for _ in 0..calls {
            let some = self.database.run(&forget(now)).await?.len();
            forgotten += some;
            if some < FORGOTTEN as usize {
                break;
            }
        }
        Ok(forgotten)
    }
}
