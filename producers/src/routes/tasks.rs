//! `GET /v1/tasks/{task}` and `POST /v1/tasks/{task}/cancel`.

use domain::calls::{CancelCall, VERSION};
use domain::id::TaskId;
use platform::ledger::Ledgers;
use platform::{Problem, query};
use worker::{Env, Request, Response};

use super::jobs::pass_on;

pub(crate) async fn get(request: &Request, env: &Env, task: TaskId) -> Result<Response, Problem> {
    query::only(&query::pairs(request), &[])?;
    pass_on(Ledgers::new(env)?.read(task.job, &format!("tasks/{}", task.index)).await?, "application/json").await
}

/// Cancels the task: one that waits never runs, one that runs finishes, is recorded and not tried again.
pub(crate) async fn cancel(request: &Request, env: &Env, task: TaskId) -> Result<Response, Problem> {
    query::only(&query::pairs(request), &[])?;
    let ledgers = Ledgers::new(env)?;
    ledgers.cancel(task.job, &CancelCall { v: VERSION, index: Some(task.index) }).await?;
    super::text(202, format!(r#"{{"task":"{task}","job":"{}"}}"#, task.job))
}
