//! `GET /v1/tasks/{task}`.

use domain::id::TaskId;
use platform::ledger::Ledgers;
use worker::{Env, Request, Response};

use super::jobs::pass_on;
use crate::problem::Problem;
use crate::query;

pub(crate) async fn get(request: &Request, env: &Env, task: TaskId) -> Result<Response, Problem> {
    query::only(&query::pairs(request)?, &[])?;
    pass_on(Ledgers::new(env)?.read(task.job, &format!("tasks/{}", task.index)).await?, "application/json").await
}
