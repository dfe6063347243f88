//! `POST /v1/jobs` and `POST /v1/tasks`.

use domain::access::ApiKey;
use domain::id::{JobId, TaskId};
use domain::lane::Lane;
use domain::submission::{JobOptions, Rules, json_job, json_open_job, ndjson_job, single_task};
use platform::{Problem, query};
use serde::Serialize;
use worker::{Env, Request, Response};

use crate::accept::{Destination, accept};
use crate::body::ContentType;

pub(crate) async fn job(request: &mut Request, env: &Env, key: &ApiKey) -> Result<Response, Problem> {
    let to = if is_open(request)? { Destination::OpenJob } else { Destination::SealedJob };
    let content_type = match ContentType::of(request) {
        // A job that is only opened need not say what the nothing it brings is.
        Err(_) if to == Destination::OpenJob && request.headers().get("content-type")?.is_none() => ContentType::Ndjson,
        found => found?,
    };
    let known: &[&str] = match content_type {
        ContentType::Ndjson => &["name", "lane", "kind", "callback"],
        ContentType::Json => &[],
    };
    let read = |body: &[u8], options: JobOptions, rules: &Rules<'_>| match content_type {
        ContentType::Ndjson => ndjson_job(body, options, rules),
        ContentType::Json if to == Destination::OpenJob => json_open_job(body, rules),
        ContentType::Json => json_job(body, rules),
    };
    let accepted = accept(request, env, key, to, known, read).await?;
    let (job, lane) = (accepted.answer.job.job, accepted.answer.job.lane);
    let answer = SubmittedView {
        job,
        name: accepted.answer.job.name.clone(),
        lane,
        accepted: accepted.answer.part.tasks,
        state: if to == Destination::OpenJob { "open" } else { "running" },
        links: Links { job: format!("/v1/jobs/{job}"), results: format!("/v1/jobs/{job}/results") },
        duplicate: accepted.answer.duplicate,
    };
    accepted.respond(&answer)
}

/// What is answered to a job.
#[derive(Serialize)]
struct SubmittedView {
    job: JobId,
    name: Option<String>,
    lane: Lane,
    accepted: u32,
    state: &'static str,
    links: Links,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
}

#[derive(Serialize)]
struct Links {
    job: String,
    results: String,
}

/// What is answered to a task.
#[derive(Serialize)]
struct TaskSubmittedView {
    task: TaskId,
    job: JobId,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
}

pub(crate) async fn task(request: &mut Request, env: &Env, key: &ApiKey) -> Result<Response, Problem> {
    if ContentType::of(request)? != ContentType::Json {
        return Err(Problem::ContentType("send application/json".to_owned()));
    }
    let accepted = accept(request, env, key, Destination::SingleTask, &["lane"], single_task).await?;
    let job = accepted.answer.job.job;
    let duplicate = accepted.answer.duplicate;
    accepted.respond(&TaskSubmittedView { task: TaskId { job, index: 0 }, job, duplicate })
}

/// Whether the query says `open=true`.
fn is_open(request: &Request) -> Result<bool, Problem> {
    let pairs = query::pairs(request);
    let mut values = pairs.iter().filter(|(name, _)| name == "open").map(|(_, value)| value.as_str());
    match (values.next(), values.next()) {
        (None, _) | (Some("false"), None) => Ok(false),
        (Some("true"), None) => Ok(true),
        (Some(_), None) => Err(Problem::wrong("open", "true or false")),
        (Some(_), Some(_)) => Err(Problem::wrong("open", "given twice")),
    }
}
