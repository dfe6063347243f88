//! `GET /v1/jobs`: jobs, newest first. The index says which; the ledgers of those that have not ended say where they are
//! now.

use std::time::Duration;

use domain::id::JobId;
use domain::index_row::{Cursor, Filter};
use domain::ledger::{JobState, Source};
use domain::limits::OPEN_CONNECTIONS;
use domain::views::{JobView, JobsView};
use futures_util::stream::{self, StreamExt};
use platform::index::Index;
use platform::ledger::Ledgers;
use platform::{Problem, query};
use worker::{Env, Request, Response};

/// How long a listing waits for a ledger: it has something to show without.
const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) async fn get(request: &Request, env: &Env) -> Result<Response, Problem> {
    let pairs = query::pairs(request);
    query::only(&pairs, &["state", "source", "limit", "cursor"])?;
    let filter = Filter {
        state: query::one_of(&pairs, "state", &JobState::ALL, |state| state.name())?,
        source: query::one_of(&pairs, "source", &Source::ALL, |source| source.name())?,
        after: query::value(&pairs, "cursor").map(read_cursor).transpose()?,
    };
    let limit = query::limit(&pairs)?;
    // One more than is shown, to know whether there is more.
    let mut found = Index::new(env)?.list(&filter, limit + 1).await?;
    let is_more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let listed = found.iter().map(|view| serde_json::from_str(view)).collect::<Result<Vec<JobView>, _>>();
    let listed = listed.map_err(worker::Error::from)?;
    let cursor = listed.last().filter(|_| is_more).map(|last| Cursor { created_at: last.created_at, job: last.job });
    let ledgers = Ledgers::new(env)?;
    let mut jobs: Vec<JobView> =
        stream::iter(listed).map(|view| refresh(&ledgers, view)).buffered(OPEN_CONNECTIONS).collect().await;
    // The index lags: what has moved on meanwhile is not what was asked for.
    jobs.retain(|job| filter.state.is_none_or(|state| job.state == state));
    super::json(200, &JobsView { jobs, cursor: cursor.map(|cursor| cursor.to_string()) })
}

/// The job as its ledger sees it now. One that has ended does not change any more; one whose ledger does not answer is
/// shown as the index knows it.
async fn refresh(ledgers: &Ledgers, view: JobView) -> JobView {
    if view.completed_at.is_some() {
        return view;
    }
    match read(ledgers, view.job).await {
        Ok(now) => now,
        Err(problem) => {
            tracing::warn!(job = %view.job, ?problem, "listed as the index knows it");
            view
        }
    }
}

async fn read(ledgers: &Ledgers, job: JobId) -> Result<JobView, Problem> {
    let text = ledgers.read_once(job, "job", PATIENCE).await?.text().await?;
    Ok(serde_json::from_str(&text).map_err(worker::Error::from)?)
}

fn read_cursor(text: &str) -> Result<Cursor, Problem> {
    text.parse().map_err(|error: domain::index_row::UnreadableCursor| Problem::wrong("cursor", error.to_string()))
}
