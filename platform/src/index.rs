//! The index of jobs, in D1.

use std::time::Duration;

use domain::id::JobId;
use domain::index_row::{EXPIRED, Filter, IndexRow};
use domain::limits::TICK_JOBS;
use domain::time::Timestamp;
use serde::Deserialize;
use wasm_bindgen::JsValue;
use worker::{D1Database, D1PreparedStatement, Env};

use crate::{PlatformError, timeout};

/// The longest that one query may take.
const QUERY: Duration = Duration::from_secs(10);

/// Inserts a row, or brings it up to date unless it is newer. The id of a keyed job that is long deleted may come back.
const TELL: &str = "INSERT INTO jobs (job, version, created_at, source, state, listed, next_check, view) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
    ON CONFLICT (job) DO UPDATE SET version = ?2, created_at = ?3, source = ?4, state = ?5, listed = ?6, next_check = ?7, \
    view = ?8 WHERE (created_at, version) < (?3, ?2)";

/// The index of jobs.
#[derive(Debug)]
pub struct Index {
    database: D1Database,
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

impl Index {
    /// The binding `INDEX`.
    ///
    /// # Errors
    /// [`PlatformError`] if it is missing.
    pub fn new(env: &Env) -> Result<Self, PlatformError> {
        Ok(Self { database: env.d1("INDEX").map_err(PlatformError::binding("INDEX"))? })
    }

    /// Tells it where a job is. What is older than what it knows changes nothing.
    ///
    /// # Errors
    /// What the database says.
    pub async fn tell(&self, row: &IndexRow) -> worker::Result<()> {
        let values = [
            row.job.to_string().into(),
            row.version.into(),
            millis(row.created_at),
            row.source.name().into(),
            row.state.into(),
            u32::from(row.listed).into(),
            row.next_check.map_or(JsValue::NULL, millis),
            // Of what is deleted only the id is remembered.
            if row.state == EXPIRED { "".into() } else { serde_json::to_string(&row.view)?.into() },
        ];
        run(self.database.prepare(TELL).bind(&values)?).await
    }

    /// Jobs that listings show, newest first, at most `limit`: each as JSON.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list(&self, filter: &Filter, limit: u32) -> worker::Result<Vec<String>> {
        let mut query = "SELECT view AS text FROM jobs WHERE listed = 1 AND state <> 'expired'".to_owned();
        let mut values: Vec<JsValue> = Vec::new();
        if let Some(state) = filter.state {
            query += " AND state = ?";
            values.push(state.name().into());
        }
        if let Some(source) = filter.source {
            query += " AND source = ?";
            values.push(source.name().into());
        }
        if let Some(after) = filter.after {
            query += " AND (created_at, job) < (?, ?)";
            values.extend([millis(after.created_at), after.job.to_string().into()]);
        }
        query += " ORDER BY created_at DESC, job DESC LIMIT ?";
        values.push(limit.into());
        texts(self.database.prepare(query).bind(&values)?).await
    }

    /// The state of a job, if the index knows it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn state(&self, job: JobId) -> worker::Result<Option<String>> {
        let query = "SELECT state AS text FROM jobs WHERE job = ?";
        Ok(texts(self.database.prepare(query).bind(&[job.to_string().into()])?).await?.into_iter().next())
    }

    /// Jobs that the second net is to look after by now, longest overdue first, at most [`TICK_JOBS`]. Each is looked
    /// after again at `next_check`, whatever comes of it this time.
    ///
    /// # Errors
    /// What the database says.
    pub async fn take_overdue(&self, now: Timestamp, next_check: Timestamp) -> worker::Result<Vec<String>> {
        let query = "UPDATE jobs SET next_check = ?1 WHERE job IN \
            (SELECT job FROM jobs WHERE next_check <= ?2 ORDER BY next_check LIMIT ?3) RETURNING job AS text";
        let values = [millis(next_check), millis(now), TICK_JOBS.into()];
        texts(self.database.prepare(query).bind(&values)?).await
    }
}

async fn run(statement: D1PreparedStatement) -> worker::Result<()> {
    let answer = timeout(QUERY, statement.run()).await.map_err(|elapsed| elapsed.to_string())??;
    answer.error().map_or(Ok(()), |error| Err(error.into()))
}

async fn texts(statement: D1PreparedStatement) -> worker::Result<Vec<String>> {
    let answer = timeout(QUERY, statement.all()).await.map_err(|elapsed| elapsed.to_string())??;
    Ok(answer.results::<Text>()?.into_iter().map(|row| row.text).collect())
}

/// Exact as a number of JavaScript's until the year 287396.
fn millis(at: Timestamp) -> JsValue {
    JsValue::from_f64(at.as_millis() as f64)
}
