//! Settles a slice of a claim, and sends what the ledger answers.

use std::time::Duration;

use domain::calls::{SettleCall, SettleReply, VERSION};
use domain::ledger::{Report, Rest, Settle};
use platform::ledger::LedgerError;
use platform::messages::Disposal;
use worker::Delay;

use crate::pack_run::PackRun;

/// Between tries to reach a ledger that is down. Tasks that ran would run again, so it is worth waiting.
const AGAIN: Duration = Duration::from_secs(2);

impl PackRun<'_> {
    /// Settles `report` (step 4) and sends what the ledger answers (5). The message may then be acked (6), also when
    /// sending failed: what was to be sent is in the ledger's outbox.
    pub(crate) async fn settle(&self, report: Report, slice: u32, rest: Rest) -> Disposal {
        let header = &self.pack.header;
        let (job, pack) = (header.job, header.pack);
        tracing::info!(
            %job, %pack, attempt = header.attempt, slice,
            done = report.succeeded().len(),
            retried = report.retries.iter().map(|group| group.tasks.len()).sum::<usize>(),
            dead = report.dead.len(),
            crashed = report.crashed.len(),
            "settling"
        );
        let (claim, attempt) = (self.claim, header.attempt);
        let settle = Settle { pack, claim, attempt, slice, report, rest };
        let call = SettleCall { v: VERSION, settle };
        let reply = match self.settle_while_leased(&call).await {
            Ok(reply) => reply,
            Err(LedgerError::Unavailable(error)) => {
                tracing::error!(%job, %pack, %error, "not settled; the message comes again");
                return Disposal::Retry;
            }
            Err(LedgerError::Unknown) => {
                tracing::error!(%job, %pack, "the job is gone; nothing is left to settle");
                return Disposal::Ack;
            }
            Err(LedgerError::Refused(detail)) => {
                // Its tasks have not ended for the ledger, so the message must not be forgotten. It comes again with
                // the queue's delay, and when the platform gives it up the ledger holds the pack back ever longer.
                tracing::error!(%job, %pack, detail, "settlement refused; the message comes again");
                return Disposal::Retry;
            }
        };
        if let Err(error) = platform::send(self.invocation.env, reply.messages).await {
            tracing::warn!(%job, %pack, %error, "not all was sent on; the ledger will send it");
        }
        Disposal::Ack
    }

    /// Tries until the lease is over: a settlement may be repeated, a task should not be.
    async fn settle_while_leased(&self, call: &SettleCall) -> Result<SettleReply, LedgerError> {
        loop {
            match self.invocation.ledgers.settle(self.pack.header.job, call).await {
                Err(LedgerError::Unavailable(error)) if platform::now().after(AGAIN) < self.until => {
                    tracing::warn!(%error, "ledger unavailable; trying to settle again");
                    Delay::from(AGAIN).await;
                }
                settled => return settled,
            }
        }
    }
}
