//! What operators read of a replay, and say to it.

use domain::id::{ReplayId, TaskId};
use domain::indexes::Indexes;
use domain::replay::{ItemVerdict, NotNow, Replay as Machine, ReplayView};
use domain::triage::IndexedLetter;
use domain::triage::statements::{Listed, records};
use platform::query;
use serde::Serialize;
use worker::{Request, Response, Result};

use crate::index::Index;
use crate::replay_do::Replay;
use crate::routes::items_page;

/// A page of items.
#[derive(Serialize)]
struct Items {
    items: Vec<Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

#[derive(Serialize)]
struct Item {
    task: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    replay_task: Option<TaskId>,
    verdict: ItemVerdict,
    /// The cause of its next death.
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// A page of items, by number.
struct Found {
    id: ReplayId,
    page: Indexes,
    verdicts: Vec<(ItemVerdict, Option<TaskId>)>,
    /// The item that the next page begins with, if there is more.
    next: Option<u32>,
}

impl Replay {
    pub(crate) fn view(&self) -> Result<Response> {
        self.show(Machine::view)
    }

    pub(crate) fn summary(&self) -> Result<Response> {
        self.show(Machine::summary)
    }

    fn show(&self, view: fn(&Machine) -> ReplayView) -> Result<Response> {
        match self.look(view)? {
            Some(view) => Response::ok(serde_json::to_string(&view)?),
            None => Response::error("unknown", 404),
        }
    }

    /// A page of items: `?verdict=&from=&limit=`, as this Worker's own route says it.
    pub(crate) async fn items(&self, request: &Request) -> Result<Response> {
        let pairs = query::pairs(request);
        let value = |name| query::value(&pairs, name);
        let verdict = value("verdict").and_then(|name| ItemVerdict::ALL.into_iter().find(|one| one.name() == name));
        let number = |name| value(name).and_then(|text| text.parse::<u32>().ok()).unwrap_or_default();
        let found = self.look(|replay| find(replay, verdict, number("from"), number("limit")))?;
        let Some(found) = found else { return Response::error("unknown", 404) };
        let store = self.store();
        let mut items = Vec::with_capacity(found.verdicts.len());
        let tasks = store.items(&found.page)?;
        for ((item, task), (verdict, replay_task)) in found.page.iter().zip(tasks).zip(found.verdicts) {
            let detail = if verdict == ItemVerdict::Refused { store.refusal(item)? } else { None };
            items.push(Item { task, replay_task, verdict, fingerprint: None, detail });
        }
        self.add_causes(&mut items, found.id).await?;
        let cursor = found.next.map(|next| items_page(found.id, verdict).cursor(&next));
        Response::ok(serde_json::to_string(&Items { items, cursor })?)
    }

    /// Says of what those died that died again.
    async fn add_causes(&self, items: &mut [Item], id: ReplayId) -> Result<()> {
        let mut died: Vec<&mut Item> = items.iter_mut().filter(|item| item.verdict == ItemVerdict::DiedAgain).collect();
        if died.is_empty() {
            return Ok(());
        }
        let tasks: Vec<&str> = died.iter().map(|item| &*item.task).collect();
        let index = Index::new(&self.env).map_err(|error| error.to_string())?;
        let rows: Vec<Listed> = index.rows(&records(&tasks)).await?;
        let letters: Vec<IndexedLetter> = rows.into_iter().map(Listed::into_letter).collect();
        for item in &mut died {
            let letter = letters.iter().find(|letter| letter.task == item.task);
            let replay = letter.and_then(|letter| letter.replays.iter().rfind(|replay| replay.replay == id));
            item.fingerprint = replay.and_then(|replay| replay.fingerprint.as_ref()).map(ToString::to_string);
        }
        Ok(())
    }

    pub(crate) async fn resume(&self, key: &str) -> Result<Response> {
        self.obey(|replay| replay.resume(platform::now(), key)).await
    }

    pub(crate) async fn cancel(&self, key: &str) -> Result<Response> {
        self.obey(|replay| replay.cancel(platform::now(), key)).await
    }

    /// Writes an operator's word down; the alarm does what it says.
    async fn obey(&self, word: impl FnOnce(&mut Machine) -> std::result::Result<(), NotNow>) -> Result<Response> {
        match self.change(word)? {
            None => return Response::error("unknown", 404),
            Some(Err(refusal)) => return Response::error(refusal.to_string(), 409),
            Some(Ok(())) => {}
        }
        self.arm(platform::now()).await?;
        let index = Index::new(&self.env).map_err(|error| error.to_string())?;
        if let Err(error) = self.tell(&index).await {
            tracing::warn!(%error, "the journal was not told; the alarm tells it");
        }
        self.view()
    }
}

fn find(replay: &Machine, verdict: Option<ItemVerdict>, from: u32, limit: u32) -> Found {
    let all = || {
        let mut all = Indexes::new();
        all.insert_range(0, replay.request.frozen);
        all
    };
    let mut wanted = verdict.map_or_else(all, |verdict| replay.having(verdict)).clipped(from, u32::MAX);
    let page = wanted.take_first(limit);
    let verdicts = page.iter().map(|item| (replay.verdict(item), replay.replay_task(item))).collect();
    Found { id: replay.request.id, page, verdicts, next: wanted.first() }
}
