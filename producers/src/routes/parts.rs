//! Jobs in parts: `POST /v1/jobs/{job}/tasks` and `POST /v1/jobs/{job}/seal`.

use domain::access::ApiKey;
use domain::calls::{SealCall, VERSION};
use domain::id::JobId;
use domain::ledger::Source;
use domain::submission::{Fault, JobOptions, Refusal, Rules, Submission, json_job, ndjson_job};
use platform::ledger::Ledgers;
use platform::{Problem, query};
use serde::{Deserialize, Serialize};
use worker::{Env, Request, Response};

use crate::accept::{Destination, accept};
use crate::body::{self, ContentType};

/// Appends a part to an open job. Its `Idempotency-Key` names it: the same part again is answered with 200, also after
/// the job was sealed.
pub(crate) async fn append(request: &mut Request, env: &Env, key: &ApiKey, job: JobId) -> Result<Response, Problem> {
    let content_type = ContentType::of(request)?;
    let read = |body: &[u8], options: JobOptions, rules: &Rules<'_>| match content_type {
        ContentType::Ndjson => ndjson_job(body, options, rules),
        ContentType::Json => json_job(body, rules).and_then(without_options),
    };
    let accepted = accept(request, env, key, Destination::Part(job), &["kind"], read).await?;
    // As it was when the part was appended, so that a repeat gets the first answer.
    let (tasks, total) = (accepted.answer.part.tasks, accepted.answer.part.base + accepted.answer.part.tasks);
    let duplicate = accepted.answer.duplicate;
    accepted.respond(&AppendedView { job, accepted: tasks, total, duplicate })
}

/// What is answered to a part.
#[derive(Serialize)]
struct AppendedView {
    job: JobId,
    accepted: u32,
    total: u32,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
}

/// A part cannot change what the job was opened with.
fn without_options(part: Submission) -> Result<Submission, Refusal> {
    if part.options == JobOptions::default() {
        return Ok(part);
    }
    Err(Refusal::Wrong(vec![Fault::new("", "a part has tasks only; name, lane and callback are the job's")]))
}

/// What a seal must say.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seal {
    accepted: u32,
}

/// Seals a job, if the caller counts as many tasks as the ledger.
pub(crate) async fn seal(request: &mut Request, env: &Env, job: JobId) -> Result<Response, Problem> {
    query::only(&query::pairs(request), &[])?;
    if ContentType::of(request)? != ContentType::Json {
        return Err(Problem::ContentType("send application/json".to_owned()));
    }
    let body = body::read(request).await?;
    if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(&body.bytes) {
        return Err(Problem::Unreadable(vec![Fault::new("", format!("not valid JSON: {error}"))]));
    }
    let seal: Seal = serde_json::from_slice(&body.bytes)
        .map_err(|error| Problem::wrong("accepted", format!("how many tasks you count: {error}")))?;
    let view =
        Ledgers::new(env)?.seal(job, &SealCall { v: VERSION, accepted: seal.accepted, source: Source::Api }).await?;
    super::text(200, view)
}
