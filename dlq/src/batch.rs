//! The life of a batch of the dead-letters queue:
//!
//! 1. Each message is decoded by itself. What somebody else decides (a pack that the platform gave up) is passed on.
//! 2. The letters of a message are a bundle: one value of the archive.
//! 3. All bundles that are in the archive enter the index, in one transaction.
//! 4. The ledger of each job is told which of its letters are in both, and lets go of them.
//!
//! A crash in between does it all again, which changes nothing: a bundle's key follows from its content, the index adds
//! what is missing, and a ledger confirms what it still has. What the index shows can be read.

use std::collections::BTreeMap;
use std::future::ready;

use domain::bundle::Bundle;
use domain::calls::{ConfirmCall, Confirmed, StrandedCall, VERSION};
use domain::dead_letter::{Arrival, LettersHeader, MalformedCall, decode, malformed};
use domain::id::JobId;
use domain::limits::{OPEN_CONNECTIONS, queue_operations};
use domain::pack::PackHeader;
use futures_util::future::{join, join_all};
use futures_util::stream::{self, StreamExt};
use platform::ledger::{LedgerError, Ledgers};
use platform::messages::{BatchSignals, Body, Disposal, Message, read, retry_all};
use platform::{PlatformError, now};
use worker::Env;
use worker::worker_sys::MessageBatch;

use crate::archive::Archive;
use crate::index::Index;

/// Takes every message of a batch to its end. Whatever cannot be done now comes again.
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
    let desk = match Desk::new(env) {
        Ok(desk) => desk,
        Err(error) => {
            tracing::error!(%error, "this Worker is not set up");
            return retry_all(batch);
        }
    };
    let bodies: Vec<String> = messages.iter().map(text).collect();
    for (message, done) in messages.iter().zip(desk.take(&messages, &bodies).await) {
        message.settle(match done {
            true => Disposal::Ack,
            false => Disposal::RetryIn(desk.waits.wait(message.attempts)),
        });
    }
    let (operations, queries, rows) = (desk.archive.operations(), desk.index.queries(), desk.index.rows_written());
    let chunks: usize = bodies.iter().map(|body| queue_operations(body.len())).sum();
    tracing::debug!(messages = messages.len(), chunks, operations, queries, rows, "a batch of dead letters ends");
}

fn text(message: &Message) -> String {
    let (Body::Text(text) | Body::Other(text)) = message.body();
    text
}

/// What a batch is worked on with.
struct Desk {
    archive: Archive,
    index: Index,
    ledgers: Ledgers,
    waits: config::Archive,
}

/// A message that brought a bundle.
struct Brought<'a> {
    /// Its place in the batch.
    at: usize,
    /// None where it is a malformed message itself.
    header: Option<LettersHeader>,
    bundle: Bundle<'a>,
}

impl Desk {
    fn new(env: &Env) -> Result<Self, PlatformError> {
        let waits = platform::settings(env)?.archive.clone();
        Ok(Self { archive: Archive::new(env)?, index: Index::new(env)?, ledgers: Ledgers::new(env)?, waits })
    }

    /// Takes all messages of a batch; for each, whether it is done with.
    async fn take(&self, messages: &[Message], bodies: &[String]) -> Vec<bool> {
        let mut done = vec![false; messages.len()];
        let (mut brought, mut stranded) = (Vec::new(), Vec::new());
        for (at, (message, body)) in messages.iter().zip(bodies).enumerate() {
            match decode(body) {
                Arrival::Letters(_, letters) if letters.is_empty() => done[at] = true,
                Arrival::Letters(header, letters) => {
                    let bundle = Bundle::of_message(&header, body, letters);
                    brought.push(Brought { at, header: Some(header), bundle });
                }
                Arrival::Stranded(header) => stranded.push((at, header, message)),
                Arrival::Malformed(fault) => {
                    tracing::warn!(message_id = message.id, "malformed; it is archived");
                    brought.push(Brought { at, header: None, bundle: bundle_of_malformed(message, body, fault) });
                }
                Arrival::Later => tracing::warn!(message_id = message.id, "written by a later release; it comes again"),
            }
        }
        let report = stranded
            .iter()
            .map(|(at, header, message)| async move { (*at, self.report_stranded(header, message).await) });
        let (kept, reported) = join(self.keep(brought), join_all(report)).await;
        kept.into_iter().chain(reported).for_each(|(at, is_done)| done[at] = is_done);
        done
    }

    /// Archives, indexes and confirms bundles; for each, its place in the batch and whether it is done with.
    async fn keep(&self, brought: Vec<Brought<'_>>) -> Vec<(usize, bool)> {
        let put = |one| async move {
            let Brought { bundle, .. } = &one;
            match self.archive.put(bundle).await {
                Ok(()) => Some(one),
                Err(error) => {
                    tracing::error!(key = bundle.key, %error, "not archived; the message comes again");
                    None
                }
            }
        };
        let safe: Vec<Brought<'_>> =
            stream::iter(brought).map(put).buffer_unordered(OPEN_CONNECTIONS).filter_map(ready).collect().await;
        let indexed = self.add_to_index(safe).await;
        self.confirm(indexed).await
    }

    /// Those of the bundles that are in the index. One that it cannot take must not hold up the others: where it does not take
    /// all of them it is asked one by one.
    async fn add_to_index<'a>(&self, safe: Vec<Brought<'a>>) -> Vec<Brought<'a>> {
        let now = now();
        match self.index.add(safe.iter().map(|one| &one.bundle), now).await {
            Ok(()) => return safe,
            Err(error) => tracing::error!(bundles = safe.len(), %error, "not in the index"),
        }
        if safe.len() == 1 {
            return Vec::new();
        }
        let mut indexed = Vec::new();
        for one in safe {
            match self.index.add([&one.bundle], now).await {
                Ok(()) => indexed.push(one),
                Err(error) => {
                    tracing::error!(key = one.bundle.key, %error, "not in the index; the message comes again")
                }
            }
        }
        indexed
    }

    /// Tells each ledger, in one call, which of its letters are archived.
    async fn confirm(&self, indexed: Vec<Brought<'_>>) -> Vec<(usize, bool)> {
        let mut done = Vec::new();
        let mut jobs: BTreeMap<JobId, Vec<(usize, LettersHeader, Bundle<'_>)>> = BTreeMap::new();
        for Brought { at, header, bundle } in indexed {
            match header {
                Some(header) => jobs.entry(header.job).or_default().push((at, header, bundle)),
                None => done.push((at, true)),
            }
        }
        let confirms = jobs.into_iter().map(|(job, brought)| async move {
            let is_done = self.confirm_job(job, &brought).await;
            brought.into_iter().map(|(at, ..)| (at, is_done)).collect::<Vec<_>>()
        });
        let confirmed: Vec<_> = stream::iter(confirms).buffer_unordered(OPEN_CONNECTIONS).collect().await;
        done.extend(confirmed.into_iter().flatten());
        done
    }

    async fn confirm_job(&self, job: JobId, brought: &[(usize, LettersHeader, Bundle<'_>)]) -> bool {
        let messages = brought.iter().map(|(_, header, bundle)| Confirmed {
            letters: header.letters,
            tasks: bundle.letters.iter().filter_map(|letter| letter.index.or(header.callback)).collect(),
            sent_at: header.sent_at,
        });
        let call = ConfirmCall { v: VERSION, messages: messages.collect() };
        let archived: usize = brought.iter().map(|(.., bundle)| bundle.letters.len()).sum();
        tracing::info!(%job, messages = brought.len(), archived, "archived");
        match self.ledgers.confirm(job, &call).await {
            Err(LedgerError::Unavailable(error)) => {
                tracing::error!(%job, %error, "not confirmed; the letters come again");
                false
            }
            // A job that is gone has nothing more to wait for.
            Ok(()) | Err(LedgerError::Unknown | LedgerError::Refused(_)) => true,
        }
    }

    /// The platform gave a pack up. Only the ledger knows whether that matters.
    async fn report_stranded(&self, header: &PackHeader, message: &Message) -> bool {
        tracing::warn!(job = %header.job, pack = %header.pack, message_id = message.id, "given up by the platform");
        match self.ledgers.stranded(header.job, &StrandedCall { v: VERSION, pack: header.pack }).await {
            Err(LedgerError::Unavailable(error)) => {
                tracing::error!(job = %header.job, %error, "not reported; it comes again");
                false
            }
            Ok(()) | Err(LedgerError::Unknown | LedgerError::Refused(_)) => true,
        }
    }
}

fn bundle_of_malformed(message: &Message, body: &str, fault: String) -> Bundle<'static> {
    let call = MalformedCall { message: (&message.id).into(), lane: None, body: body.into(), fault: fault.into() };
    Bundle::of_malformed(malformed(&call, now()))
}
