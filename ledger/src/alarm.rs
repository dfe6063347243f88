//! The alarm: sends what is overdue, held back until now, or claimed and never heard of again.

use std::time::Duration;

use domain::ledger::Send;
use domain::time::Timestamp;
use platform::storage::set_alarm;
use platform::{now, send};
use wasm_bindgen_futures::JsFuture;
use worker::Result;

use crate::job_ledger_do::{JobLedger, Rows};
use crate::sends::ROUND_BYTES;

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
        self.commit(Rows { settlement: woken.record.as_ref(), ..Rows::default() }).await?;
        self.arm_next().await?;
        if woken.sends.is_empty() {
            return Ok(());
        }
        tracing::info!(sends = woken.sends.len(), "sending what is overdue");
        self.send_in_rounds(now, &woken.sends).await
    }

    /// Sends a few megabytes at a time: a hundred packs of letters may have a hundred megabytes.
    async fn send_in_rounds(&self, now: Timestamp, sends: &[Send]) -> Result<()> {
        let mut round = Vec::new();
        let mut bytes = 0;
        for one in sends {
            for message in self.compose_or_log(now, *one) {
                bytes += message.body.len();
                round.push(message);
            }
            if bytes >= ROUND_BYTES {
                bytes = 0;
                send(&self.env, std::mem::take(&mut round)).await?;
            }
        }
        send(&self.env, round).await
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

    async fn arm(&self, at: Timestamp) -> Result<()> {
        JsFuture::from(set_alarm(&self.state, at)?).await.map(drop).map_err(Into::into)
    }
}
