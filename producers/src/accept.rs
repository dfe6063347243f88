//! The way of a submission: read, check, pack, append, send.

use domain::access::ApiKey;
use domain::calls::{AppendAnswer, AppendCall, VERSION};
use domain::id::JobId;
use domain::ledger::Source;
use domain::outgoing::first_messages;
use domain::packing::Chunk;
use domain::quota::Use;
use domain::submission::{JobOptions, Refusal, Rules, Submission};
use domain::time::Timestamp;
use platform::ledger::{LedgerError, Ledgers};
use platform::{Problem, query};
use serde::Serialize;
use worker::{Env, Request, Response};

use crate::acceptance::Acceptance;
use crate::admission::{self, Charged};
use crate::body;
use crate::routes;

/// What was accepted.
pub(crate) struct Accepted {
    pub(crate) answer: AppendAnswer,
}

impl Accepted {
    /// 202, or 200 for a repeat.
    pub(crate) fn respond(self, answer: &impl Serialize) -> Result<Response, Problem> {
        routes::json(if self.answer.duplicate { 200 } else { 202 }, answer)
    }
}

/// Where the tasks of a request go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// A job of their own that gets no more.
    SealedJob,
    /// The same, that listings leave out.
    SingleTask,
    /// A job of their own that more parts may join.
    OpenJob,
    /// A job that is there.
    Part(JobId),
}

/// Takes a submission from bytes to a promise: once appended, its tasks will end, whatever happens to the messages.
/// `known` are the query parameters that it may have.
pub(crate) async fn accept(
    request: &mut Request,
    env: &Env,
    key: &ApiKey,
    to: Destination,
    known: &[&str],
    read: impl FnOnce(&[u8], JobOptions, &Rules<'_>) -> Result<Submission, Refusal>,
) -> Result<Accepted, Problem> {
    let settings = platform::settings(env)?;
    // Read first: delays count from when the whole request is here.
    let body = body::read(request).await?;
    let (body, _hold) = (body.bytes, body.hold);
    let now = platform::now();
    let acceptance = Acceptance::of(settings);
    let rules = acceptance.rules(now, None);
    let pairs = query::pairs(request);
    let options = pairs.iter().map(|(name, value)| (&**name, &**value)).filter(|(name, _)| *name != "open");
    let options = JobOptions::from_query(options, known, &rules).map_err(Problem::Wrong)?;
    let idempotency_key = platform::idempotency_key(request)?;

    let content = match &idempotency_key {
        Some(_) => content_hash(request, &body).await?,
        None => String::new(),
    };
    let (job, part) = match (to, idempotency_key) {
        // With its length before it, no key id can be mistaken for another and the start of a text.
        (Destination::Part(job), Some(text)) => (job, format!("{}:{}/{text}", key.id.len(), key.id)),
        (Destination::Part(_), None) => {
            return Err(Problem::wrong("Idempotency-Key", "missing: it names the part, so that it can be repeated"));
        }
        (_, Some(text)) => (JobId::keyed(&key.id, &text), String::new()),
        (_, None) => (random_job(now)?, String::new()),
    };
    let bytes = body.len() as u64;
    let empty = to == Destination::OpenJob && body.trim_ascii().is_empty();
    let submission = if empty { Submission::empty(options) } else { read(&body, options, &rules)? };
    // The body's memory is free again before the ledger and the queues are waited for: several large requests may be
    // under way.
    drop(body);

    let call = AppendCall {
        v: VERSION,
        job,
        name: submission.options.name,
        lane: submission.options.lane,
        source: Source::Api,
        callback: submission.options.callback,
        part,
        content,
        seal: matches!(to, Destination::SealedJob | Destination::SingleTask),
        joins: matches!(to, Destination::Part(_)),
        at: None,
        unlisted: to == Destination::SingleTask,
        chunks: submission.chunks.iter().map(Chunk::entry).collect(),
    };
    // Without a key the job's id is this request's own: a part that was there already is our own first try, whose
    // answer was lost.
    let repeats = if call.content.is_empty() { Repeats::Never } else { Repeats::Possible };
    if to == Destination::OpenJob {
        admission::open(env, key, job, now).await?;
    }
    let charged = Charged::charge(env, key, Use { tasks: submission.tasks, bytes }, now).await?;
    let appended = append(env, &call, submission.chunks, repeats).await;
    // A repeat uses nothing, nor does what is refused. What is not known to be refused counts.
    let is_unused = match &appended {
        Ok(answer) => answer.duplicate,
        Err(error) => !matches!(error, LedgerError::Unavailable(_)),
    };
    if let Some(charged) = charged.filter(|_| is_unused) {
        charged.refund(env).await;
    }
    let answer = appended?;
    tracing::info!(%job, key = key.id, tasks = submission.tasks, duplicate = answer.duplicate, "accepted");
    tracing::debug!(memory = platform::memory(), "a submission ends");
    Ok(Accepted { answer })
}

/// Whether a part that the ledger knows may have come from somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeats {
    /// Its key may have been used before.
    Possible,
    /// Its key is this call's own.
    Never,
}

/// Appends a part to its ledger, then sends its packs: once appended, its tasks will end.
pub(crate) async fn append(
    env: &Env,
    call: &AppendCall,
    chunks: Vec<Chunk>,
    repeats: Repeats,
) -> Result<AppendAnswer, LedgerError> {
    let ledgers = Ledgers::new(env).map_err(|error| worker::Error::RustError(error.to_string()))?;
    let mut answer: AppendAnswer = ledgers.append(call, &chunks).await?;
    answer.duplicate &= repeats == Repeats::Possible;
    // The packs of a repeat are the ledger's to send.
    if !answer.duplicate {
        let messages = first_messages(call.job, answer.job.lane, &answer.part, chunks);
        // From here on the promise holds: what is not sent now, the ledger's outbox sends.
        if let Err(error) = platform::send(env, messages).await {
            tracing::warn!(job = %call.job, %error, "not all packs were sent; the ledger will send them");
        }
    }
    Ok(answer)
}

/// What makes two requests with one key the same: route, query and body.
async fn content_hash(request: &Request, body: &[u8]) -> Result<String, Problem> {
    let url = request.url()?;
    let place = format!("{}?{}\n", url.path(), url.query().unwrap_or_default());
    Ok(platform::sha256_hex(&[place.as_bytes(), body]).await?)
}

fn random_job(now: Timestamp) -> Result<JobId, Problem> {
    let mut random = [0; 10];
    platform::fill(&mut random)?;
    Ok(JobId::random(now, random))
}
