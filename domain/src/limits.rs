//! Every limit of the platform and of the contract, in one place, with its source.
//!
//! A limit is checked here before the platform does it, so that a caller reads a clear error instead of a
//! failed batch.

use std::time::Duration;

/// Bytes of one queue message with its metadata: 128 KB.
/// <https://developers.cloudflare.com/queues/platform/limits/>
pub const MESSAGE_BYTES: usize = 128_000;
/// Metadata that the platform adds to each message, about 100 bytes (same page).
pub const MESSAGE_METADATA_BYTES: usize = 100;
/// Messages in one `sendBatch` (same page).
pub const SEND_BATCH_MESSAGES: usize = 100;
/// Bytes of one `sendBatch`, metadata included: 256 KB (same page).
pub const SEND_BATCH_BYTES: usize = 256_000;
/// The longest delay a queue message may have: 24 hours (same page).
pub const MESSAGE_DELAY: Duration = Duration::from_secs(86_400);
/// Bytes that Queues bill as one operation: 64 KB.
/// <https://developers.cloudflare.com/queues/platform/pricing/>
pub const BILLED_CHUNK_BYTES: usize = 64_000;

/// The operations that Queues bill for writing, reading or deleting a message whose body has `bytes`.
pub const fn queue_operations(bytes: usize) -> usize {
    (bytes + MESSAGE_METADATA_BYTES).div_ceil(BILLED_CHUNK_BYTES)
}

/// Bytes of a pack, header included: under one billed chunk with its metadata, four to a `sendBatch`.
pub const PACK_BYTES: usize = 63_500;
/// Room that a pack keeps for its header line; a test holds the longest header against it.
pub const PACK_HEADER_BYTES: usize = 400;
/// Packs that one request may make: what one Worker invocation can append and send in time.
pub const REQUEST_PACKS: usize = 5_000;
/// Bytes of one request's tasks once packed: what is held in memory until they are stored and sent.
pub const REQUEST_PACKED_BYTES: usize = 24 * 1024 * 1024;
/// Tasks of one job. Its ledger holds, of each task that has not ended, in which pack it is: 16 bytes where no neighbours are
/// together, of the 128 MB of an object.
/// <https://developers.cloudflare.com/durable-objects/platform/limits/>
pub const JOB_TASKS: u32 = 4_000_000;
/// Packs that one job may be appended: each is about 250 bytes of its ledger's memory until it ends.
pub const JOB_PACKS: u32 = 100_000;
/// Parts of one job: each is about 500 bytes of its ledger's memory.
pub const JOB_PARTS: usize = 10_000;
/// Bytes of packed tasks of one job: less than half of the 10 GB of an object (same page), the rest is for what becomes of them.
pub const JOB_BYTES: u64 = 4_000_000_000;
/// Bytes that a ledger stores before it keeps no more outputs and error messages: what is left is for their endings.
pub const JOB_STORED_BYTES: u64 = 9_000_000_000;
/// Packs of a ledger beyond which tasks that fail together wait together, however long each was to wait.
pub const JOB_LIVE_PACKS: usize = 150_000;
/// Ranges of tasks in one row: a row may have 2 MB (same page), and a range has up to 23 bytes.
pub const ROW_RANGES: usize = 20_000;
/// Tasks that one pack may carry, whatever their size.
pub const PACK_TASKS: usize = 2_000;

/// Bytes of one task as submitted. One larger than a pack travels alone and still fits a message.
pub const TASK_BYTES: usize = 100_000;
/// Levels of nesting of one task as submitted, the task's own object included.
pub const TASK_NESTING: usize = 64;
/// Bytes of a request body that is accepted: 16 MiB.
pub const BODY_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of a refused body that are still read before the answer: 32 MiB.
pub const BODY_READ_BYTES: usize = 32 * 1024 * 1024;
/// How long a request's body may take to arrive: 16 MiB at 1.2 Mbit/s.
pub const BODY_TIME: Duration = Duration::from_secs(120);
/// Errors listed in one problem.
pub const PROBLEM_ERRORS: usize = 100;

/// Characters of a task's `ref`.
pub const REF_CHARS: usize = 128;
/// Characters of a job's `name`.
pub const NAME_CHARS: usize = 200;
/// Characters of a cron expression: a list of every minute of an hour has 169.
pub const CRON_CHARS: usize = 200;
/// Bytes of a callback URL or of an `http.request` URL.
pub const URL_BYTES: usize = 2_048;
/// The longest `delay_seconds`, and how far `run_at` may lie ahead: one year.
pub const TASK_DELAY: Duration = Duration::from_secs(365 * 86_400);
/// `max_attempts` of a task that does not say.
pub const DEFAULT_MAX_ATTEMPTS: u8 = 5;
/// The highest `max_attempts`.
pub const MAX_ATTEMPTS: u8 = 100;
/// `timeout_seconds` of a task that does not say.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// The highest `timeout_seconds`.
pub const MAX_TIMEOUT: Duration = Duration::from_secs(300);

/// Bytes of a task's output as JSON; more is the permanent failure `output_too_large`.
pub const OUTPUT_BYTES: usize = 16 * 1024;
/// Bytes of an error's message; the rest is cut.
pub const ERROR_MESSAGE_BYTES: usize = 1_024;
/// Bytes of an error's class; the rest is cut.
pub const ERROR_CLASS_BYTES: usize = 100;
/// Errors kept in a task's history: the last ones.
pub const HISTORY_ERRORS: usize = 20;
/// Bytes of reports in one settlement, so that its row stays under 1 MB
/// (a row may have 2 MB: <https://developers.cloudflare.com/durable-objects/platform/limits/>).
pub const SETTLEMENT_BYTES: usize = 900_000;
/// Dead letters that travel in one pack of letters.
pub const LETTERS: usize = 200;

/// Operations on KV that one invocation may make.
/// <https://developers.cloudflare.com/kv/platform/limits/>
pub const KV_OPERATIONS: usize = 1_000;
/// Messages that one batch of the dead-letters queue may bring: their letters are one transaction of the database, which
/// answers nobody else meanwhile.
pub const LETTER_MESSAGES_PER_BATCH: usize = 10;
/// Connections that one invocation may have open.
/// <https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections>
pub const OPEN_CONNECTIONS: usize = 6;
/// Messages that one consumer batch may bring.
/// <https://developers.cloudflare.com/queues/configuration/configure-queues/>
pub const CONSUMER_BATCH: usize = 100;
/// The longest time one queue invocation may run (limits page of Queues).
pub const CONSUMER_WALL: Duration = Duration::from_secs(900);
/// The highest `max_retries` of a queue consumer (same page).
pub const CONSUMER_RETRIES: usize = 100;

/// A retry, or a task, due later than this waits in the ledger instead of in the queue.
pub const HELD_AFTER: Duration = Duration::from_secs(900);
/// The longest lease: a claim must end well before the platform ends its invocation ([`CONSUMER_WALL`]).
pub const MAX_LEASE: Duration = Duration::from_secs(600);
/// How long an open job may at least go untouched: what callers are promised.
pub const OPEN_JOB: Duration = Duration::from_secs(86_400);
/// How long a job, and the idempotency keys that name it and its parts, is at least kept: what callers are promised.
pub const KEPT_JOB: Duration = Duration::from_secs(7 * 86_400);
/// Jobs that one cron tick looks after: each is a request of its own, and an invocation may make 10,000.
/// <https://developers.cloudflare.com/workers/platform/limits/#subrequests>
pub const TICK_JOBS: u32 = 500;
/// Entries of one page, at most and where a request does not say.
pub const PAGE_LIMIT: u32 = 200;
/// As above.
pub const DEFAULT_PAGE_LIMIT: u32 = 50;

/// Bytes of a schedule as saved: many of them are in memory at once when a tick fires them.
pub const SCHEDULE_BYTES: usize = 128 * 1024;
/// Characters of a schedule's name.
pub const SCHEDULE_NAME_CHARS: usize = 100;
/// Tasks that one template may make.
pub const TEMPLATE_TASKS: u64 = 100_000;
/// How long the generator `http` waits for the whole answer, where it does not say.
pub const DEFAULT_GENERATOR_TIMEOUT: Duration = Duration::from_secs(30);
/// The longest such wait: a tick must end before the platform ends it.
pub const MAX_GENERATOR_TIMEOUT: Duration = Duration::from_secs(60);
/// Jobs that one tick makes; the rest is the next one's.
pub const TICK_FIRINGS: usize = 1_000;
/// Due schedules that one tick plans; each is a few hundred bytes of its one read.
pub const TICK_SCHEDULES: u32 = 5_000;
/// How long a tick may be at work on a firing before a later one takes it: a tick ends within 15 minutes.
/// <https://developers.cloudflare.com/workers/platform/limits/#cpu-time>
pub const FIRING_LEASE: Duration = Duration::from_secs(600);
/// Fire times that are shown of a schedule.
pub const FIRE_TIMES_SHOWN: usize = 5;
/// Firings that one backfill may ask for.
pub const BACKFILL_FIRINGS: usize = 1_000;

/// Words of one search: more would be a query that takes long and finds nothing.
pub const SEARCH_TERMS: usize = 32;
/// Bytes of one search: its words are one expression, however few blanks are in it.
pub const SEARCH_BYTES: usize = 1_000;
/// Tasks that one filter may name.
pub const FILTER_TASKS: usize = 20_000;
/// Bytes that their ids may have together: they travel to the database as one value, which may have 2 MB.
/// <https://developers.cloudflare.com/d1/platform/limits/>
pub const FILTER_TASKS_BYTES: usize = 1_900_000;
/// Bytes of a request that is about dead letters: its filter, its patch, and white space.
pub const TRIAGE_BYTES: usize = 4 * 1024 * 1024;
/// Tasks of a filter that the journal and the list of replays show: pages of them must stay readable.
pub const FILTER_TASKS_SHOWN: usize = 20;
/// Bytes of a patch that the list of replays shows.
pub const PATCH_SHOWN_BYTES: usize = 2_000;
/// Dead letters of one replay: what is known of them is a few rows of its object, of at most 2 MB each.
pub const REPLAY_ITEMS: u32 = 200_000;
/// Canary stages of one replay.
pub const CANARY_STAGES: usize = 10;
/// Queries on D1 that one invocation may make (same page).
pub const D1_QUERIES: usize = 1_000;
/// Keys that one bulk read of KV may name: it counts as one operation.
/// <https://developers.cloudflare.com/kv/api/read-key-value-pairs/>
pub const KV_BULK_KEYS: usize = 100;
/// Items that a replay decides at once: ten bulk reads, a few queries, one append.
pub const REPLAY_PORTION: u32 = 1_000;
