//! Everything that the simulation takes for true and nobody publishes, each with where it comes from. `docs/scale.md`
//! prints this list.

use std::time::Duration;

/// One way between a Worker and a Durable Object, or back.
pub const HOP: Duration = Duration::from_millis(5);
/// From a message that can be delivered to its handler at work.
pub const STARTUP: Duration = Duration::from_millis(10);
/// One `sendBatch` to a queue.
pub const SEND: Duration = Duration::from_millis(30);
/// One put to KV.
pub const PUT: Duration = Duration::from_millis(50);
/// One transaction on D1 that writes, whatever it writes.
pub const TRANSACTION: Duration = Duration::from_millis(10);
/// And for each dead letter in it.
pub const LETTER_IN_TRANSACTION: Duration = Duration::from_micros(40);
/// The longest that a transaction waits for its turn: then it is not made, and who asked hears so.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of D1 that a dead letter takes, its indexes and its words included.
pub const LETTER_ROW_BYTES: u64 = 550;
/// CPU time of a consumer for each task.
pub const TASK_CPU: Duration = Duration::from_millis(1);
/// How long the downstream takes for a request, on average, where a run does not say otherwise. Each is drawn evenly from
/// half of it to one and a half.
pub const DOWNSTREAM: Duration = Duration::from_millis(200);
/// Tasks of one job.
pub const JOB_TASKS: u32 = 10_000;
/// What the downstream answers when it works, and when it does not.
pub const ANSWERS: [(u16, &str); 2] = [(200, r#"{"ok":true}"#), (503, r#"{"error":"unavailable"}"#)];

/// A line of the list: what is assumed, how much, and where that comes from.
pub type Assumption = (&'static str, String, &'static str);

/// The list, as a reader sees it.
pub fn listed() -> Vec<Assumption> {
    let ms = |time: Duration| format!("{} ms", time.as_secs_f64() * 1_000.0);
    vec![
        (
            "downstream, one request",
            format!("{} ± 50 %", ms(DOWNSTREAM)),
            "chosen: an ordinary API. Every rate below is inversely proportional to it",
        ),
        ("downstream, failing", "each attempt by itself".to_owned(), "chosen; answers 503, which is tried again"),
        (
            "a job",
            format!("{JOB_TASKS} tasks"),
            "chosen; jobs come evenly over the hour, each at a random moment of its share",
        ),
        (
            "invocations of a consumer",
            "as many as there is work for, at once".to_owned(),
            "how fast Queues scales up to 250 is not published; this favours the platform in the first minutes",
        ),
        ("a queue", "first in, first out".to_owned(), "not promised; one run below does without"),
        ("Worker to Durable Object, one way", ms(HOP), "guess: same region"),
        ("start of an invocation", ms(STARTUP), "guess"),
        ("`sendBatch`", ms(SEND), "guess"),
        ("KV put", ms(PUT), "guess"),
        ("D1, a transaction that writes", ms(TRANSACTION), "guess: it is replicated before it is answered"),
        (
            "D1, each dead letter in it",
            ms(LETTER_IN_TRANSACTION),
            "measured: the real statement and schema on local SQLite, 200 letters a transaction",
        ),
        (
            "D1, longest wait for its turn",
            ms(PATIENCE),
            "`platform/src/database.rs` gives up then; when D1 itself sheds load is not published",
        ),
        (
            "D1, bytes of a dead letter",
            format!("{LETTER_ROW_BYTES}"),
            "measured: the same database after 200,000 letters",
        ),
        (
            "consumer, CPU of a task",
            ms(TASK_CPU),
            "an upper bound: 100,000 trivial tasks take 0.03 ms each on a laptop core, a `fetch` comes on top",
        ),
        (
            "ledger, one request",
            "1 ms".to_owned(),
            "the published ~1,000 requests a second, taken as time; requests queue up and none is refused",
        ),
    ]
}
