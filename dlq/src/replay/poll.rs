//! What became of what was sent: the ledgers of the stages are asked, the index is told, then the items have their verdict.
//! In this order, so that dead letters show their new state no later than the replay does.

use domain::id::{JobId, ReplayId, TaskId};
use domain::indexes::Indexes;
use domain::replay::{Ended, ItemVerdict, Outcomes, OutcomesPage};
use domain::triage::ReplayVerdict;
use domain::triage::statements::{reported, still_replayed};
use platform::ledger::Ledgers;
use worker::{Error, Result};

use super::work::Tools;
use crate::index::read;
use crate::replay_do::Replay;

/// What has become of the tasks of a job, page by page: rows that are settled never change.
async fn outcomes(ledgers: &Ledgers, job: JobId) -> Result<Outcomes> {
    let (mut all, mut next) = (Outcomes::default(), Some(0));
    while let Some(from) = next {
        let mut page = match ledgers.read(job, &format!("outcomes?from={from}")).await {
            Ok(page) => page,
            Err(error) => return Err(Error::RustError(format!("job {job}: {error}"))),
        };
        let page: OutcomesPage = serde_json::from_str(&page.text().await?)?;
        all.extend(&page.outcomes);
        next = page.next;
    }
    Ok(all)
}

/// Letters that one statement is about.
const AT_ONCE: usize = 5_000;

impl Replay {
    /// Asks the ledgers of the stages of which something is pending.
    pub(crate) async fn poll(&self, tools: &Tools) -> Result<()> {
        let start = platform::now();
        let stages = self.look(|replay| {
            let pending = replay.having(ItemVerdict::Pending);
            let is_pending = |stage: usize| !replay.sent_in(stage).intersection(&pending).is_empty();
            replay.jobs().filter(|(stage, _)| is_pending(*stage)).collect::<Vec<_>>()
        })?;
        let mut all = Ended::default();
        for (stage, job) in stages.unwrap_or_default() {
            let outcomes = outcomes(&tools.ledgers, job).await?;
            let Some((id, mut ended)) = self.look(|replay| (replay.request.id, replay.ended(stage, &outcomes)))? else {
                return Ok(());
            };
            self.report(tools, id, &ended.succeeded, ReplayVerdict::Succeeded).await?;
            self.report(tools, id, &ended.canceled, ReplayVerdict::Canceled).await?;
            ended.died_again = self.archived(tools, id, &ended.died_again).await?;
            all.succeeded.extend(&ended.succeeded);
            all.canceled.extend(&ended.canceled);
            all.died_again.extend(&ended.died_again);
        }
        let waits = self.waits()?;
        let now = platform::now();
        self.change(|replay| replay.polled(now, &all, now.since(start), &waits)).map(drop)
    }

    /// Tells the index that the letters of `items` are no longer this replay's.
    async fn report(&self, tools: &Tools, id: ReplayId, items: &Indexes, verdict: ReplayVerdict) -> Result<()> {
        let tasks = self.store().items(items)?;
        let sent = self.look(|replay| replay.replay_tasks(items))?.unwrap_or_default();
        let ended: Vec<(&str, Option<TaskId>)> =
            tasks.iter().map(String::as_str).zip(sent.into_iter().map(Some)).collect();
        for some in ended.chunks(AT_ONCE) {
            tools.index.transact(&[reported(some, id, verdict)]).await?;
        }
        Ok(())
    }

    /// Those of `items` whose next death is in the index: its letter has reopened them.
    async fn archived(&self, tools: &Tools, id: ReplayId, items: &Indexes) -> Result<Indexes> {
        let mut archived = Indexes::new();
        let mut left = items.clone();
        while !left.is_empty() {
            let some = left.take_first(AT_ONCE as u32);
            let tasks = self.store().items(&some)?;
            let names: Vec<&str> = tasks.iter().map(String::as_str).collect();
            let rows = tools.index.transact(&[still_replayed(&names, id)]).await?.concat();
            let mut under_way = read::<Vec<String>>(rows)?.concat();
            under_way.sort_unstable();
            archived.extend(
                &some
                    .iter()
                    .zip(&tasks)
                    .filter(|(_, task)| under_way.binary_search(task).is_err())
                    .map(|(item, _)| item)
                    .collect(),
            );
        }
        Ok(archived)
    }
}
