//! The life of a message of the dead-letters queue.

use domain::calls::{ConfirmCall, StrandedCall, VERSION};
use domain::dead_letter::{Arrival, DeadLetter, LettersHeader, MalformedCall, decode, malformed};
use domain::pack::PackHeader;
use futures_util::future::join_all;
use platform::ledger::{LedgerError, Ledgers};
use platform::messages::{Body, Disposal, Message, read, retry_all};
use platform::{PlatformError, now};
use worker::Env;
use worker::worker_sys::MessageBatch;

use crate::archive::{Archive, keep};
use crate::index::Index;

/// Takes every message of a batch to its end. Whatever cannot be done now comes again.
pub(crate) async fn consume(batch: &MessageBatch, env: &Env) {
    let messages = match read(batch) {
        Ok((_, messages)) => messages,
        Err(error) => {
            // A normal return would ack what is left: nothing of this batch may count as done.
            tracing::error!(?error, "unreadable batch; all of it comes again");
            return retry_all(batch);
        }
    };
    match Desk::new(env) {
        Ok(desk) => {
            join_all(messages.iter().map(|message| async { message.settle(desk.take(message).await) })).await;
            let (operations, queries) = (desk.archive.operations(), desk.index.queries());
            tracing::debug!(messages = messages.len(), operations, queries, "a batch of dead letters ends");
        }
        Err(error) => {
            tracing::error!(%error, "this Worker is not set up");
            messages.iter().for_each(|message| message.settle(Disposal::Retry));
        }
    }
}

/// What a batch is worked on with.
struct Desk {
    archive: Archive,
    index: Index,
    ledgers: Ledgers,
}

impl Desk {
    fn new(env: &Env) -> Result<Self, PlatformError> {
        Ok(Self { archive: Archive::new(env)?, index: Index::new(env)?, ledgers: Ledgers::new(env)? })
    }

    async fn take(&self, message: &Message) -> Disposal {
        let (Body::Text(text) | Body::Other(text)) = &message.body();
        match decode(text) {
            Arrival::Letters(header, letters) => self.archive_letters(&header, &letters).await,
            Arrival::Stranded(header) => self.report_stranded(&header, message).await,
            Arrival::Malformed(fault) => self.archive_malformed(message, text, &fault).await,
            Arrival::Later => {
                tracing::warn!(message_id = message.id, "written by a later release; it comes again");
                Disposal::Retry
            }
        }
    }

    /// First the archive, then the index, then the ledger: a crash in between does it all again, which changes nothing.
    /// What the index shows can be read, and what the ledger lets go of is in both.
    async fn archive_letters(&self, header: &LettersHeader, letters: &[DeadLetter<'_>]) -> Disposal {
        let safe = self.archive.put_all(letters).await;
        if let Err(error) = self.index.add(&safe, now()).await {
            tracing::error!(job = %header.job, letters = %header.letters, %error, "not in the index; the letters come again");
            return Disposal::Retry;
        }
        let tasks = safe.iter().filter_map(|letter| letter.index.or(header.callback)).collect();
        let call = ConfirmCall { v: VERSION, letters: header.letters, tasks };
        let confirmed = self.ledgers.confirm(header.job, &call).await;
        tracing::info!(job = %header.job, letters = %header.letters, archived = safe.len(), of = letters.len(), "archived");
        match confirmed {
            Err(LedgerError::Unavailable(error)) => {
                tracing::error!(job = %header.job, %error, "not confirmed; the letters come again");
                Disposal::Retry
            }
            // A job that is gone has nothing more to wait for.
            Ok(()) | Err(LedgerError::Unknown | LedgerError::Refused(_)) if safe.len() == letters.len() => {
                Disposal::Ack
            }
            Ok(()) | Err(LedgerError::Unknown | LedgerError::Refused(_)) => Disposal::Retry,
        }
    }

    /// The platform gave a pack up. Only the ledger knows whether that matters.
    async fn report_stranded(&self, header: &PackHeader, message: &Message) -> Disposal {
        tracing::warn!(job = %header.job, pack = %header.pack, message_id = message.id, "given up by the platform");
        match self.ledgers.stranded(header.job, &StrandedCall { v: VERSION, pack: header.pack }).await {
            Err(LedgerError::Unavailable(error)) => {
                tracing::error!(job = %header.job, %error, "not reported; it comes again");
                Disposal::Retry
            }
            Ok(()) | Err(LedgerError::Unknown | LedgerError::Refused(_)) => Disposal::Ack,
        }
    }

    async fn archive_malformed(&self, message: &Message, body: &str, fault: &str) -> Disposal {
        let call = MalformedCall { message: (&message.id).into(), lane: None, body: body.into(), fault: fault.into() };
        let letter = malformed(&call, now());
        match keep(&self.archive, &self.index, &letter).await {
            Ok(()) => {
                tracing::warn!(message_id = message.id, "malformed; archived");
                Disposal::Ack
            }
            Err(error) => {
                tracing::error!(message_id = message.id, %error, "malformed and not archived; it comes again");
                Disposal::Retry
            }
        }
    }
}
