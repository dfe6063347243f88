//! The alarm: sends what is overdue, held back until now, or claimed and never heard of again.

use std::time::Duration;

use platform::storage::set_alarm;
use platform::{now, send};
use wasm_bindgen_futures::JsFuture;
use worker::Result;

use crate::job_ledger_do::{JobLedger, Rows};

/// When the alarm comes again after it could not do its work.
const AGAIN: Duration = Duration::from_secs(30);

impl JobLedger {
    /// Never fails: the platform drops an alarm that failed six times.
    pub(crate) async fn ring(&self) {
        #[cfg(feature = "faults")]
        self.fault_in_alarm().await;
        if let Err(error) = self.send_overdue().await {
            tracing::error!(%error, "alarm failed; trying again");
            self.forget();
            if let Err(error) = self.ring_again().await {
                tracing::error!(%error, "alarm could not be set");
            }
        }
    }

    async fn send_overdue(&self) -> Result<()> {
        let (now, timing) = (now(), self.timing()?);
        let Some(woken) = self.decide(|ledger| ledger.wake(now, &timing))? else { return Ok(()) };
        // The successor is armed before the first send: a crash while sending loses nothing.
        self.rearm();
        self.commit(Rows { settlement: woken.record.as_ref(), chunks: &[] }).await?;
        self.arm_next().await?;
        if woken.sends.is_empty() {
            return Ok(());
        }
        let messages = self.messages(now, &woken.sends)?;
        tracing::info!(sends = woken.sends.len(), messages = messages.len(), "sending what is overdue");
        send(&self.env, messages).await
    }

    /// A spurious alarm changes nothing, so that nothing is written and the next one is not armed yet.
    async fn arm_next(&self) -> Result<()> {
        let timing = self.timing()?;
        match self.look(|ledger| ledger.next_wake(&timing))?.flatten() {
            Some(wake) => self.arm(wake).await,
            None => Ok(()),
        }
    }

    async fn ring_again(&self) -> Result<()> {
        self.arm(now().after(AGAIN)).await
    }

    async fn arm(&self, at: domain::time::Timestamp) -> Result<()> {
        JsFuture::from(set_alarm(&self.state, at)?).await.map(drop).map_err(Into::into)
    }
}
