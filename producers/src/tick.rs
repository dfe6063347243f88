//! The cron tick. Schedules fire. The second net: an alarm that the platform has dropped would leave its job waiting for
//! ever, so each tick has the jobs that are overdue for it look after their alarms. And dead letters that were kept long enough
//! leave.

use domain::id::JobId;
use domain::limits::OPEN_CONNECTIONS;
use domain::time::Timestamp;
use futures_util::future::join3;
use futures_util::stream::{self, StreamExt};
use platform::index::Index;
use platform::ledger::{LedgerError, Ledgers};
use worker::{Env, Method, Request, RequestInit};

use crate::schedules;

/// Statements by which one tick forgets jobs that were deleted long ago: 20,000 jobs.
const FORGET_CALLS: u32 = 20;

/// Does what is due at `at`, the time that the tick was planned for.
pub(crate) async fn tick(env: &Env, at: Timestamp) {
    tracing::debug!(planned = %at, "tick");
    // Side by side: a generator that is slow keeps neither jobs nor dead letters waiting.
    let done = join3(schedules::fire_due(env, at), look_after_jobs(env, at), look_after_dead_letters(env, at)).await;
    for (what, outcome) in [("schedules", done.0), ("jobs", done.1), ("dead letters", done.2)] {
        if let Err(error) = outcome {
            tracing::error!(what, %error, "not looked after by this tick; the next one will");
        }
    }
}

/// The dlq Worker has no trigger of its own: the local runtime ticks the front door only.
async fn look_after_dead_letters(env: &Env, at: Timestamp) -> Result<(), worker::Error> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(Some(at.as_millis().to_string().into()));
    let answer = env.service("DLQ")?.fetch_request(Request::new_with_init("https://dlq/tick", &init)?).await?;
    match answer.status_code() {
        200 => Ok(()),
        status => Err(worker::Error::RustError(format!("dlq answered {status}"))),
    }
}

async fn look_after_jobs(env: &Env, at: Timestamp) -> Result<(), worker::Error> {
    let refused = |error: platform::PlatformError| worker::Error::RustError(error.to_string());
    let check = platform::settings(env).map_err(refused)?.recovery.check;
    let (index, ledgers) = (Index::new(env).map_err(refused)?, Ledgers::new(env).map_err(refused)?);
    match index.forget(at, FORGET_CALLS).await? {
        0 => {}
        forgotten => tracing::info!(forgotten, "deleted jobs are forgotten"),
    }
    // Moved on before they are touched: one that cannot be touched must not keep the others from their turn.
    let jobs = index.take_overdue(at, at.after(check)).await?;
    if jobs.is_empty() {
        return Ok(());
    }
    tracing::info!(jobs = jobs.len(), "looking after jobs");
    let touches = stream::iter(jobs.iter().filter_map(|job| job.parse().ok()));
    touches.for_each_concurrent(OPEN_CONNECTIONS, |job| touch(&ledgers, job)).await;
    Ok(())
}

async fn touch(ledgers: &Ledgers, job: JobId) {
    match ledgers.touch(job).await {
        Ok(()) => {}
        Err(LedgerError::Unknown) => tracing::error!(%job, "the index lists a job that has no ledger"),
        Err(error) => tracing::warn!(%job, %error, "not looked after; it will be next time"),
    }
}
