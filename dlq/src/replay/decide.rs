//! Items are decided: read from the archive, patched, held against their kind, and taken if they are still open.

use std::collections::{BTreeSet, HashMap};

use config::Settings;
use domain::dead_letter::DeadLetter;
use domain::indexes::Indexes;
use domain::kinds::Kind;
use domain::replay::{ItemRules, Portion, RefusedItem, ReplayTask};
use domain::triage::statements::{Held, bundles_of, take};
use worker::{Env, Result};

use super::work::Tools;
use crate::archive::{Archive, BUNDLES_AT_ONCE};
use crate::index::{Index, read};
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
        let read_items = prepare(&self.env, &tools.archive, &tools.index, &tasks, patch, PORTION_BYTES).await?;
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
    pub(crate) async fn prepare_again(&self, tools: &Tools, items: &Indexes) -> Result<Prepared> {
        let tasks = self.store().items(items)?;
        let patch = self.look(|replay| replay.request.body.patch.clone())?.flatten();
        let patch = patch.as_ref().map(|patch| patch.get());
        let again = prepare(&self.env, &tools.archive, &tools.index, &tasks, patch, usize::MAX).await?;
        Ok(items.iter().zip(again).filter_map(|(item, ready)| Some((item, ready.ok()?))).collect())
    }
}

/// What becomes of `tasks` in order, or of the first of them: as many as `bytes` of letters hold.
pub(crate) async fn prepare(
    env: &Env,
    archive: &Archive,
    index: &Index,
    tasks: &[String],
    patch: Option<&str>,
    bytes: usize,
) -> Result<Vec<Item>> {
    let settings: &Settings = platform::settings(env).map_err(|error| error.to_string())?;
    let kinds: Vec<Kind> = settings.kinds.keys().copied().collect();
    let rules = ItemRules { kinds: &kinds, hosts: &settings.hosts };
    let keys: HashMap<String, String> =
        index.row::<Vec<(String, String)>>(&bundles_of(tasks)).await?.into_iter().collect();
    let (mut items, mut total) = (Vec::with_capacity(tasks.len()), 0);
    let mut left = tasks;
    while !left.is_empty() {
        let (some, bundles, rest) = of_few_bundles(left, &keys);
        left = rest;
        let values = archive.get(bundles).await.map_err(|error| error.to_string())?;
        let opened = values.open();
        for task in some {
            let text = keys.get(task).and_then(|key| opened.get(&**key)).and_then(|bundle| bundle.letter(task));
            let Some(text) = text else {
                items.push(Err(RefusedItem::NoContent));
                continue;
            };
            let item = match serde_json::from_str::<DeadLetter<'_>>(text) {
                Ok(letter) => ReplayTask::new(&letter, patch, rules),
                Err(error) => {
                    tracing::error!(task, %error, "the archive has what cannot be read");
                    Err(RefusedItem::Unreadable)
                }
            };
            // A patch may be longer than what it patches.
            total += item.as_ref().map_or(0, |ready| ready.payload.len()).max(text.len());
            items.push(item);
            if total >= bytes {
                return Ok(items);
            }
        }
    }
    Ok(items)
}

/// The first of `tasks`, as many as have their letters in [`BUNDLES_AT_ONCE`] bundles; these; and the other tasks.
fn of_few_bundles<'t>(
    tasks: &'t [String],
    keys: &'t HashMap<String, String>,
) -> (&'t [String], BTreeSet<&'t str>, &'t [String]) {
    let mut bundles = BTreeSet::new();
    for (at, task) in tasks.iter().enumerate() {
        let Some(key) = keys.get(task) else { continue };
        if bundles.len() == BUNDLES_AT_ONCE && !bundles.contains(&**key) {
            return (&tasks[..at], bundles, &tasks[at..]);
        }
        bundles.insert(&**key);
    }
    (tasks, bundles, &[])
}
