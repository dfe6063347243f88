//! The alarm: sends what is overdue, held back until now, or claimed and never heard of again.

use std::time::Duration;

use domain::index_row::IndexRow;
use domain::ledger::Send;
use domain::time::Timestamp;
use futures_util::future::join;
use platform::index::Index;
use platform::send;
use platform::storage::set_alarm;
use wasm_bindgen_futures::JsFuture;
use worker::Result;

use crate::answer::Answer;
use crate::job_ledger_do::{JobLedger, Rows};
use crate::sends::ROUND_BYTES;

/// When the alarm comes again after it could not do its work.
const AGAIN: Duration = Duration::from_secs(30);
/// And at the earliest.
const SOON: Duration = Duration::from_secs(1);
/// How late an alarm may be before the second net takes it for lost: several times what a busy machine needs.
const LATE: Duration = Duration::from_secs(30);

impl JobLedger {
    /// Never fails: the platform drops an alarm that failed six times.
    pub(crate) async fn ring(&self) {
        #[cfg(feature = "faults")]
        self.fault_in_alarm().await;
        let sent = self.send_overdue().await;
        self.log_rows("alarm");
        if let Err(error) = sent {
            tracing::error!(%error, "alarm failed; trying again");
            self.forget();
            if let Err(error) = self.ring_again().await {
                tracing::error!(%error, "alarm could not be set");
            }
        }
    }

    async fn send_overdue(&self) -> Result<()> {
        let (now, timing) = (self.now(), self.timing()?);
        let Some(woken) = self.decide(|ledger| ledger.wake(now, &timing))? else { return Ok(()) };
        if woken.delete {
            return self.delete().await;
        }
        // The successor is armed before the first send: a crash while sending loses nothing.
        self.rearm();
        self.commit(Rows { settlements: &woken.records, ..Rows::default() }).await?;
        self.arm_next().await?;
        if !woken.sends.is_empty() {
            tracing::info!(sends = woken.sends.len(), "sending what is overdue");
        }
        for probe in &woken.probes {
            // scripts/dev/queues.mjs listens.
            tracing::info!(signal = "probe", queue = probe.queue(), "nothing has come from this queue for a while");
        }
        let (sent, told) = join(self.send_in_rounds(now, &woken.sends), self.tell_index(now, woken.tell_index)).await;
        sent.and(told)
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

    /// Tells the index of jobs where this one is. What fails is tried again: the ledger has set when.
    async fn tell_index(&self, now: Timestamp, due: bool) -> Result<()> {
        let (timing, settings) = (self.timing()?, self.settings()?);
        let (check, remember) = (settings.recovery.check, settings.expiry.remember);
        let found =
            self.look(|ledger| (ledger.indexed_state(), IndexRow::of(ledger, now, check, remember, &timing)))?;
        let Some((state, row)) = found.filter(|_| due) else { return Ok(()) };
        let index = Index::new(&self.env).map_err(|error| error.to_string())?;
        if let Err(error) = index.tell(&row).await {
            tracing::warn!(job = %row.job, %error, "the index of jobs was not told; trying again later");
            return Ok(());
        }
        self.decide(|ledger| ledger.indexed(row.version, state))?;
        // Nothing is due as early any more as what the alarm was set to in case this failed.
        self.rearm();
        self.commit(Rows::default()).await?;
        self.arm_next().await
    }

    /// Deletes all that is stored of a job that has expired.
    async fn delete(&self) -> Result<()> {
        let job = self.look(|ledger| ledger.job().id)?;
        self.forget();
        self.state.storage().delete_all().await?;
        self.state.storage().delete_alarm().await?;
        tracing::info!(job = job.map(tracing::field::display), "expired; deleted");
        Ok(())
    }

    /// The second net: sets the alarm anew if it is gone, or should have gone off long ago.
    pub(crate) async fn touch(&self) -> Result<Answer> {
        let timing = self.timing()?;
        let Some(due) = self.look(|ledger| ledger.next_wake(&timing))? else { return Ok(Answer::Unknown) };
        let alarm = self.state.storage().get_alarm().await?;
        let alarm = alarm.and_then(|alarm| u64::try_from(alarm).ok()).map(Timestamp::from_millis);
        if let Some(due) = due
            && alarm.is_none_or(|alarm| alarm.max(due).after(LATE) < self.now() || alarm > due.after(LATE))
        {
            tracing::warn!(?alarm, %due, "the alarm was gone; set again");
            self.rearm();
            self.arm(due).await?;
        }
        Ok(Answer::Json("null".to_owned()))
    }

    /// A spurious alarm changes nothing, so that nothing is written and the next one is not armed yet.
    async fn arm_next(&self) -> Result<()> {
        let timing = self.timing()?;
        match self.look(|ledger| ledger.next_wake(&timing))?.flatten() {
            Some(wake) if self.armed.get().is_none() => self.arm(wake).await,
            _ => Ok(()),
        }
    }

    async fn ring_again(&self) -> Result<()> {
        // Not later than what is due anyway, and not at once: whatever stood in its way has time to pass.
        let timing = self.timing()?;
        // A ledger that cannot be read is looked at again all the same: perhaps by the release that wrote it.
        let due = self.look(|ledger| ledger.next_wake(&timing)).ok().flatten().flatten();
        let (soon, again) = (self.now().after(SOON), self.now().after(AGAIN));
        self.arm(due.map_or(again, |due| due.clamp(soon, again))).await
    }

    async fn arm(&self, at: Timestamp) -> Result<()> {
        self.armed.set(Some(at));
        self.rows.set(self.rows.get() + 1);
        JsFuture::from(set_alarm(&self.state, at)?).await.map(drop).map_err(Into::into)
    }
}
