//! Settles what the packs of a job report, together where it comes together, and sends what the ledger answers.

use std::time::Duration;

use domain::calls::{OutgoingMessage, SETTLE_BYTES, SETTLE_VERSION, SettleCall, SettleOneCall, VERSION};
use domain::id::JobId;
use domain::ledger::Settle;
use domain::limits::CONSUMER_BATCH;
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
        let together = waiting.ready_chunks(CONSUMER_BATCH).flat_map(|together| stream::iter(cut(together)));
        together.for_each_concurrent(None, |call| settle_together(invocation, job, call)).await;
    }
}

/// Cuts what came together into what fits a call.
fn cut(together: Vec<Waiting>) -> Vec<Vec<Waiting>> {
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
    match invocation.ledgers.settle(job, &call).await {
        Ok(reply) => {
            send_on(invocation, job, reply.messages).await;
            for (((_, answer), settle), refused) in waiting.into_iter().zip(call.settles).zip(reply.refused) {
                tell(answer, refused.map_or(Disposal::Ack, |detail| refused_by(&detail, job, &settle)));
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

/// Tries until the lease is over: a settlement may be repeated, a task should not be. In the words of version 1, which
/// a ledger of an earlier release understands too.
async fn settle_alone(invocation: &Invocation<'_>, job: JobId, settle: Settle, until: Timestamp) -> Disposal {
    let call = SettleOneCall { v: VERSION, settle };
    loop {
        match invocation.ledgers.settle_one(job, &call).await {
            Ok(reply) => {
                send_on(invocation, job, reply.messages).await;
                return Disposal::Ack;
            }
            Err(LedgerError::Unknown) => {
                tracing::error!(%job, "the job is gone; nothing is left to settle");
                return Disposal::Ack;
            }
            Err(LedgerError::Refused(refused)) => return refused_by(&refused.to_string(), job, &call.settle),
            Err(error) if platform::now().after(AGAIN) < until => {
                tracing::warn!(%job, %error, "ledger unavailable; trying to settle again");
                Delay::from(AGAIN).await;
            }
            Err(error) => {
                tracing::error!(%job, %error, "not settled; the message comes again");
                return Disposal::Retry;
            }
        }
    }
}

/// Its tasks have not ended for the ledger, so the message must not be forgotten. It comes again with the queue's delay,
/// and when the platform gives it up the ledger holds the pack back ever longer.
fn refused_by(detail: &str, job: JobId, settle: &Settle) -> Disposal {
    tracing::error!(%job, pack = %settle.pack, detail, "settlement refused; the message comes again");
    Disposal::Retry
}

async fn send_on(invocation: &Invocation<'_>, job: JobId, messages: Vec<OutgoingMessage>) {
    if let Err(error) = platform::send(invocation.env, messages).await {
        tracing::warn!(%job, %error, "not all was sent on; the ledger will send it");
    }
}

/// Tells a pack what became of its settlement, unless it does not wait any more.
fn tell(answer: oneshot::Sender<Disposal>, disposal: Disposal) {
    if answer.send(disposal).is_err() {
        tracing::debug!("nobody waits for a settlement");
    }
}

#[cfg(test)]
mod tests {
    use domain::id::{ClaimNumber, PackId};
    use domain::ledger::{Report, Rest};
    use domain::outcome::TaskError;

    use super::*;

    fn waiting(pack: u32, bytes: usize) -> Waiting {
        let errors = vec![TaskError { class: "large".to_owned(), message: "x".repeat(bytes) }];
        let report = Report { errors, ..Report::default() };
        let settle =
            Settle { pack: PackId(pack), claim: ClaimNumber(1), attempt: 1, slice: 0, report, rest: Rest::HandedBack };
        Waiting { settle, until: Timestamp::default(), answer: oneshot::channel().0 }
    }

    #[test]
    fn what_comes_together_is_cut_where_a_call_would_grow_too_large() {
        let sizes = [10, 20, SETTLE_BYTES, 10, SETTLE_BYTES / 2, SETTLE_BYTES / 2, 10];
        let together = sizes.iter().zip(0..).map(|(bytes, pack)| waiting(pack, *bytes)).collect();
        let calls: Vec<Vec<u32>> =
            cut(together).iter().map(|call| call.iter().map(|waiting| waiting.settle.pack.0).collect()).collect();
        assert_eq!(calls, [vec![0, 1], vec![2], vec![3, 4], vec![5, 6]], "in order, and one too large alone");
    }
}
