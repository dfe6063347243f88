//! A replay begins: its set is frozen and written down, item by item, before anything is sent.

use domain::lane::Lane;
use domain::limits::{FILTER_TASKS, REPLAY_ITEMS};
use domain::replay::{Replay as Machine, Request};
use domain::triage::Filter;
use domain::triage::statements::{Frozen, frozen};
use worker::{Response, Result};

use crate::index::Index;
use crate::replay_do::Replay;

/// The letters that a filter means.
#[derive(Default)]
struct Set {
    tasks: Vec<String>,
    lanes: Vec<Option<Lane>>,
}

impl Replay {
    /// Begins the replay. The same request again begins nothing.
    pub(crate) async fn create(&self, body: &str) -> Result<Response> {
        let request: Request = serde_json::from_str(body)?;
        if let Some(begun) = self.begun(&request)? {
            return begun;
        }
        let index = Index::new(&self.env).map_err(|error| error.to_string())?;
        let set = freeze(&index, &request.body.filter).await?;
        // Another call with the same key may have come meanwhile.
        if let Some(begun) = self.begun(&request)? {
            return begun;
        }
        let count = u32::try_from(set.tasks.len()).unwrap_or(u32::MAX);
        if count == 0 {
            return Response::error("no open dead letter is like that; nothing was begun", 422);
        }
        if count > REPLAY_ITEMS {
            let detail = format!("more than {REPLAY_ITEMS} dead letters: replay them in several replays");
            return Response::error(detail, 422);
        }
        let request = Request { lane: lane_of(&set.lanes), frozen: count, ..request };
        tracing::info!(replay = %request.id, key = request.key, count, "a replay begins");
        self.store_new(Machine::begin(request), &set.tasks).await?;
        // The alarm would do the same in a moment. What it needs is that the journal has it before anything is sent.
        if let Err(error) = self.tell(&index).await {
            tracing::warn!(%error, "the journal was not told; the alarm tells it");
        }
        Ok(Response::ok(count.to_string())?.with_status(202))
    }

    /// What a request is answered whose replay has begun before.
    fn begun(&self, request: &Request) -> Result<Option<Result<Response>>> {
        self.look(|replay| match replay.request.content == request.content {
            true => Response::ok(replay.request.frozen.to_string()),
            false => Response::error("the same idempotency key was used with other content", 409),
        })
    }
}

/// Reads the letters, page by page, of what had arrived when the first page was read.
async fn freeze(index: &Index, filter: &Filter) -> Result<Set> {
    let mut set = Set::default();
    let mut after = None;
    loop {
        let Frozen(upto, last, lanes, tasks) = index.row(&frozen(filter, after, FILTER_TASKS as u32)).await?;
        let is_last = tasks.len() < FILTER_TASKS;
        set.lanes.extend(lanes);
        set.tasks.extend(tasks);
        after = upto.zip(last);
        if is_last || after.is_none() || set.tasks.len() > REPLAY_ITEMS as usize {
            return Ok(set);
        }
    }
}

/// The lane that all letters came by; `default` where they differ, or came by one that nobody may submit to.
fn lane_of(lanes: &[Option<Lane>]) -> Lane {
    let mut known = lanes.iter().flatten().filter(|lane| **lane != Lane::Quarantine);
    match known.next() {
        Some(first) if known.all(|lane| lane == first) => *first,
        _ => Lane::Default,
    }
}
