//! What the dlq Worker asked of KV, D1 and the ledgers, from its logs at level debug.

use serde_json::Value;

use crate::cost::Cost;
use crate::logs::Logs;

/// Operations of invocations of one sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Invocations {
    /// How many.
    pub count: u64,
    /// Operations on KV of all of them.
    pub kv: u64,
    /// Queries on D1 of all of them.
    pub queries: u64,
    /// The most operations on KV of one.
    pub most_kv: u64,
    /// The most queries on D1 of one.
    pub most_queries: u64,
}

/// All that was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Operations {
    /// Letters archived, those that came twice included.
    pub letters: u64,
    /// Messages that they came in.
    pub messages: u64,
    /// Chunks of 64 KB that these messages have: what a queue bills by.
    pub chunks: u64,
    /// By batches of the dead-letters queue.
    pub batches: Invocations,
    /// Rows on D1 that batches wrote, entries of indexes included.
    pub rows: u64,
    /// By the alarms of replays.
    pub replays: Invocations,
    /// Of the ledgers, to let go of what is archived.
    pub confirms: Cost,
}

impl Operations {
    /// From line `first` of the logs on.
    pub fn since(logs: &Logs, mut first: usize) -> Self {
        Self::of(&logs.next_events(&mut first, |_| true))
    }

    /// From these events.
    pub fn of(events: &[Value]) -> Self {
        let mut all = Self::default();
        for event in events {
            let number = |name: &str| event[name].as_u64().unwrap_or(0);
            match event["message"].as_str() {
                Some("a batch of dead letters ends") => {
                    all.batches.add(number("operations"), number("queries"));
                    all.rows += number("rows");
                    all.chunks += number("chunks");
                }
                Some("a replay worked") => all.replays.add(number("operations"), number("queries")),
                Some("archived") => {
                    all.letters += number("archived");
                    all.messages += number("messages");
                }
                Some("ledger call") if event["call"] == "/confirm" => {
                    all.confirms.requests += 1;
                    all.confirms.rows += number("rows");
                }
                _ => {}
            }
        }
        all
    }

    /// What a million such letters cost from when they are born until they are archived, in dollars, by what the platform
    /// counts and its prices (<https://developers.cloudflare.com/workers/platform/pricing/>): KV writes, D1 rows, queue
    /// operations (a chunk is written, read and deleted), requests to ledgers and rows there. A pack of letters is a row
    /// when it is born, too.
    pub fn dollars_a_million(&self) -> f64 {
        let dollars = 5.0 * self.batches.kv as f64
            + self.rows as f64
            + 0.40 * 3.0 * self.chunks as f64
            + 0.15 * self.confirms.requests as f64
            + (self.confirms.rows + self.messages) as f64;
        dollars / self.letters as f64
    }

    /// The most operations on KV, and queries on D1, of one invocation.
    pub fn most(&self) -> (u64, u64) {
        let (batches, replays) = (&self.batches, &self.replays);
        (batches.most_kv.max(replays.most_kv), batches.most_queries.max(replays.most_queries))
    }
}

impl Invocations {
    fn add(&mut self, kv: u64, queries: u64) {
        self.count += 1;
        self.kv += kv;
        self.queries += queries;
        self.most_kv = self.most_kv.max(kv);
        self.most_queries = self.most_queries.max(queries);
    }
}
