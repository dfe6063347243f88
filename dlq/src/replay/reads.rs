//! What operators read of a replay, and say to it.

use domain::replay::{ItemVerdict, NotNow, Replay as Machine};
use platform::query;
use worker::{Request, Response, Result};

use super::calls::{Item, Items, Word};
use crate::index::Index;
use crate::replay_do::Replay;

impl Replay {
    pub(crate) fn view(&self) -> Result<Response> {
        match self.look(Machine::view)? {
            Some(view) => Response::from_json(&view),
            None => Response::error("unknown", 404),
        }
    }

    /// A page of items: `?verdict=&from=&limit=`, as this Worker's own route says it.
    pub(crate) fn items(&self, request: &Request) -> Result<Response> {
        let pairs = query::pairs(request);
        let value = |name| query::value(&pairs, name);
        let verdict = value("verdict").and_then(|name| ItemVerdict::ALL.into_iter().find(|one| one.name() == name));
        let number = |name| value(name).and_then(|text| text.parse::<u32>().ok());
        let (from, limit) = (number("from").unwrap_or(0), number("limit").unwrap_or(50) as usize);
        let Some(found) = self.look(|replay| {
            let mut wanted = match verdict {
                Some(verdict) => replay.having(verdict),
                None => std::iter::once(replay.request.frozen).fold(
                    Default::default(),
                    |mut all: domain::indexes::Indexes, frozen| {
                        all.insert_range(0, frozen);
                        all
                    },
                ),
            };
            wanted = wanted.clipped(from, u32::MAX);
            let page = wanted.take_first(u32::try_from(limit).unwrap_or(u32::MAX));
            let verdicts: Vec<_> = page.iter().map(|item| (replay.verdict(item), replay.replay_task(item))).collect();
            (page, verdicts, wanted.first())
        })?
        else {
            return Response::error("unknown", 404);
        };
        let (page, verdicts, next) = found;
        let store = self.store();
        let tasks = store.items(&page)?;
        let items = page.iter().zip(tasks).zip(verdicts).map(|((item, task), (verdict, replay_task))| {
            let detail = if verdict == ItemVerdict::Refused { store.refusal(item)? } else { None };
            Ok(Item { task, replay_task, verdict, fingerprint: None, detail })
        });
        Response::from_json(&Items { items: items.collect::<Result<_>>()?, next })
    }

    pub(crate) async fn resume(&self, body: &str) -> Result<Response> {
        let word: Word = serde_json::from_str(body)?;
        self.obey(|replay| replay.resume(platform::now(), &word.key)).await
    }

    pub(crate) async fn cancel(&self, body: &str) -> Result<Response> {
        let word: Word = serde_json::from_str(body)?;
        self.obey(|replay| replay.cancel(platform::now(), &word.key)).await
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
