//! The life of a message, from arrival to ack. ARCHITECTURE.md numbers the life of a task by these steps.

use std::collections::BTreeMap;

use domain::calls::{Claim, ClaimCall, VERSION};
use domain::id::JobId;
use domain::lane::Lane;
use domain::ledger::{ClaimAnswer, Delivery};
use domain::pack::{Pack, PackHeader, Undecodable};
use domain::time::Timestamp;
use futures_util::future::{join, join_all};
use platform::messages::{BatchSignals, Body, Disposal, Message, lane_of, read, retry_all};
use worker::Env;
use worker::worker_sys::MessageBatch;

use crate::invocation::Invocation;
use crate::malformed;
use crate::pack_run::PackRun;
use crate::settling::{Settlements, Settling};

/// Takes every message of a batch to its end. Whatever cannot be decided now comes again.
pub(crate) async fn consume(batch: &MessageBatch, env: &Env) {
    let (queue, messages) = match read(batch) {
        Ok(read) => read,
        Err(error) => {
            // A normal return would ack what is left: nothing of this batch may count as done.
            tracing::error!(?error, "unreadable batch; all of it comes again");
            return retry_all(batch);
        }
    };
    let _signals = BatchSignals::begin(&queue);
    match Invocation::new(env) {
        Ok(invocation) => consume_messages(&invocation, lane_of(&queue), &messages).await,
        Err(error) => {
            tracing::error!(%error, queue, "this Worker is not set up");
            messages.iter().for_each(|message| message.settle(Disposal::Retry));
        }
    }
    tracing::debug!(queue, messages = messages.len(), memory = platform::memory(), "a batch ends");
}

async fn consume_messages(invocation: &Invocation<'_>, lane: Option<Lane>, messages: &[Message]) {
    let bodies: Vec<Body> = messages.iter().map(Message::body).collect();
    let mut arrivals: BTreeMap<JobId, Vec<Arrival<'_>>> = BTreeMap::new();
    let mut undecodable = Vec::new();
    // 1. Each message is decoded by itself: one that nobody can read harms no other.
    for (message, body) in messages.iter().zip(&bodies) {
        match decode(body) {
            Ok(pack) => arrivals.entry(pack.header.job).or_default().push(Arrival { message, pack }),
            Err(fault) => undecodable.push(dispose_of(invocation, lane, message, body, fault)),
        }
    }
    #[cfg(feature = "faults")]
    for arrivals in arrivals.values_mut() {
        *arrivals = crate::faults::lose_and_repeat(invocation.env, std::mem::take(arrivals), &bodies).await;
    }
    let jobs = arrivals.into_iter().map(|(job, arrivals)| take(invocation, job, arrivals));
    join(join_all(undecodable), join_all(jobs)).await;
}

/// A message that is a pack.
pub(crate) struct Arrival<'b> {
    pub(crate) message: &'b Message,
    pub(crate) pack: Pack<'b>,
}

enum Fault {
    Later,
    Malformed(String),
}

fn decode(body: &Body) -> Result<Pack<'_>, Fault> {
    match body {
        Body::Text(text) => Pack::decode(text).map_err(|error| match error {
            Undecodable::Later(_) => Fault::Later,
            Undecodable::Malformed(_) => Fault::Malformed(error.to_string()),
        }),
        Body::Other(_) => Err(Fault::Malformed("not a pack: the message is not text".to_owned())),
    }
}

async fn dispose_of(invocation: &Invocation<'_>, lane: Option<Lane>, message: &Message, body: &Body, fault: Fault) {
    let fault = match fault {
        Fault::Malformed(fault) => fault,
        Fault::Later => {
            tracing::warn!(message_id = message.id, "written by a later release; it comes again");
            return message.settle(Disposal::Retry);
        }
    };
    match malformed::archive(invocation.env, &message.id, lane, body, &fault).await {
        Ok(()) => {
            tracing::warn!(message_id = message.id, "malformed; archived");
            message.settle(Disposal::Ack);
        }
        Err(error) => {
            tracing::error!(message_id = message.id, %error, "malformed and not archived; it comes again");
            message.settle(Disposal::Retry);
        }
    }
}

/// Claims the packs of one job with one call (step 2), then runs them side by side.
async fn take(invocation: &Invocation<'_>, job: JobId, arrivals: Vec<Arrival<'_>>) {
    // The lease runs from when we ask, not from when we hear: its end is never later for us than for the ledger.
    let asked = platform::now();
    let claims = arrivals.iter().map(claim).collect();
    let answers = match invocation.ledgers.claim(job, &ClaimCall { v: VERSION, claims }).await {
        Ok(reply) if reply.answers.len() == arrivals.len() => reply.answers,
        Ok(reply) => {
            tracing::error!(%job, answers = reply.answers.len(), packs = arrivals.len(), "not an answer to each claim");
            return arrivals.iter().for_each(|arrival| arrival.message.settle(Disposal::Retry));
        }
        Err(error) => {
            // No task is charged for a ledger that is down.
            tracing::warn!(%job, %error, packs = arrivals.len(), "not claimed; the messages come again");
            return arrivals.iter().for_each(|arrival| arrival.message.settle(Disposal::Retry));
        }
    };
    let (settlements, settling) = Settling::new(invocation, job);
    let packs = join_all(arrivals.into_iter().zip(answers).map(|(arrival, answer)| {
        let settlements = settlements.clone();
        async move {
            let disposal = run_if_claimed(invocation, &arrival, answer, asked, settlements).await;
            arrival.message.settle(disposal);
        }
    }));
    // The settling ends when no pack can report any more.
    drop(settlements);
    join(packs, settling.run()).await;
}

/// Does what the ledger answered to the claim of a pack that was `asked` for; what becomes of its message (step 6).
async fn run_if_claimed(
    invocation: &Invocation<'_>,
    arrival: &Arrival<'_>,
    answer: ClaimAnswer,
    asked: Timestamp,
    settlements: Settlements,
) -> Disposal {
    let PackHeader { job, pack, kind, attempt, .. } = arrival.pack.header;
    let (claim, indexes, lease) = match answer {
        ClaimAnswer::Run { claim, indexes, lease } => (claim, indexes, lease),
        ClaimAnswer::Idle(idle) => {
            tracing::info!(%job, %pack, message_id = arrival.message.id, ?idle, "nothing to do for this message");
            return Disposal::Ack;
        }
    };
    let Some(settings) = invocation.settings.kinds.get(&kind) else {
        tracing::error!(%job, %kind, "this kind does not run here; it comes again");
        return Disposal::Retry;
    };
    tracing::debug!(%job, %pack, attempt, %claim, "claimed");
    // 3. and 4. Run and settle; 5. send on.
    PackRun::new(invocation, settings, &arrival.pack, claim, asked.after(lease), settlements).run(&indexes).await
}

fn claim(arrival: &Arrival<'_>) -> Claim {
    let header = &arrival.pack.header;
    let timeout = arrival.pack.tasks.iter().map(|task| task.timeout()).max().unwrap_or_default();
    let (message, attempts) = (arrival.message.id.clone(), arrival.message.attempts);
    let delivery = Delivery { message, attempts, timeout, lane: Some(header.lane) };
    Claim { pack: header.pack, delivery, sent_at: header.sent_at }
}
