//! Items are decided: read from the archive, patched, held against their kind, and taken if they are still open.

use config::Settings;
use domain::dead_letter::DeadLetter;
use domain::indexes::Indexes;
use domain::kinds::Kind;
use domain::limits::KV_BULK_KEYS;
use domain::replay::{ItemRules, Portion, RefusedItem, ReplayTask};
use domain::triage::statements::{Held, take};
use worker::{Env, Result};

use super::work::Tools;
use crate::archive::Archive;
use crate::index::read;
use crate::replay_do::Replay;

/// Bytes of letters, or of their tasks, that make one portion: these are appended in one call.
const PORTION_BYTES: usize = 4_000_000;

/// Items as they are to be sent.
pub(crate) type Prepared = Vec<(u32, ReplayTask)>;

/// A letter's task, or why there is none.
pub(crate) type Item = std::result::Result<ReplayTask, RefusedItem>;

impl Replay {
    /// Decides items from `from` on, at most `most`.
    pub(crate) async fn decide(&self, tools: &mut Tools, from: u32, most: u32) -> Result<()> {
        let mut items = Indexes::new();
        items.insert_range(from, from + most);
        let tasks = self.store().items(&items)?;
        let Some((id, patch, force)) = self.look(|replay| {
            let body = &replay.request.body;
            (replay.request.id, body.patch.clone(), body.force)
        })?
        else {
            return Ok(());
        };
        let patch = patch.as_ref().map(|patch| patch.get());
        let read_items = prepare(&self.env, &tools.archive, &tasks, patch, PORTION_BYTES).await?;
        let tasks = &tasks[..read_items.len()];

        let good = tasks.iter().zip(&read_items).filter(|(_, item)| item.is_ok());
        let good: Vec<&str> = good.map(|(task, _)| task.as_str()).collect();
        // Taken before they are appended: whoever else asks for them from here on is told that they are not open.
        let answers = tools.index.transact(&take(&good, id, force, platform::now())).await?;
        let Held(mut held, late) = read(answers.into_iter().next_back().unwrap_or_default())?.pop().unwrap_or_default();
        held.sort_unstable();

        let mut portion = Portion { to: from + tasks.len() as u32, ..Portion::default() };
        let (mut prepared, mut refusals) = (Prepared::new(), Vec::new());
        for ((item, task), read_item) in (from..).zip(tasks).zip(read_items) {
            match read_item {
                Ok(ready) if held.binary_search(task).is_ok() => {
                    portion.taken.insert(item);
                    prepared.push((item, ready));
                }
                Ok(_) if late.contains(task) => refusals.push((item, RefusedItem::SucceededLate)),
                Ok(_) => portion.skipped.insert(item),
                Err(refusal) => refusals.push((item, refusal)),
            }
        }
        portion.refused = refusals.iter().map(|(item, _)| *item).collect();
        // Taken, by a try that was cut off, and refused since: nobody else would give it back.
        self.give_back(tools, &portion.refused).await?;
        tools.prepared = Some(prepared);
        let keep_refusals = |store: &super::store::Store| {
            refusals.iter().try_for_each(|(item, refusal)| store.put_refusal(*item, &refusal.to_string()))
        };
        self.change_with(|replay| replay.decided(portion), &keep_refusals).map(drop)
    }

    /// Those of `items` that were decided before, as they are to be sent. One that cannot be sent any more is left out.
    pub(crate) async fn prepare_again(&self, archive: &Archive, items: &Indexes) -> Result<Prepared> {
        let tasks = self.store().items(items)?;
        let patch = self.look(|replay| replay.request.body.patch.clone())?.flatten();
        let again = prepare(&self.env, archive, &tasks, patch.as_ref().map(|patch| patch.get()), usize::MAX).await?;
        Ok(items.iter().zip(again).filter_map(|(item, ready)| Some((item, ready.ok()?))).collect())
    }
}

/// What becomes of `tasks` in order, or of the first of them: as many as `bytes` of letters hold.
pub(crate) async fn prepare(
    env: &Env,
    archive: &Archive,
    tasks: &[String],
    patch: Option<&str>,
    bytes: usize,
) -> Result<Vec<Item>> {
    let settings: &Settings = platform::settings(env).map_err(|error| error.to_string())?;
    let kinds: Vec<Kind> = settings.kinds.keys().copied().collect();
    let rules = ItemRules { kinds: &kinds, hosts: &settings.hosts };
    let (mut items, mut total) = (Vec::with_capacity(tasks.len()), 0);
    for some in tasks.chunks(KV_BULK_KEYS) {
        let keys: Vec<String> = some.iter().map(|task| format!("dead/{task}")).collect();
        let found = archive.get(&keys).await.map_err(|error| error.to_string())?;
        for key in &keys {
            let Some(Some(text)) = found.get(key) else {
                items.push(Err(RefusedItem::NoContent));
                continue;
            };
            let item = match serde_json::from_str::<DeadLetter<'_>>(text) {
                Ok(letter) => ReplayTask::new(&letter, patch, rules),
                Err(error) => {
                    tracing::error!(key, %error, "the archive has what cannot be read");
                    Err(RefusedItem::Unreadable)
                }
            };
            // A patch may be longer than what it patches.
            total += item.as_ref().map_or(0, |ready| ready.payload.len()).max(text.len());
            items.push(item);
        }
        if total >= bytes {
            break;
        }
    }
    Ok(items)
}
