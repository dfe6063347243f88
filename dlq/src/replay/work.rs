//! The alarm: does one step after the other until there is nothing to do, or it is time for another invocation.

use std::time::Duration;

use domain::limits::{D1_QUERIES, KV_OPERATIONS};
use domain::replay::Step;
use domain::time::Timestamp;
use domain::triage::statements::forget_replay;
use platform::ledger::Ledgers;
use platform::now;
use worker::Result;

use super::decide::Prepared;
use crate::archive::Archive;
use crate::index::Index;
use crate::replay_do::Replay;

/// When the alarm comes again after it could not do its work, or was cut off in the middle of it.
const AGAIN: Duration = Duration::from_secs(5);
/// How long one invocation works: an operator's word, and whatever else this machine has to do, come in between.
const AT_MOST: Duration = Duration::from_secs(2);
/// What one step may need, at most, of what the platform counts.
const ONE_STEP: usize = 100;

/// What a replay works with.
pub(crate) struct Tools {
    pub(crate) archive: Archive,
    pub(crate) index: Index,
    pub(crate) ledgers: Ledgers,
    /// What was decided last, as it is to be sent: saves reading it again.
    pub(crate) prepared: Option<Prepared>,
}

impl Replay {
    /// Works, and sets the next alarm.
    pub(crate) async fn ring(&self) {
        // The successor is armed before anything is done: a crash in the middle loses nothing.
        let worked = async {
            self.arm(now().after(AGAIN)).await?;
            self.work().await
        };
        let next = worked.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a replay could not go on; trying again");
            self.forget();
            Some(now().after(AGAIN))
        });
        let armed = match next {
            Some(at) => self.arm(at).await,
            None => self.state.storage().delete_alarm().await,
        };
        if let Err(error) = armed {
            tracing::error!(%error, "alarm could not be set");
        }
    }

    async fn work(&self) -> Result<Option<Timestamp>> {
        let refused = |error: platform::PlatformError| worker::Error::RustError(error.to_string());
        let mut tools = Tools {
            archive: Archive::new(&self.env).map_err(refused)?,
            index: Index::new(&self.env).map_err(refused)?,
            ledgers: Ledgers::new(&self.env).map_err(refused)?,
            prepared: None,
        };
        let (waits, until) = (self.waits()?, now().after(AT_MOST));
        let next = loop {
            let used_up =
                tools.archive.operations() + ONE_STEP > KV_OPERATIONS || tools.index.queries() + ONE_STEP > D1_QUERIES;
            if used_up || now() > until {
                break Some(now());
            }
            let Some(step) = self.change(|replay| replay.next(now(), &waits))? else { break None };
            match step {
                Step::Tell => self.tell(&tools.index).await?,
                Step::Decide { from, most } => self.decide(&mut tools, from, most).await?,
                Step::Append => self.append(&mut tools).await?,
                Step::Seal(stage) => self.seal(&tools, stage).await?,
                Step::Release(from) => self.release(&tools, from).await?,
                Step::CancelJobs => self.cancel_jobs(&tools).await?,
                Step::Poll => self.poll(&tools).await?,
                Step::Wait(at) => break at,
                Step::Delete => {
                    self.delete(&tools.index).await?;
                    break None;
                }
            }
        };
        let (operations, queries) = (tools.archive.operations(), tools.index.queries());
        tracing::debug!(operations, queries, "a replay worked");
        Ok(next)
    }

    /// Deletes all that is stored of a replay that was kept long enough.
    async fn delete(&self, index: &Index) -> Result<()> {
        let id = self.look(|replay| replay.request.id)?;
        if let Some(id) = id {
            index.transact(&[forget_replay(id)]).await?;
        }
        self.forget();
        self.state.storage().delete_all().await?;
        tracing::info!(replay = id.map(tracing::field::display), "kept long enough; deleted");
        Ok(())
    }
}
