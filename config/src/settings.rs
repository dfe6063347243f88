//! The settings of one environment, as `config/settings/<environment>.toml` spells them.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::kinds::Kind;
use domain::kinds::http_request::HostRule;
use domain::lane::Lane;
use domain::quota::Quotas;
use domain::retry::RetryPolicy;
use domain::time::millis;
use serde::{Deserialize, Serialize};

/// Everything that may differ between environments while Workers run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Hosts that `http.request` and callbacks may go to.
    pub hosts: HostRule,
    /// How consumers hold packs.
    pub claims: Claims,
    /// How the ledger finds packs that are lost.
    pub recovery: Recovery,
    /// When jobs end that nobody ends.
    pub expiry: Expiry,
    /// How the ledger repeats letters.
    pub outbox: Outbox,
    /// How long dead letters are kept.
    pub archive: Archive,
    /// How replays of dead letters go on.
    pub replays: Replays,
    /// How schedules fire.
    pub schedules: Schedules,
    /// How much an API key, or a job, may ask for.
    #[serde(default)]
    pub quotas: Quotas,
    /// The kinds that may be submitted.
    pub kinds: BTreeMap<Kind, KindSettings>,
}

/// The queues, as the platform is to set them up: no Worker reads this while it runs. In the same files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queues {
    /// Those that tasks travel in.
    pub lanes: BTreeMap<Lane, QueueSettings>,
    /// The one that dead letters travel in.
    pub dead_letters: QueueSettings,
}

/// How consumers hold packs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// How long a claim holds its pack, unless one of its tasks may take longer.
    #[serde(rename = "lease_ms", with = "millis")]
    pub lease: Duration,
    /// What a lease leaves after the last timeout, to settle in; and as much before it, to start in.
    #[serde(rename = "margin_ms", with = "millis")]
    pub margin: Duration,
    /// The longest that an outcome waits to be settled.
    #[serde(rename = "slice_ms", with = "millis")]
    pub slice: Duration,
}

/// How the ledger finds packs that are lost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// How much earlier than one that arrived a message may have been sent and still be under way.
    #[serde(rename = "grace_ms", with = "millis")]
    pub grace: Duration,
    /// How long nothing must have arrived before a probe is sent.
    #[serde(rename = "quiet_ms", with = "millis")]
    pub quiet: Duration,
    /// The longest such wait; it doubles up to here.
    #[serde(rename = "quiet_max_ms", with = "millis")]
    pub quiet_max: Duration,
    /// How long a task that crashed waits at first; it doubles with each crash.
    #[serde(rename = "crash_ms", with = "millis")]
    pub crash: Duration,
    /// How often the cron tick looks after a job that is under way.
    #[serde(rename = "check_ms", with = "millis")]
    pub check: Duration,
}

/// When jobs end that nobody ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expiry {
    /// How long an open job may go untouched before it is sealed.
    #[serde(rename = "open_ms", with = "millis")]
    pub open: Duration,
    /// How long a job is kept after it ended.
    #[serde(rename = "keep_ms", with = "millis")]
    pub keep: Duration,
    /// How long the id of a deleted job is remembered, to be answered with 410.
    #[serde(rename = "remember_ms", with = "millis")]
    pub remember: Duration,
}

/// How the ledger finds letters that are lost, and repeats what the index of jobs could not be told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outbox {
    /// How much earlier than letters that were confirmed others may have been sent and still be under way; the first wait
    /// for a probe where none is confirmed.
    #[serde(rename = "resend_ms", with = "millis")]
    pub resend: Duration,
    /// The longest wait; it doubles up to here.
    #[serde(rename = "resend_max_ms", with = "millis")]
    pub resend_max: Duration,
}

/// How long dead letters are kept, in the archive and in the index alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Archive {
    /// From when they were archived on.
    #[serde(rename = "keep_ms", with = "millis")]
    pub keep: Duration,
    /// The wait before a message that could not be archived comes again; it doubles with each time.
    #[serde(rename = "retry_ms", with = "millis")]
    pub retry: Duration,
    /// The longest such wait.
    #[serde(rename = "retry_max_ms", with = "millis")]
    pub retry_max: Duration,
}

impl Archive {
    /// The wait after a message has arrived for the `arrivals`th time and could not be archived. The first is 1.
    pub fn wait(&self, arrivals: u32) -> Duration {
        let factor = 1_u32.checked_shl(arrivals.saturating_sub(1)).unwrap_or(u32::MAX);
        self.retry.saturating_mul(factor).min(self.retry_max)
    }

    /// How long a message that can never be archived comes again, before the platform gives it up.
    pub fn patience(&self, queue: &QueueSettings) -> Duration {
        let retries = u32::try_from(queue.max_retries).unwrap_or(u32::MAX);
        (1..=retries).map(|arrivals| self.wait(arrivals)).sum()
    }
}

/// How replays of dead letters go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replays {
    /// How soon the ledgers are asked what became of what was sent.
    #[serde(rename = "poll_ms", with = "millis")]
    pub poll: Duration,
    /// The longest wait; it doubles up to here while nothing ends.
    #[serde(rename = "poll_max_ms", with = "millis")]
    pub poll_max: Duration,
}

/// How schedules fire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedules {
    /// How long what became of a fire time is kept.
    #[serde(rename = "keep_ms", with = "millis")]
    pub keep: Duration,
    /// The wait before a generator that failed is tried again, within the tick; it triples each time.
    #[serde(rename = "retry_ms", with = "millis")]
    pub retry: Duration,
    /// How often a generator is tried.
    pub max_attempts: u8,
}

impl Schedules {
    /// The wait after `attempt` failed, without jitter. The first attempt is 1.
    pub fn wait(&self, attempt: u8) -> Duration {
        self.retry.saturating_mul(3_u32.saturating_pow(u32::from(attempt).saturating_sub(1)))
    }
}

/// A queue's consumer settings, in the words of the wrangler files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueSettings {
    /// Messages of one invocation.
    pub max_batch_size: usize,
    /// Seconds that the queue waits for a batch to fill.
    pub max_batch_timeout: u64,
    /// Deliveries before the platform gives a message up.
    pub max_retries: usize,
    /// Seconds before a message that was not acked comes again.
    pub retry_delay: u64,
    /// Invocations at once, if limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_concurrency: Option<usize>,
}

/// How tasks of one kind run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindSettings {
    /// Tasks that one invocation runs at once.
    pub concurrency: usize,
    /// Tasks that one pack may carry.
    pub pack_tasks: usize,
    /// How failed tasks are tried again.
    pub retry: RetryPolicy,
}
