//! Admission: requests beyond the quotas of their key, or of their job, are told to come back.
//!
//! Requests at once are counted in this isolate, without a call; what a day's quota allows, and open jobs, in the index, and
//! only where a quota is set.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use domain::access::ApiKey;
use domain::id::JobId;
use domain::quota::{self, Exceeded, KeyQuota, Use};
use domain::room::{HoldId, Room};
use domain::time::Timestamp;
use platform::{Database, Problem};
use worker::Env;

thread_local! {
    /// Requests under way, by what limits them. A hold ends by itself (`domain::room`).
    static UNDER_WAY: RefCell<BTreeMap<String, Room>> = const { RefCell::new(BTreeMap::new()) };
}

/// How long a request that nobody ends counts.
const REQUEST_TIME: Duration = Duration::from_secs(180);

/// A request that counts; no longer once it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Admitted(Vec<(String, HoldId)>);

impl Admitted {
    /// Counts a request of `key`, about `job` if it is about one.
    pub(crate) fn enter(env: &Env, key: &ApiKey, job: Option<JobId>) -> Result<Self, Problem> {
        let quotas = &platform::settings(env)?.quotas;
        let mut admitted = Self::default();
        if let Some(most) = quotas.of(&key.id).requests {
            admitted.count(format!("key {}", key.id), "requests", most)?;
        }
        if let (Some(most), Some(job)) = (quotas.job_requests, job) {
            admitted.count(format!("job {job}"), "job_requests", most)?;
        }
        Ok(admitted)
    }

    fn count(&mut self, name: String, limit: &'static str, most: u32) -> Result<(), Exceeded> {
        let now = platform::now();
        UNDER_WAY.with_borrow_mut(|under_way| {
            let room = under_way.entry(name.clone()).or_insert_with(|| Room::new(most as usize));
            let hold = room.enter(now.after(REQUEST_TIME));
            match room.grow(now, &hold, 1) {
                Ok(()) => {
                    self.0.push((name, hold));
                    Ok(())
                }
                Err(_) => {
                    room.leave(&hold);
                    Err(quota::too_many_requests(limit, most))
                }
            }
        })
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        UNDER_WAY.with_borrow_mut(|under_way| {
            for (name, hold) in &self.0 {
                if let Some(room) = under_way.get_mut(name) {
                    room.leave(hold);
                    if room.is_empty() {
                        under_way.remove(name);
                    }
                }
            }
        });
    }
}

/// The use of a submission, counted: to be taken back if the submission is not accepted.
pub(crate) struct Charged {
    key: String,
    used: Use,
    at: Timestamp,
}

impl Charged {
    /// Counts the use, if the quota of `key` allows it; `None` where it has none.
    pub(crate) async fn charge(env: &Env, key: &ApiKey, used: Use, at: Timestamp) -> Result<Option<Self>, Problem> {
        let quota = platform::settings(env)?.quotas.of(&key.id);
        if !quota.counts_use() {
            return Ok(None);
        }
        let answers = Database::new(env)?.transact(&quota::charge(&key.id, used, &quota, at)).await?;
        if answers.first().is_some_and(|rows| !rows.is_empty()) {
            return Ok(Some(Self { key: key.id.clone(), used, at }));
        }
        Err(exceeded(&quota, answers.get(1).and_then(|rows| rows.first()), used, at).into())
    }

    /// Takes it back. What cannot be taken back counts until the day is over.
    pub(crate) async fn refund(self, env: &Env) {
        let refunded = async {
            Database::new(env)?.run(&quota::refund(&self.key, self.used, self.at)).await.map_err(Problem::from)
        };
        if let Err(problem) = refunded.await {
            tracing::warn!(key = self.key, ?problem, "use that came to nothing still counts");
        }
    }
}

fn exceeded(quota: &KeyQuota, used: Option<&String>, more: Use, at: Timestamp) -> Exceeded {
    // Another request of this moment may have been refunded since: then it is the tasks.
    let most = quota.tasks_per_day.unwrap_or_default();
    quota.exceeded(quota::read_use(used), more, at).unwrap_or_else(|| quota::too_many_requests("tasks_per_day", most))
}

/// Notes that `key` opens `job`, if its quota allows one more.
pub(crate) async fn open(env: &Env, key: &ApiKey, job: JobId, at: Timestamp) -> Result<(), Problem> {
    let Some(most) = platform::settings(env)?.quotas.of(&key.id).open_jobs else { return Ok(()) };
    let answers = Database::new(env)?.transact(&quota::open(&key.id, job, most, at)).await?;
    match answers.get(1).is_some_and(|rows| !rows.is_empty()) {
        true => Ok(()),
        false => Err(quota::too_many_open_jobs(most).into()),
    }
}
