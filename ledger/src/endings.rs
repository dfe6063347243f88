//! Calls that bring a job to its end: seal and cancel.

use domain::calls::{Call, CancelCall, SealCall};
use domain::views::JobView;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use worker::Result;

use crate::answer::Answer;
use crate::job_ledger_do::{JobLedger, Rows};

impl JobLedger {
    /// Seals the job: it gets no more parts.
    pub(crate) async fn seal(&self, body: &[u8]) -> Result<Answer> {
        let call: SealCall = understand(body)?;
        let now = self.now();
        match self.decide(|ledger| ledger.seal(now, call.accepted, call.source).map(drop))? {
            None => Ok(Answer::Unknown),
            Some(Err(refusal)) => Ok(Answer::Refused(refusal.to_string())),
            Some(Ok(())) => {
                self.commit(Rows::default()).await?;
                self.job()
            }
        }
    }

    /// Cancels the job, or one of its tasks.
    pub(crate) async fn cancel(&self, body: &[u8]) -> Result<Answer> {
        let call: CancelCall = understand(body)?;
        let now = self.now();
        if let Some(index) = call.index
            && self.look(|ledger| index >= ledger.counts().accepted)?.unwrap_or(true)
        {
            return Ok(Answer::Unknown);
        }
        let canceled = self.decide(|ledger| match call.index {
            Some(index) => ledger.cancel_task(now, index),
            None => ledger.cancel(now),
        })?;
        match canceled {
            None => Ok(Answer::Unknown),
            Some(Err(refusal)) => Ok(Answer::Refused(refusal.to_string())),
            Some(Ok(records)) => {
                self.commit(Rows { settlements: &records, ..Rows::default() }).await?;
                self.job()
            }
        }
    }

    fn job(&self) -> Result<Answer> {
        let job = self.look(JobView::of)?.ok_or("the job is gone")?;
        tracing::info!(job = %job.job, state = ?job.state, "changed by its caller");
        Answer::json(&job)
    }
}

/// Reads a call. One of a later version is an error, so that its sender repeats it until that version runs here too.
pub(crate) fn understand<T: DeserializeOwned + Call>(body: &[u8]) -> Result<T> {
    // Read once: a settlement may have a megabyte.
    match serde_json::from_slice::<T>(body) {
        Ok(call) if call.version() <= T::NEWEST => Ok(call),
        Ok(call) => Err(later(call.version(), T::NEWEST)),
        Err(error) => match serde_json::from_slice(body) {
            Ok(Version { v }) if v > T::NEWEST => Err(later(v, T::NEWEST)),
            _ => Err(error.into()),
        },
    }
}

#[derive(Deserialize)]
struct Version {
    v: u8,
}

fn later(found: u8, newest: u8) -> worker::Error {
    format!("a call of version {found}; this ledger understands up to {newest}").into()
}
