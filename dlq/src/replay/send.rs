//! What is decided becomes tasks of the stage's job; jobs are sealed and canceled.

use domain::calls::{AppendAnswer, AppendCall, CancelCall, SealCall, VERSION};
use domain::indexes::Indexes;
use domain::ledger::{AppendRefusal, Source};
use domain::outgoing::first_messages;
use domain::packing::Chunk;
use domain::replay::{ItemVerdict, ReplayTask, pack};
use domain::triage::ReplayVerdict;
use domain::triage::statements::reported;
use platform::ledger::LedgerError;
use serde::de::IgnoredAny;
use worker::{Error, Result};

use super::work::Tools;
use crate::replay_do::Replay;

/// Items that may have been taken and not written down as such: a portion.
const AHEAD: u32 = domain::limits::REPLAY_PORTION;

impl Replay {
    /// Appends the portion that is decided. Again changes nothing: it has a key, and says the same as before.
    pub(crate) async fn append(&self, tools: &mut Tools) -> Result<()> {
        let Some((portion, request, job, stage)) = self
            .look(|replay| {
                let stage = replay.progress.stages.len().checked_sub(1)?;
                Some((
                    replay.progress.portion.clone()?,
                    replay.request.clone(),
                    replay.job(stage),
                    (stage, replay.progress.stages[stage].portions),
                ))
            })?
            .flatten()
        else {
            return Ok(());
        };
        let waits = self.waits()?;
        if portion.taken.is_empty() {
            return self.change(|replay| replay.sent(platform::now(), &waits)).map(drop);
        }
        let prepared = match tools.prepared.take() {
            Some(prepared) => prepared,
            None => self.prepare_again(&tools.archive, &portion.taken).await?,
        };
        let ready: Indexes = prepared.iter().map(|(item, _)| *item).collect();
        if ready.is_empty() {
            self.give_back(tools, &portion.taken).await?;
            return self.change(|replay| replay.turned_away()).map(drop);
        }
        let (stage, portions) = stage;
        let chunks = self.pack(prepared.iter().map(|(_, task)| task), request.id)?;
        let lines: Vec<&[u8]> = chunks.iter().map(|chunk| chunk.lines.as_bytes()).collect();
        let call = AppendCall {
            v: VERSION,
            job,
            name: Some(format!("replay {} stage {}", request.id, stage + 1)),
            lane: request.lane,
            source: Source::Replay,
            callback: None,
            part: format!("{}/{stage}/{portions}", request.id),
            content: platform::sha256_hex(&lines).await?,
            seal: portion.seals,
            joins: false,
            unlisted: false,
            chunks: chunks.iter().map(Chunk::entry).collect(),
        };
        let answer: AppendAnswer<IgnoredAny> = match tools.ledgers.append(&call, &chunks).await {
            Ok(answer) => answer,
            // It was appended before, when it said more: one of its letters, or how tasks are packed, has changed since.
            Err(LedgerError::Refused(detail)) if detail == AppendRefusal::OtherContent.to_string() => {
                tracing::warn!(job = %call.job, "the portion was appended before");
                return self.change(|replay| replay.sent(platform::now(), &waits)).map(drop);
            }
            Err(LedgerError::Refused(detail)) => {
                tracing::warn!(job = %call.job, detail, "somebody ended the job of a stage; what was taken is given back");
                self.give_back(tools, &portion.taken).await?;
                return self.change(|replay| replay.turned_away()).map(drop);
            }
            Err(error) => return Err(Error::RustError(error.to_string())),
        };
        tracing::info!(replay = %request.id, job = %call.job, tasks = portion.taken.len(), "replayed");
        let mut lost = portion.taken.clone();
        lost.subtract(&ready);
        self.give_back(tools, &lost).await?;
        self.change(|replay| {
            replay.shrink(&lost);
            replay.sent(platform::now(), &waits);
        })?;
        // From here on the ledger's outbox sends what is not sent now.
        if !answer.duplicate
            && let Err(error) =
                platform::send(&self.env, first_messages(call.job, call.lane, &answer.part, chunks)).await
        {
            tracing::warn!(job = %call.job, %error, "not all packs were sent; the ledger will send them");
        }
        Ok(())
    }

    fn pack<'t>(
        &self,
        tasks: impl Iterator<Item = &'t ReplayTask>,
        replay: domain::id::ReplayId,
    ) -> Result<Vec<Chunk>> {
        let settings = platform::settings(&self.env).map_err(|error| error.to_string())?;
        let cap = |kind| settings.kinds.get(&kind).map_or(1, |found| found.pack_tasks);
        pack(tasks, replay, &cap).map_err(|error| Error::RustError(error.to_string()))
    }

    /// Seals the job of a stage: it gets no more.
    pub(crate) async fn seal(&self, tools: &Tools, stage: usize) -> Result<()> {
        let found =
            self.look(|replay| (replay.job(stage), replay.progress.stages.get(stage).map_or(0, |stage| stage.tasks)))?;
        let Some((job, accepted)) = found else { return Ok(()) };
        match tools.ledgers.seal(job, &SealCall { v: VERSION, accepted }).await {
            Ok(_) => {}
            Err(LedgerError::Refused(detail)) => tracing::warn!(%job, detail, "somebody ended the job of a stage"),
            Err(error) => return Err(Error::RustError(error.to_string())),
        }
        self.change(|replay| replay.sealed(stage)).map(drop)
    }

    /// Gives back what waits. A portion may have been taken and, by a crash, not written down.
    pub(crate) async fn release(&self, tools: &Tools, from: u32) -> Result<()> {
        let waiting =
            self.look(|replay| replay.having(ItemVerdict::Waiting).clipped(from, from.saturating_add(AHEAD)))?;
        self.give_back(tools, &waiting.unwrap_or_default()).await?;
        self.change(|replay| replay.released()).map(drop)
    }

    /// Those of `items` that this replay has are open again.
    pub(crate) async fn give_back(&self, tools: &Tools, items: &Indexes) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        let Some(id) = self.look(|replay| replay.request.id)? else { return Ok(()) };
        let tasks = self.store().items(items)?;
        let given: Vec<_> = tasks.iter().map(|task| (task.as_str(), None)).collect();
        tools.index.transact(&[reported(&given, id, ReplayVerdict::Canceled)]).await.map(drop)
    }

    /// Cancels the jobs of all stages: what runs of them finishes.
    pub(crate) async fn cancel_jobs(&self, tools: &Tools) -> Result<()> {
        let jobs = self.look(|replay| replay.jobs().collect::<Vec<_>>())?.unwrap_or_default();
        for (_, job) in jobs {
            match tools.ledgers.cancel(job, &CancelCall { v: VERSION, index: None }).await {
                Ok(_) | Err(LedgerError::Unknown) => {}
                // It had ended before.
                Err(LedgerError::Refused(detail)) => tracing::debug!(%job, detail, "not canceled"),
                Err(error) => return Err(Error::RustError(error.to_string())),
            }
        }
        self.change(|replay| replay.jobs_canceled()).map(drop)
    }
}
