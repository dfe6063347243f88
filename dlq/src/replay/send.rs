//! What is decided becomes tasks of the stage's job; jobs are sealed and canceled.

use domain::calls::{AppendCall, CancelCall, SealCall, VERSION};
use domain::indexes::Indexes;
use domain::ledger::{AppendRefusal, Source};
use domain::outgoing::first_messages;
use domain::packing::Chunk;
use domain::replay::{ItemVerdict, ReplayTask, ToAppend, pack};
use domain::triage::ReplayVerdict;
use domain::triage::statements::reported;
use platform::ledger::{LedgerError, Refused};
use serde::de::IgnoredAny;
use worker::{Error, Result};

use super::work::Tools;
use crate::replay_do::Replay;

/// Items that may have been taken and not written down as such: a portion.
const AHEAD: u32 = domain::limits::REPLAY_PORTION;

impl Replay {
    /// Appends the portion that is decided. Again changes nothing: it has a key, and says the same as before.
    pub(crate) async fn append(&self, tools: &mut Tools) -> Result<()> {
        let Some(next) = self.look(|replay| replay.to_append())?.flatten() else { return Ok(()) };
        let (mut back, mut turned_away, mut unsent) = (Indexes::new(), false, None);
        if !next.portion.taken.is_empty() {
            let prepared = match tools.prepared.take() {
                Some(prepared) => prepared,
                None => self.prepare_again(tools, &next.portion.taken).await?,
            };
            let ready: Indexes = prepared.iter().map(|(item, _)| *item).collect();
            let chunks = self.pack(prepared.iter().map(|(_, task)| task), next.id)?;
            let call = call(&next, &chunks).await?;
            let answer = match ready.is_empty() {
                true => Err(LedgerError::Refused(Refused::Conflict("none of it can be sent any more".to_owned()))),
                false => tools.ledgers.append::<IgnoredAny>(&call, &chunks).await,
            };
            match answer {
                Ok(answer) => {
                    tracing::info!(replay = %next.id, job = %next.job, tasks = ready.len(), "replayed");
                    back = next.portion.taken.clone();
                    back.subtract(&ready);
                    unsent = (!answer.duplicate).then_some((answer.part, chunks));
                }
                // It was appended before, when it said more: one of its letters, or how tasks are packed, has changed since.
                Err(LedgerError::Refused(refused))
                    if refused.to_string() == AppendRefusal::OtherContent.to_string() => {}
                // A job that is full goes on as another stage, by an operator's word.
                Err(LedgerError::Refused(refused)) => {
                    tracing::warn!(job = %next.job, %refused, "not appended; what was taken is given back");
                    (back, turned_away) = (next.portion.taken.clone(), true);
                }
                Err(error) => return Err(Error::RustError(error.to_string())),
            }
        }
        self.give_back(tools, &back).await?;
        let (now, waits) = (platform::now(), self.waits()?);
        self.change(|replay| match turned_away {
            true => replay.turned_away(),
            false => {
                replay.shrink(&back);
                replay.sent(now, &waits);
            }
        })?;
        // From here on the ledger's outbox sends what is not sent now.
        if let Some((part, chunks)) = unsent
            && let Err(error) = platform::send(&self.env, first_messages(next.job, next.lane, &part, chunks)).await
        {
            tracing::warn!(job = %next.job, %error, "not all packs were sent; the ledger will send them");
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
        match tools.ledgers.seal(job, &SealCall { v: VERSION, accepted, source: Source::Replay }).await {
            Ok(_) => {}
            Err(LedgerError::Refused(refused)) => tracing::warn!(%job, %refused, "somebody ended the job of a stage"),
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
                Err(LedgerError::Refused(refused)) => tracing::debug!(%job, %refused, "not canceled"),
                Err(error) => return Err(Error::RustError(error.to_string())),
            }
        }
        self.change(|replay| replay.jobs_canceled()).map(drop)
    }
}

/// The call that appends a portion: its key and what it says are the same whenever it is made.
async fn call(next: &ToAppend, chunks: &[Chunk]) -> Result<AppendCall> {
    let lines: Vec<&[u8]> = chunks.iter().map(|chunk| chunk.lines.as_bytes()).collect();
    Ok(AppendCall {
        v: VERSION,
        job: next.job,
        name: Some(format!("replay {} stage {}", next.id, next.stage + 1)),
        lane: next.lane,
        source: Source::Replay,
        callback: None,
        part: format!("{}/{}/{}", next.id, next.stage, next.number),
        content: platform::sha256_hex(&lines).await?,
        seal: next.portion.seals,
        joins: false,
        // Which task replays which item follows from the order of those sent.
        at: Some(next.tasks),
        unlisted: false,
        chunks: chunks.iter().map(Chunk::entry).collect(),
    })
}
