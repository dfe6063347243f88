//! What a run did that is billed, as the Workers counted it in their logs.

use serde::Serialize;
use serde_json::Value;

use super::prices::{Free, Prices};

/// Gigabytes that a Durable Object is billed by while it works.
/// <https://developers.cloudflare.com/durable-objects/platform/pricing/>
const OBJECT_GB: f64 = 0.128;

/// Billed operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Operations {
    /// Requests of callers.
    pub requests: f64,
    /// Batches that queues gave to consumers.
    pub batches: f64,
    /// CPU of the whole runtime in ms: more than what is billed, since storage and queues are in it.
    pub cpu_ms: f64,
    /// By chunks of 64,000 bytes.
    pub queue_writes: f64,
    /// Deliveries.
    pub queue_reads: f64,
    /// Acks.
    pub queue_deletes: f64,
    /// Calls and alarms of ledgers.
    pub ledger_requests: f64,
    /// Rows that ledgers wrote, alarms among them.
    pub ledger_rows: f64,
    /// Seconds that ledgers worked.
    pub ledger_seconds: f64,
    /// Puts.
    pub kv_writes: f64,
    /// Rows of the index.
    pub d1_rows_written: f64,
    /// Rows of the index.
    pub d1_rows_read: f64,
}

impl Operations {
    /// Counts one event of a log.
    pub fn count(&mut self, event: &Value) {
        let number = |field: &str| event[field].as_f64().unwrap_or(0.0);
        match event["message"].as_str() {
            Some("queue writes") => self.queue_writes += number("operations"),
            Some("queue read") => {
                self.queue_reads += number("operations");
                if event["disposal"] == "Ack" {
                    self.queue_deletes += number("operations");
                }
            }
            Some("a batch ends") => self.batches += 1.0,
            Some("a batch of dead letters ends") => {
                self.batches += 1.0;
                self.kv_writes += number("operations");
            }
            Some("ledger call") => {
                self.ledger_requests += 1.0;
                self.ledger_rows += number("rows");
            }
            Some("database rows") => {
                self.d1_rows_written += number("written");
                self.d1_rows_read += number("read");
            }
            _ => {}
        }
    }

    /// What it costs in dollars, by part of the platform.
    pub fn dollars(&self, prices: &Prices) -> Dollars {
        let million = |amount: f64, price: f64| amount / 1e6 * price;
        let objects = prices.durable_objects;
        Dollars {
            queues: million(
                self.queue_writes + self.queue_reads + self.queue_deletes,
                prices.queues.operations_per_million,
            ),
            workers: million(self.requests + self.batches, prices.workers.requests_per_million)
                + million(self.cpu_ms, prices.workers.cpu_ms_per_million),
            ledgers: million(self.ledger_requests, objects.requests_per_million)
                + million(self.ledger_rows, objects.rows_written_per_million)
                + million(self.ledger_seconds * OBJECT_GB, objects.gb_s_per_million),
            kv: million(self.kv_writes, prices.kv.writes_per_million),
            d1: million(self.d1_rows_written, prices.d1.rows_written_per_million)
                + million(self.d1_rows_read, prices.d1.rows_read_per_million),
        }
    }

    /// How often a day the same fits the free plan, and what is used up first.
    pub fn runs_a_day(&self, free: &Free) -> (f64, &'static str) {
        let limits = [
            (free.queue_operations / (self.queue_writes + self.queue_reads + self.queue_deletes), "queue operations"),
            (free.worker_requests / (self.requests + self.batches), "Worker requests"),
            (free.durable_object_requests / self.ledger_requests, "Durable Object requests"),
            (free.durable_object_rows_written / self.ledger_rows, "rows of Durable Objects"),
            (free.kv_writes / self.kv_writes, "KV writes"),
            (free.d1_rows_written / self.d1_rows_written, "rows of D1"),
        ];
        limits.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((0.0, "nothing"))
    }
}

/// Dollars by part of the platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Dollars {
    /// Queues.
    pub queues: f64,
    /// Requests, batches, CPU.
    pub workers: f64,
    /// Durable Objects.
    pub ledgers: f64,
    /// The archive.
    pub kv: f64,
    /// The index.
    pub d1: f64,
}

impl Dollars {
    /// All of it.
    pub fn total(&self) -> f64 {
        self.queues + self.workers + self.ledgers + self.kv + self.d1
    }

    /// `by` times as much.
    #[must_use]
    pub fn times(self, by: f64) -> Self {
        Self {
            queues: self.queues * by,
            workers: self.workers * by,
            ledgers: self.ledgers * by,
            kv: self.kv * by,
            d1: self.d1 * by,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_are_counted_by_what_they_cost() {
        let mut found = Operations::default();
        for event in [
            json!({ "message": "queue writes", "operations": 4 }),
            json!({ "message": "queue read", "operations": 2, "disposal": "Ack" }),
            json!({ "message": "queue read", "operations": 1, "disposal": "Retry" }),
            json!({ "message": "a batch ends" }),
            json!({ "message": "a batch of dead letters ends", "operations": 200 }),
            json!({ "message": "ledger call", "rows": 5 }),
            json!({ "message": "database rows", "written": 3, "read": 7 }),
            json!({ "message": "something else", "operations": 99 }),
        ] {
            found.count(&event);
        }
        let expected = Operations {
            batches: 2.0,
            queue_writes: 4.0,
            queue_reads: 3.0,
            queue_deletes: 2.0,
            ledger_requests: 1.0,
            ledger_rows: 5.0,
            kv_writes: 200.0,
            d1_rows_written: 3.0,
            d1_rows_read: 7.0,
            ..Operations::default()
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn a_million_messages_of_one_task_cost_what_the_price_list_says() {
        let (_, prices) = Prices::newest().unwrap();
        let found = Operations { queue_writes: 1e6, queue_reads: 1e6, queue_deletes: 1e6, ..Operations::default() };
        assert!((found.dollars(&prices).total() - 3.0 * prices.queues.operations_per_million).abs() < 1e-9);
    }
}
