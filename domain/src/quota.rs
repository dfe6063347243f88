//! Quotas: how much the requests of one API key, or about one job, may ask for.

use serde::{Deserialize, Serialize};

use crate::id::JobId;
use crate::statement::Statement;
use crate::time::Timestamp;

/// The quotas of an environment. What is not set is not limited.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Quotas {
    /// By the id of an API key; `*` is every key that is not named.
    pub keys: std::collections::BTreeMap<String, KeyQuota>,
    /// Requests about one job that one isolate serves at once.
    pub job_requests: Option<u32>,
}

/// What one API key may ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeyQuota {
    /// Requests that one isolate serves at once.
    pub requests: Option<u32>,
    /// Tasks accepted in a day, by UTC.
    pub tasks_per_day: Option<u32>,
    /// Bytes of bodies accepted in a day, by UTC.
    pub bytes_per_day: Option<u64>,
    /// Jobs that are open to more parts.
    pub open_jobs: Option<u32>,
}

/// A quota that is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the quota {limit} is used up: {most}")]
pub struct Exceeded {
    /// The quota's name in the settings.
    pub limit: &'static str,
    /// What it allows.
    pub most: u64,
    /// Seconds after which it may allow more.
    pub retry_after: u64,
}

/// What a submission uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// Tasks.
    pub tasks: u32,
    /// Bytes of its body.
    pub bytes: u64,
}

const DAY: u64 = 86_400_000;
/// More than any use: every number below 2^53 is exact in the database.
const UNLIMITED: u64 = 1 << 52;
/// Seconds until a request, or an open job, may have ended.
const SOON: u64 = 1;
const LATER: u64 = 30;

impl Quotas {
    /// What the key `id` may ask for.
    pub fn of(&self, id: &str) -> KeyQuota {
        self.keys.get(id).or_else(|| self.keys.get("*")).copied().unwrap_or_default()
    }
}

impl KeyQuota {
    /// Whether what is accepted has to be counted.
    pub fn counts_use(&self) -> bool {
        self.tasks_per_day.is_some() || self.bytes_per_day.is_some()
    }

    /// Why `used`, with `more`, is more than a day's use; `None` if it is not.
    pub fn exceeded(&self, used: Use, more: Use, now: Timestamp) -> Option<Exceeded> {
        let retry_after = (DAY - now.as_millis() % DAY).div_ceil(1_000);
        let tasks = self.tasks_per_day.filter(|most| u64::from(used.tasks) + u64::from(more.tasks) > u64::from(*most));
        let bytes = self.bytes_per_day.filter(|most| used.bytes + more.bytes > *most);
        let tasks = tasks.map(|most| Exceeded { limit: "tasks_per_day", most: most.into(), retry_after });
        tasks.or_else(|| bytes.map(|most| Exceeded { limit: "bytes_per_day", most, retry_after }))
    }
}

/// Too many requests of a key, or about a job, at once.
pub fn too_many_requests(limit: &'static str, most: u32) -> Exceeded {
    Exceeded { limit, most: most.into(), retry_after: SOON }
}

/// Too many jobs of a key are open.
pub fn too_many_open_jobs(most: u32) -> Exceeded {
    Exceeded { limit: "open_jobs", most: most.into(), retry_after: LATER }
}

/// Counts the use of `key`, if its quota allows it, and tells the use of the day: answers a row of the first statement if it
/// was counted, and of the second what the day's use is, as [`read_use`] reads it.
pub fn charge(key: &str, more: Use, quota: &KeyQuota, now: Timestamp) -> [Statement; 2] {
    let day = now.as_millis() / DAY;
    let tasks = quota.tasks_per_day.map_or(UNLIMITED, u64::from);
    let bytes = quota.bytes_per_day.unwrap_or(UNLIMITED);
    let charge = Statement::new(
        "INSERT INTO usage (key, day, tasks, bytes) SELECT u.key, u.day, u.tasks, u.bytes \
         FROM (SELECT ? AS key, ? AS day, ? AS tasks, ? AS bytes) AS u \
         LEFT JOIN usage AS was ON was.key = u.key AND was.day = u.day \
         WHERE u.tasks + coalesce(was.tasks, 0) <= ? AND u.bytes + coalesce(was.bytes, 0) <= ? \
         ON CONFLICT (key) DO UPDATE SET \
         tasks = excluded.tasks + CASE WHEN day = excluded.day THEN tasks ELSE 0 END, \
         bytes = excluded.bytes + CASE WHEN day = excluded.day THEN bytes ELSE 0 END, day = excluded.day \
         RETURNING json_array(tasks, bytes) AS text",
    )
    .bind(key)
    .bind(day)
    .bind(more.tasks)
    .bind(more.bytes)
    .bind(tasks)
    .bind(bytes);
    let used = Statement::new("SELECT json_array(tasks, bytes) AS text FROM usage WHERE key = ? AND day = ?");
    [charge, used.bind(key).bind(day)]
}

/// Reads what [`charge`] answers.
pub fn read_use(row: Option<&String>) -> Use {
    let (tasks, bytes) = row.and_then(|row| serde_json::from_str(row).ok()).unwrap_or_default();
    Use { tasks, bytes }
}

/// Takes back what was counted at `then` and not accepted.
pub fn refund(key: &str, less: Use, then: Timestamp) -> Statement {
    Statement::new(
        "UPDATE usage SET tasks = max(tasks - ?, 0), bytes = max(bytes - ?, 0) WHERE key = ? AND day = ? \
         RETURNING json_array(tasks, bytes) AS text",
    )
    .bind(less.tasks)
    .bind(less.bytes)
    .bind(key)
    .bind(then.as_millis() / DAY)
}

/// Notes that `key` opens `job`, if fewer than `most` of its jobs are open. The second statement answers a row if so. That a job
/// is open no longer is known by the index of jobs.
pub fn open(key: &str, job: JobId, most: u32, now: Timestamp) -> [Statement; 2] {
    let job = job.to_string();
    let forget = Statement::new(
        "DELETE FROM open_jobs WHERE key = ? \
         AND EXISTS (SELECT 1 FROM jobs WHERE jobs.job = open_jobs.job AND state <> 'open') RETURNING job AS text",
    );
    let note = Statement::new(
        "INSERT INTO open_jobs (key, job, opened_at) SELECT ?, ?, ? \
         WHERE (SELECT count(*) FROM open_jobs WHERE key = ? AND job <> ?) < ? \
         ON CONFLICT (key, job) DO UPDATE SET opened_at = opened_at RETURNING job AS text",
    );
    let note = note.bind(key).bind(&*job).bind(now.as_millis()).bind(key).bind(&*job).bind(most);
    [forget.bind(key), note]
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(20_000 * DAY + DAY / 2);

    #[test]
    fn a_key_has_its_own_quota_or_that_of_all_others() {
        let named = |tasks| KeyQuota { tasks_per_day: Some(tasks), ..KeyQuota::default() };
        let keys = [("ops".to_owned(), named(1)), ("*".to_owned(), named(2))].into();
        let quotas = Quotas { keys, job_requests: None };
        assert_eq!((quotas.of("ops"), quotas.of("other")), (named(1), named(2)));
        assert_eq!(Quotas::default().of("ops"), KeyQuota::default());
        assert!(!KeyQuota::default().counts_use() && named(1).counts_use());
    }

    #[test]
    fn the_first_quota_that_is_used_up_is_named_until_the_day_is_over() {
        let quota = KeyQuota { tasks_per_day: Some(10), bytes_per_day: Some(100), ..KeyQuota::default() };
        let of = |tasks, bytes| Use { tasks, bytes };
        assert_eq!(quota.exceeded(of(9, 99), of(1, 1), NOON), None);
        let exceeded = quota.exceeded(of(9, 99), of(2, 2), NOON).unwrap();
        assert_eq!(exceeded, Exceeded { limit: "tasks_per_day", most: 10, retry_after: 43_200 });
        assert_eq!(exceeded.to_string(), "the quota tasks_per_day is used up: 10");
        assert_eq!(quota.exceeded(of(0, 99), of(1, 2), NOON).unwrap().limit, "bytes_per_day");
        assert_eq!(KeyQuota::default().exceeded(of(9, 99), of(u32::MAX, u64::MAX / 2), NOON), None);
    }
}
