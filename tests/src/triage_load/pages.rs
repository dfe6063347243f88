//! How long lists and groups take, with every filter.

use std::fmt;
use std::time::{Duration, Instant};

use domain::time::Timestamp;
use serde_json::Value;

use super::figure::percentile;
use super::letters::jobs;
use crate::client::Client;

/// Calls of each line.
const CALLS: usize = 40;
/// Pages that a walk by cursors reads.
const PAGES: usize = 20;

/// How long calls of one sort took, in milliseconds.
#[derive(Clone, Debug)]
pub struct Times {
    /// Which.
    pub name: String,
    /// Half of them took no longer.
    pub p50: f64,
    /// Nearly all of them took no longer.
    pub p95: f64,
    /// The slowest.
    pub max: f64,
    /// What the first answer had: letters, or groups.
    pub rows: usize,
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {:58} {:5} {:8.1} {:8.1} {:8.1}", self.name, self.rows, self.p50, self.p95, self.max)
    }
}

/// The queries to measure: name and parameters, of the night that began at `night`; `groups` are its groups, the largest
/// first.
pub fn queries(night: Timestamp, groups: &[Value]) -> Vec<(&'static str, String)> {
    let jobs = jobs(night);
    let hour = |hour: u64| night.after(Duration::from_secs(hour * 3_600));
    let cause = |group: &Value| format!("fingerprint={}", group["fingerprint"].as_str().unwrap());
    let (largest, smallest) = (cause(&groups[0]), cause(&groups[groups.len() - 1]));
    vec![
        ("no filter", String::new()),
        ("state open", "state=open".to_owned()),
        ("state discarded: none", "state=discarded".to_owned()),
        ("kind of most", "kind=http.request".to_owned()),
        ("kind of few", "kind=simulate".to_owned()),
        ("reason of most", "reason=exhausted".to_owned()),
        ("reason of few", "reason=crashed".to_owned()),
        ("reason of none", "reason=malformed".to_owned()),
        ("the largest job", format!("job={}", jobs[jobs.len() - 1])),
        ("the smallest and oldest job", format!("job={}", jobs[0])),
        ("job of none", "job=00000000000000000000000000000000".to_owned()),
        ("largest cause", largest.clone()),
        ("smallest cause", smallest),
        ("cause of none", "fingerprint=1-0000000000000000".to_owned()),
        ("since: the last hour", format!("since={}", hour(11))),
        ("since: none", format!("since={}", hour(24))),
        ("until: the first hour", format!("until={}", hour(1))),
        ("until: none", format!("until={night}")),
        ("between two hours", format!("since={}&until={}", hour(5), hour(6))),
        ("q rare", "q=zeppelin".to_owned()),
        ("q common", "q=answered".to_owned()),
        ("q common, two words", "q=service%20unavailable".to_owned()),
        ("q phrase", "q=%22looked%20for%20in%20shard%22".to_owned()),
        ("q prefix", "q=time*".to_owned()),
        ("q prefix of ids", "q=a*".to_owned()),
        ("q: none", "q=submarine".to_owned()),
        ("journal: none", "journal=1".to_owned()),
        ("q common, kind, reason, between two hours", {
            format!("q=answered&kind=http.request&reason=exhausted&since={}&until={}", hour(5), hour(6))
        }),
        ("q common and the smallest job", format!("q=answered&job={}", jobs[0])),
        ("largest cause and the smallest job", format!("{largest}&job={}", jobs[0])),
        ("largest cause and q: none", format!("{largest}&q=submarine")),
        ("kind of few and the smallest job", format!("kind=simulate&job={}", jobs[0])),
    ]
}

/// Times one query, the same again and again.
pub fn of_query(client: &Client, name: &str, path: &str) -> Times {
    let rows = rows(&client.get(path).expect(200).json()).len();
    times(name, rows, (0..CALLS).map(|_| time(client, path).0).collect())
}

/// Times each page of walks that follow the cursor page after page.
pub fn of_walks(client: &Client, name: &str, path: &str) -> Times {
    let (mut taken, mut seen) = (Vec::new(), 0);
    while taken.len() < CALLS {
        let mut cursor = String::new();
        for _ in 0..PAGES {
            let (milliseconds, answer) = time(client, &format!("{path}{cursor}"));
            taken.push(milliseconds);
            seen += rows(&answer).len();
            let Some(next) = answer["cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
    }
    times(name, seen / taken.len(), taken)
}

fn time(client: &Client, path: &str) -> (f64, Value) {
    let start = Instant::now();
    let answer = client.get(path);
    let milliseconds = start.elapsed().as_secs_f64() * 1_000.0;
    (milliseconds, answer.expect(200).json())
}

fn rows(answer: &Value) -> &[Value] {
    let rows = answer.get("groups").or(answer.get("dead_letters"));
    rows.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn times(name: &str, rows: usize, taken: Vec<f64>) -> Times {
    let share = |share| percentile(&taken, share);
    Times { name: name.to_owned(), p50: share(0.5), p95: share(0.95), max: share(1.0), rows }
}
