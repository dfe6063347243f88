//! Settles what the packs of a job report, together where it comes together, and sends what the ledger answers.

use std::time::Duration;

use domain::calls::{SETTLE_BYTES, SETTLE_VERSION, SettleCall};
use domain::id::JobId;
use domain::ledger::Settle;
use domain::time::Timestamp;
use futures_channel::{mpsc, oneshot};
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use platform::ledger::LedgerError;
use platform::messages::Disposal;
use worker::Delay;

use crate::invocation::Invocation;

/// Between tries to reach a ledger that is down. Tasks that ran would run again, so it is worth waiting.
const AGAIN: Duration = Duration::from_secs(2);
/// Settlements that are looked at together: more than a batch has messages.
const AT_ONCE: usize = 100;

/// Where the packs of a job bring their settlements.
#[derive(Clone)]
pub(crate) struct Settlements {
    sender: mpsc::UnboundedSender<Waiting>,
}

/// A settlement on its way.
struct Waiting {
    settle: Settle,
    /// The end of its claim's lease.
    until: Timestamp,
    answer: oneshot::Sender<Disposal>,
}

/// Takes settlements of a job to its ledger.
pub(crate) struct Settling<'i> {
    invocation: &'i Invocation<'i>,
    job: JobId,
    waiting: mpsc::UnboundedReceiver<Waiting>,
}

impl Settlements {
    /// Settles (step 4) and sends what the ledger answers (5). The message may then be acked (6), also when sending
    /// failed: what was to be sent is in the ledger's outbox.
    pub(crate) async fn settle(&self, settle: Settle, until: Timestamp) -> Disposal {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { settle, until, answer };
        match self.sender.unbounded_send(waiting) {
            Ok(()) => answered.await.unwrap_or(Disposal::Retry),
            Err(_) => Disposal::Retry,
        }
    }
}

impl<'i> Settling<'i> {
    pub(crate) fn new(invocation: &'i Invocation<'i>, job: JobId) -> (Settlements, Self) {
        let (sender, waiting) = mpsc::unbounded();
        (Settlements { sender }, Self { invocation, job, waiting })
    }

    /// Goes on until no pack can bring any more. Packs of fast tasks report in the same breath and share a call; one
    /// that is under way holds up no other.
    pub(crate) async fn run(self) {
        let Self { invocation, job, waiting } = self;
        let calls = waiting.ready_chunks(AT_ONCE).flat_map(|together| stream::iter(calls(together)));
        calls.for_each_concurrent(None, |call| settle_together(invocation, job, call)).await;
    }
}

/// Cuts what came together into what fits a call.
fn calls(together: Vec<Waiting>) -> Vec<Vec<Waiting>> {
    let mut calls: Vec<Vec<Waiting>> = Vec::new();
    let mut bytes = 0;
    for waiting in together {
        let more = waiting.settle.report.bytes();
        match calls.last_mut() {
            Some(call) if bytes + more <= SETTLE_BYTES => {
                bytes += more;
                call.push(waiting);
            }
            _ => {
                bytes = more;
                calls.push(vec![waiting]);
            }
        }
    }
    calls
}

/// Settles with one call; if that does not work, each by itself, so that one which the ledger cannot take holds up no
/// other.
async fn settle_together(invocation: &Invocation<'_>, job: JobId, together: Vec<Waiting>) {
    let (waiting, settles): (Vec<_>, Vec<_>) =
        together.into_iter().map(|Waiting { settle, until, answer }| ((until, answer), settle)).unzip();
    let call = SettleCall { v: SETTLE_VERSION, settles };
    match settle(invocation, job, &call).await {
        Ok(disposals) => {
            for ((_, answer), disposal) in waiting.into_iter().zip(disposals) {
                tell(answer, disposal);
            }
        }
        Err(error) => {
            tracing::warn!(%job, %error, settlements = waiting.len(), "not settled; trying again, each by itself");
            let alone = waiting.into_iter().zip(call.settles).map(|((until, answer), settle)| async move {
                tell(answer, settle_alone(invocation, job, settle, until).await);
            });
            join_all(alone).await;
        }
    }
}

/// Tries until the lease is over: a settlement may be repeated, a task should not be.
async fn settle_alone(invocation: &Invocation<'_>, job: JobId, alone: Settle, until: Timestamp) -> Disposal {
    let call = SettleCall { v: SETTLE_VERSION, settles: vec![alone] };
    loop {
        if platform::now().after(AGAIN) < until {
            Delay::from(AGAIN).await;
        }
        match settle(invocation, job, &call).await {
            Ok(disposals) => return disposals.into_iter().next().unwrap_or(Disposal::Retry),
            Err(error) if platform::now().after(AGAIN) < until => {
                tracing::warn!(%job, %error, "ledger unavailable; trying to settle again");
            }
            Err(error) => {
                tracing::error!(%job, %error, "not settled; the message comes again");
                return Disposal::Retry;
            }
        }
    }
}

/// Settles and sends what the ledger answers. What becomes of each message; an error is worth another try.
async fn settle(invocation: &Invocation<'_>, job: JobId, call: &SettleCall) -> Result<Vec<Disposal>, worker::Error> {
    let reply = match invocation.ledgers.settle(job, call).await {
        Ok(reply) => reply,
        Err(LedgerError::Unavailable(error)) => return Err(error),
        Err(LedgerError::Unknown) => {
            tracing::error!(%job, "the job is gone; nothing is left to settle");
            return Ok(vec![Disposal::Ack; call.settles.len()]);
        }
        Err(LedgerError::Refused(detail)) => {
            tracing::error!(%job, detail, "settlements refused; their messages come again");
            return Ok(vec![Disposal::Retry; call.settles.len()]);
        }
    };
    if let Err(error) = platform::send(invocation.env, reply.messages).await {
        tracing::warn!(%job, %error, "not all was sent on; the ledger will send it");
    }
    let disposals = call.settles.iter().zip(reply.refused).map(|(settle, refused)| match refused {
        None => Disposal::Ack,
        // Its tasks have not ended for the ledger, so the message must not be forgotten. It comes again with the
        // queue's delay, and when the platform gives it up the ledger holds the pack back ever longer.
        Some(detail) => {
            tracing::error!(%job, pack = %settle.pack, detail, "settlement refused; the message comes again");
            Disposal::Retry
        }
    });
    Ok(disposals.collect())
}

/// Tells a pack what became of its settlement, unless it does not wait any more.
fn tell(answer: oneshot::Sender<Disposal>, disposal: Disposal) {
    if answer.send(disposal).is_err() {
        tracing::debug!("nobody waits for a settlement");
    }
}
