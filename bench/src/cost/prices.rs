//! What the platform charges, by the newest file of `bench/prices/`.

use std::fs;
use std::io;

use ::tests::root;
use serde::{Deserialize, Serialize};

/// Prices in dollars.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Per million operations.
    pub queues: Queues,
    /// Per million.
    pub workers: Workers,
    /// Per million.
    pub durable_objects: DurableObjects,
    /// Per million.
    pub kv: Kv,
    /// Per million.
    pub d1: D1,
    /// Of another service, beside ours.
    pub qstash: QStash,
    /// What costs nothing.
    pub free: Free,
}

/// Queues.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Queues {
    /// Writes, reads and deletes alike.
    pub operations_per_million: f64,
}

/// Workers.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Workers {
    /// Requests and batches.
    pub requests_per_million: f64,
    /// Milliseconds of CPU.
    pub cpu_ms_per_million: f64,
}

/// Durable Objects with SQLite.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct DurableObjects {
    /// Calls and alarms.
    pub requests_per_million: f64,
    /// Rows, alarms that are set among them.
    pub rows_written_per_million: f64,
    /// While they work, of 128 MB each.
    pub gb_s_per_million: f64,
}

/// KV.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Kv {
    /// Puts.
    pub writes_per_million: f64,
}

/// D1.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct D1 {
    /// Rows, those of indexes among them.
    pub rows_written_per_million: f64,
    /// Rows that a query looks at.
    pub rows_read_per_million: f64,
}

/// QStash.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct QStash {
    /// Messages.
    pub messages_per_million: f64,
}

/// The free plan: a day, and an invocation.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Free {
    /// A day.
    pub queue_operations: f64,
    /// A day.
    pub worker_requests: f64,
    /// A day.
    pub durable_object_requests: f64,
    /// A day.
    pub durable_object_rows_written: f64,
    /// A day.
    pub kv_writes: f64,
    /// A day.
    pub d1_rows_written: f64,
    /// Of one.
    pub cpu_ms_per_invocation: f64,
    /// Of one.
    pub subrequests_per_invocation: f64,
}

impl Prices {
    /// The newest, and the day it is of.
    ///
    /// # Errors
    /// No file, or one that cannot be read.
    pub fn newest() -> io::Result<(String, Self)> {
        let entries = fs::read_dir(root().join("bench/prices"))?.collect::<io::Result<Vec<_>>>()?;
        let newest = entries.into_iter().map(|entry| entry.path()).max();
        let path = newest.ok_or_else(|| io::Error::other("no file in bench/prices"))?;
        let prices = toml::from_str(&fs::read_to_string(&path)?);
        let prices = prices.map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
        let day = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok((day, prices))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_prices_can_be_read_and_say_their_day() {
        let (day, prices) = Prices::newest().unwrap();
        assert!(chrono::NaiveDate::parse_from_str(&day, "%Y-%m-%d").is_ok(), "{day}");
        assert!(prices.queues.operations_per_million > 0.0);
    }
}
