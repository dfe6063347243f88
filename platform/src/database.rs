//! D1: the database of the index.

use std::cell::Cell;
use std::time::Duration;

use domain::limits::D1_QUERIES;
use domain::statement::{Statement, Value};
use js_sys::{Array, JsString, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::Env;
use worker::worker_sys::{D1Database, D1PreparedStatement, D1Result};

use crate::{PlatformError, timeout};

/// The longest that one call may take: the platform ends a query after 30 s.
const CALL: Duration = Duration::from_secs(30);

/// The database, and what this invocation may still ask of it.
#[derive(Debug)]
pub struct Database {
    database: D1Database,
    queries: Cell<usize>,
    rows_written: Cell<u64>,
}

impl Database {
    /// The binding `INDEX`.
    ///
    /// # Errors
    /// [`PlatformError`] if it is missing.
    pub fn new(env: &Env) -> Result<Self, PlatformError> {
        let database = JsValue::from(env.d1("INDEX").map_err(PlatformError::binding("INDEX"))?);
        Ok(Self { database: database.unchecked_into(), queries: Cell::new(0), rows_written: Cell::new(0) })
    }

    /// How many queries this invocation has made.
    pub fn queries(&self) -> usize {
        self.queries.get()
    }

    /// Rows that this invocation has written, entries of indexes included: what it is billed by.
    pub fn rows_written(&self) -> u64 {
        self.rows_written.get()
    }

    /// Runs one statement; the column `text` of what it answers.
    ///
    /// # Errors
    /// What the database says, and if this invocation has made all the queries it may.
    pub async fn run(&self, statement: &Statement) -> worker::Result<Vec<String>> {
        self.count(1)?;
        let answer = answered(self.prepare(statement)?.all()?).await?.unchecked_into();
        self.count_rows(std::slice::from_ref(&answer));
        texts(&answer)
    }

    /// Runs statements one after the other as one transaction: all of them take effect, or none. The answers in order.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn transact(&self, statements: &[Statement]) -> worker::Result<Vec<Vec<String>>> {
        self.count(statements.len())?;
        let prepared = Array::new();
        for statement in statements {
            prepared.push(self.prepare(statement)?.as_ref());
        }
        let answers: Array = answered(self.database.batch(prepared)?).await?.unchecked_into();
        let answers: Vec<D1Result> = answers.iter().map(JsValue::unchecked_into).collect();
        self.count_rows(&answers);
        answers.iter().map(texts).collect()
    }

    fn count_rows(&self, answers: &[D1Result]) {
        let rows = |name: &str| -> f64 { answers.iter().filter_map(|answer| number(&answer.meta().ok()?, name)).sum() };
        let written = rows("rows_written");
        self.rows_written.set(self.rows_written.get() + written as u64);
        tracing::debug!(queries = answers.len(), read = rows("rows_read"), written, "database rows");
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
        Ok(self.database.prepare(&statement.sql)?.bind(statement.values.iter().map(value).collect())?)
    }
}

async fn answered(promise: Promise) -> worker::Result<JsValue> {
    let answer = timeout(CALL, JsFuture::from(promise)).await.map_err(|elapsed| elapsed.to_string())?;
    // The database's own words, without the stack.
    answer.map_err(|error| match error.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()).into(),
        None => error.into(),
    })
}

fn number(meta: &Object, name: &str) -> Option<f64> {
    Reflect::get(meta, &name.into()).ok()?.as_f64()
}

/// The column `text` of each row. What is no text is an error: every statement names its answer so.
fn texts(answer: &D1Result) -> worker::Result<Vec<String>> {
    if let Some(error) = answer.error()? {
        return Err(error.into());
    }
    let name = JsString::from("text");
    let text = |row: JsValue| -> worker::Result<String> {
        Reflect::get(&row, &name)?.as_string().ok_or_else(|| "a row without a text".into())
    };
    answer.results()?.iter().flat_map(Array::iter).map(text).collect()
}

fn value(value: &Value) -> JsValue {
    match value {
        Value::Text(text) => text.into(),
        // Exact below 2^53: milliseconds until the year 287396.
        Value::Number(number) => JsValue::from_f64(*number as f64),
        Value::Null => JsValue::NULL,
    }
}
