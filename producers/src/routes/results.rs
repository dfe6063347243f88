//! `GET /v1/jobs/{job}/results`.

use domain::calls::{LINES, NEXT_INDEX};
use domain::id::JobId;
use domain::ledger::TaskState;
use domain::views::ResultsEnd;
use futures_channel::oneshot;
use futures_util::stream;
use platform::ledger::Ledgers;
use platform::{Problem, query};
use wasm_bindgen_futures::spawn_local;
use worker::{Env, Error, Headers, Request, Response};

/// NDJSON by index, `?status=&from=&limit=&end=`; without `limit` all of it, streamed page by page. A stream that cannot go
/// on is broken off, which not every proxy passes on: with `end=true` a last line says that it is whole.
pub(super) async fn get(request: &Request, env: &Env, job: JobId) -> Result<Response, Problem> {
    let pairs = query::pairs(request);
    query::only(&pairs, &["status", "from", "limit", "end"])?;
    let reader = Reader {
        ledgers: Ledgers::new(env)?,
        job,
        status: query::one_of(&pairs, "status", &TaskState::ALL, TaskState::name)?,
    };
    let from = query::number(&pairs, "from", 0)?.unwrap_or(0);
    let left = query::number(&pairs, "limit", 1)?;
    let end = query::one_of(&pairs, "end", &[End::Left, End::Said], End::name)?.unwrap_or(End::Left);
    // The first page is read before the answer begins, so that an unknown job is a 404.
    let first = reader.page(from, left).await?;
    let position = Position { reader, left, lines: 0, end, next: Next::Page(first) };
    let headers = Headers::new();
    headers.set("content-type", "application/x-ndjson")?;
    Ok(Response::from_stream(stream::try_unfold(position, Position::step))?.with_headers(headers))
}

/// What follows the last task's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Nothing.
    Left,
    /// A line that says how many there were.
    Said,
}

impl End {
    const fn name(self) -> &'static str {
        match self {
            Self::Left => "false",
            Self::Said => "true",
        }
    }
}

/// How far a stream has got.
struct Position {
    reader: Reader,
    /// Lines that may still follow, where there is a limit.
    left: Option<u32>,
    /// Lines so far.
    lines: u64,
    end: End,
    next: Next,
}

/// What follows.
enum Next {
    Page(Page),
    /// The page that is read while the one before it is sent.
    Reading(oneshot::Receiver<Result<Page, Problem>>),
    End,
    Nothing,
}

impl Position {
    async fn step(mut self) -> Result<Option<(Vec<u8>, Self)>, Error> {
        let page = match self.next {
            Next::Page(page) => page,
            Next::Reading(page) => {
                let read = page.await.map_err(|_| broken("nobody reads the next page"))?;
                read.map_err(|problem| broken(&format!("{problem:?}")))?
            }
            Next::End if self.end == End::Said => {
                let mut line = serde_json::to_vec(&ResultsEnd { end: true, lines: self.lines })?;
                line.push(b'\n');
                return Ok(Some((line, Self { next: Next::Nothing, ..self })));
            }
            Next::End | Next::Nothing => return Ok(None),
        };
        self.lines += u64::from(page.count);
        self.left = self.left.map(|left| left.saturating_sub(page.count));
        self.next = match page.next.filter(|_| self.left != Some(0)) {
            Some(from) => Next::Reading(self.reader.begin(from, self.left)),
            None => Next::End,
        };
        Ok(Some((page.lines, self)))
    }
}

fn broken(cause: &str) -> Error {
    tracing::error!(cause, "results end early");
    Error::RustError(format!("results end early: {cause}"))
}

/// Reads results page by page.
#[derive(Clone)]
struct Reader {
    ledgers: Ledgers,
    job: JobId,
    status: Option<TaskState>,
}

struct Page {
    lines: Vec<u8>,
    count: u32,
    next: Option<u32>,
}

impl Reader {
    /// Begins to read the page from `from` on: it is read whether or not anybody waits for it.
    fn begin(&self, from: u32, left: Option<u32>) -> oneshot::Receiver<Result<Page, Problem>> {
        let (page, read) = oneshot::channel();
        let reader = self.clone();
        spawn_local(async move {
            // Nobody waits for it any more where the caller has hung up.
            let _ = page.send(reader.page(from, left).await);
        });
        read
    }

    async fn page(&self, from: u32, left: Option<u32>) -> Result<Page, Problem> {
        let mut path = format!("results?from={from}");
        if let Some(left) = left {
            path += &format!("&limit={left}");
        }
        if let Some(status) = self.status {
            path += &format!("&status={}", status.name());
        }
        let mut response = self.ledgers.read(self.job, &path).await?;
        let number = |name| response.headers().get(name).map(|text| text.and_then(|text| text.parse().ok()));
        let (count, next) = (number(LINES)?.unwrap_or(0), number(NEXT_INDEX)?);
        Ok(Page { lines: response.bytes().await?, count, next })
    }
}
