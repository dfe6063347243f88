//! `POST /v1/jobs` and `POST /v1/tasks`: parse, check, pack, append, send, answer.

use domain::access::ApiKey;
use domain::calls::{AppendAnswer, AppendCall, Destination, OutgoingMessage, VERSION};
use domain::id::{JobId, PackId, TaskId};
use domain::kinds::Kind;
use domain::lane::Lane;
use domain::ledger::Source;
use domain::limits::HELD_AFTER;
use domain::outgoing::delay_seconds;
use domain::pack::{self, PackHeader};
use domain::packing::{Chunk, ChunkEntry};
use domain::submission::{JobOptions, Refusal, Rules, Submission, json_job, ndjson_job, single_task};
use domain::time::Timestamp;
use platform::ledger::Ledgers;
use serde_json::{Value, json};
use worker::{Env, Request, Response};

use super::json;
use crate::body::{self, ContentType};
use crate::problem::Problem;
use crate::query;

pub(crate) async fn job(request: &mut Request, env: &Env, key: &ApiKey) -> Result<Response, Problem> {
    let content_type = ContentType::of(request)?;
    let known: &[&str] = match content_type {
        ContentType::Ndjson => &["name", "lane", "kind", "callback"],
        ContentType::Json => &[],
    };
    let read = |body: &[u8], options: JobOptions, rules: &Rules<'_>| match content_type {
        ContentType::Ndjson => ndjson_job(body, options, rules),
        ContentType::Json => json_job(body, rules),
    };
    let accepted = submit(request, env, key, known, read).await?;
    let (job, lane) = (accepted.answer.job.job, accepted.answer.job.lane);
    let answer = json!({
        "job": job,
        "name": accepted.answer.job.name,
        "lane": lane,
        "accepted": accepted.answer.part.tasks,
        "state": "running",
        "links": { "job": format!("/v1/jobs/{job}"), "results": format!("/v1/jobs/{job}/results") },
    });
    accepted.respond(answer)
}

pub(crate) async fn task(request: &mut Request, env: &Env, key: &ApiKey) -> Result<Response, Problem> {
    if ContentType::of(request)? != ContentType::Json {
        return Err(Problem::ContentType("send application/json".to_owned()));
    }
    let accepted = submit(request, env, key, &["lane"], single_task).await?;
    let job = accepted.answer.job.job;
    accepted.respond(json!({ "task": TaskId { job, index: 0 }, "job": job }))
}

/// What was accepted.
struct Accepted {
    answer: AppendAnswer,
}

impl Accepted {
    /// 202, or 200 for a repeat.
    fn respond(self, mut answer: Value) -> Result<Response, Problem> {
        if self.answer.duplicate {
            answer["duplicate"] = true.into();
            return json(200, &answer);
        }
        json(202, &answer)
    }
}

/// Takes a submission from bytes to a promise: once appended, its tasks will end, whatever happens to the messages.
async fn submit(
    request: &mut Request,
    env: &Env,
    key: &ApiKey,
    known: &[&str],
    read: impl FnOnce(&[u8], JobOptions, &Rules<'_>) -> Result<Submission, Refusal>,
) -> Result<Accepted, Problem> {
    let settings = platform::settings(env)?;
    // Read first: delays count from when the whole request is here.
    let body = body::read(request).await?;
    let (body, _in_flight) = (body.bytes, body.in_flight);
    let now = platform::now();
    let kinds: Vec<Kind> = settings.kinds.keys().copied().collect();
    let cap = |kind: Kind| settings.kinds.get(&kind).map_or(1, |found| found.pack_tasks);
    let rules = Rules { now, kinds: &kinds, hosts: &settings.hosts, cap: &cap };
    let pairs = query::pairs(request)?;
    let options = JobOptions::from_query(pairs.iter().map(|(name, value)| (&**name, &**value)), known, &rules)
        .map_err(Problem::Wrong)?;
    let idempotency_key = idempotency_key(request)?;

    let (job, content) = match idempotency_key {
        Some(text) => (JobId::keyed(&key.id, &text), content_hash(request, &body).await?),
        None => (random_job(now)?, String::new()),
    };
    let submission = read(&body, options, &rules)?;
    // The body's memory is free again before anything is awaited: several large requests may be under way.
    drop(body);

    let call = AppendCall {
        v: VERSION,
        job,
        name: submission.options.name,
        lane: submission.options.lane,
        source: Source::Api,
        callback: submission.options.callback,
        part: String::new(),
        content,
        seal: true,
        chunks: submission.chunks.iter().map(entry).collect(),
    };
    let answer = Ledgers::new(env)?.append(&call, &submission.chunks).await?;
    let packs = submission.chunks.len();
    tracing::info!(%job, key = key.id, tasks = submission.tasks, packs, duplicate = answer.duplicate, "accepted");
    if !answer.duplicate {
        let messages = messages(&answer, call.lane, submission.chunks);
        // From here on the promise holds: what is not sent now, the ledger's outbox sends.
        if let Err(error) = platform::send(env, messages).await {
            tracing::warn!(%job, %error, "not all packs were sent; the ledger will send them");
        }
    }
    Ok(Accepted { answer })
}

fn entry(chunk: &Chunk) -> ChunkEntry {
    ChunkEntry { kind: chunk.kind, due: chunk.due, indexes: chunk.indexes.clone(), bytes: chunk.lines.len() }
}

/// The first messages of a part: those that are due soon enough to wait in the queue. By the ledger's clock, which
/// decided the same.
fn messages(answer: &AppendAnswer, lane: Lane, chunks: Vec<Chunk>) -> impl Iterator<Item = OutgoingMessage> {
    let (job, part) = (answer.job.job, answer.part.clone());
    let now = part.accepted_at;
    chunks.into_iter().enumerate().filter_map(move |(at, chunk)| {
        let due = chunk.due.unwrap_or(now).max(now);
        (due.since(now) <= HELD_AFTER).then(|| {
            let header = PackHeader {
                v: pack::VERSION,
                job,
                pack: PackId(part.first_pack.0 + at as u32),
                kind: chunk.kind,
                lane,
                attempt: 1,
                base: part.base,
                accepted_at: part.accepted_at,
                sent_at: due,
            };
            let to = Destination::Lane(lane);
            OutgoingMessage { to, delay_seconds: delay_seconds(now, due), body: header.message(&chunk.lines) }
        })
    })
}

/// The `Idempotency-Key`, if the caller gave one.
fn idempotency_key(request: &Request) -> Result<Option<String>, Problem> {
    let Some(key) = request.headers().get("idempotency-key")? else { return Ok(None) };
    let fits = (1..=255).contains(&key.len()) && key.bytes().all(|b| (0x20..0x7f).contains(&b));
    if fits { Ok(Some(key)) } else { Err(Problem::wrong("Idempotency-Key", "1 to 255 printable ASCII characters")) }
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
