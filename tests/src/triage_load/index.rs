//! The index alone: the statement that the dlq Worker runs, on the same database, without the rest of it.

use std::time::{Duration, Instant};

use domain::bundle::Bundle;
use domain::dead_letter::DeadLetter;
use domain::limits::LETTERS as AT_ONCE;
use domain::statement::{Statement, Value as Bound};
use domain::time::Timestamp;
use domain::triage::statements::archive;
use serde_json::{Value, json};

use crate::client::Client;

/// Transactions of one call. Time is taken around calls, HTTP and the copying of statements included: with many of them a
/// call that is little.
const TRANSACTIONS: usize = 25;

/// Puts `letters` into the index as the dlq Worker does, [`AT_ONCE`] a transaction; how long that took.
///
/// # Panics
/// If the index refuses one.
pub fn seed(client: &Client, letters: &[DeadLetter<'_>], now: Timestamp) -> Duration {
    let transactions: Vec<Value> = letters
        .chunk_by(|a, b| a.job == b.job)
        .flat_map(|of_one_job| of_one_job.chunks(AT_ONCE))
        .enumerate()
        .map(|(number, letters)| {
            let key = format!("letters/seeded/{number}");
            let bundle = Bundle { key, value: "".into(), born: Timestamp::default(), letters: letters.to_vec() };
            archive([&bundle], now).iter().map(as_json).collect()
        })
        .collect();
    let calls: Vec<String> = transactions.chunks(TRANSACTIONS).map(|some| json!(some).to_string()).collect();
    let start = Instant::now();
    for call in calls {
        client.call("POST", "/probe/index").json(call).send().expect(200);
    }
    start.elapsed()
}

fn as_json(statement: &Statement) -> Value {
    let value = |value: &Bound| match value {
        Bound::Text(text) => json!(text),
        Bound::Number(number) => json!(number),
        Bound::Null => Value::Null,
    };
    json!({ "sql": statement.sql, "values": statement.values.iter().map(value).collect::<Vec<_>>() })
}
