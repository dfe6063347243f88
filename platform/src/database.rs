//! D1: the database of the index.

use std::cell::Cell;
use std::time::Duration;

use domain::limits::D1_QUERIES;
use domain::statement::{Statement, Value};
use serde::Deserialize;
use wasm_bindgen::JsValue;
use worker::{D1Database, D1PreparedStatement, D1Result, Env};

use crate::{PlatformError, timeout};

/// The longest that one call may take: the platform ends a query after 30 s.
const CALL: Duration = Duration::from_secs(30);

/// The database, and what this invocation may still ask of it.
#[derive(Debug)]
pub struct Database {
    database: D1Database,
    queries: Cell<usize>,
}

#[derive(Deserialize)]
struct Row {
    text: String,
}

impl Database {
    /// The binding `INDEX`.
    ///
    /// # Errors
    /// [`PlatformError`] if it is missing.
    pub fn new(env: &Env) -> Result<Self, PlatformError> {
        let database = env.d1("INDEX").map_err(PlatformError::binding("INDEX"))?;
        Ok(Self { database, queries: Cell::new(0) })
    }

    /// How many queries this invocation has made.
    pub fn queries(&self) -> usize {
        self.queries.get()
    }

    /// Runs one statement; the column `text` of what it answers.
    ///
    /// # Errors
    /// What the database says, and if this invocation has made all the queries it may.
    pub async fn run(&self, statement: &Statement) -> worker::Result<Vec<String>> {
        self.count(1)?;
        let answer = timeout(CALL, self.prepare(statement)?.all()).await.map_err(|elapsed| elapsed.to_string())??;
        texts(&answer)
    }

    /// Runs statements one after the other as one transaction: all of them take effect, or none. The answers in order.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn transact(&self, statements: &[Statement]) -> worker::Result<Vec<Vec<String>>> {
        self.count(statements.len())?;
        let prepared = statements.iter().map(|statement| self.prepare(statement)).collect::<worker::Result<_>>()?;
        let answers = timeout(CALL, self.database.batch(prepared)).await.map_err(|elapsed| elapsed.to_string())??;
        answers.iter().map(texts).collect()
    }

    fn count(&self, queries: usize) -> worker::Result<()> {
        let made = self.queries.get() + queries;
        if made > D1_QUERIES {
            return Err(format!("this invocation has made its {D1_QUERIES} queries").into());
        }
        self.queries.set(made);
        Ok(())
    }

    fn prepare(&self, statement: &Statement) -> worker::Result<D1PreparedStatement> {
        let values: Vec<JsValue> = statement.values.iter().map(value).collect();
        self.database.prepare(&*statement.sql).bind(&values)
    }
}

fn texts(answer: &D1Result) -> worker::Result<Vec<String>> {
    match answer.error() {
        Some(error) => Err(error.into()),
        None => Ok(answer.results::<Row>()?.into_iter().map(|row| row.text).collect()),
    }
}

fn value(value: &Value) -> JsValue {
    match value {
        Value::Text(text) => text.into(),
        // Exact below 2^53: milliseconds until the year 287396.
        Value::Number(number) => JsValue::from_f64(*number as f64),
        Value::Null => JsValue::NULL,
    }
}
