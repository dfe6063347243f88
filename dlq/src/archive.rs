//! The archive: KV, one value per dead letter, written as it is and never changed after.

use std::cell::Cell;

use domain::dead_letter::DeadLetter;
use domain::limits::{KV_OPERATIONS, OPEN_CONNECTIONS};
use futures_util::stream::{self, StreamExt};
use platform::PlatformError;
use worker::Env;
use worker::kv::{KvError, KvStore};

/// The archive of dead letters.
pub(crate) struct Archive {
    kv: KvStore,
    /// Operations that this invocation may still make: repeats count too.
    operations: Cell<usize>,
}

/// Why a letter is not archived.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    /// KV says no.
    #[error(transparent)]
    Kv(#[from] KvError),
    /// The invocation has made all the operations it may; the next one goes on.
    #[error("this invocation has used its {KV_OPERATIONS} operations on KV")]
    OperationsUsedUp,
}

impl Archive {
    /// The binding `FAILED_TASKS`.
    pub(crate) fn new(env: &Env) -> Result<Self, PlatformError> {
        let kv = env.kv("FAILED_TASKS").map_err(PlatformError::binding("FAILED_TASKS"))?;
        Ok(Self { kv, operations: Cell::new(KV_OPERATIONS) })
    }

    /// Writes each letter and returns those that are safe. Writing one again changes nothing.
    pub(crate) async fn put_all<'l>(&self, letters: &'l [DeadLetter<'l>]) -> Vec<&'l DeadLetter<'l>> {
        let put = |letter: &'l DeadLetter<'l>| async move {
            match self.put(letter).await {
                Ok(()) => Some(letter),
                Err(error) => {
                    tracing::error!(task = &*letter.task, %error, "not archived");
                    None
                }
            }
        };
        let written = stream::iter(letters).map(put).buffer_unordered(OPEN_CONNECTIONS);
        written.filter_map(std::future::ready).collect().await
    }

    /// Writes one letter, with what a listing shows of it.
    pub(crate) async fn put(&self, letter: &DeadLetter<'_>) -> Result<(), ArchiveError> {
        let value = serde_json::to_string(letter).map_err(KvError::from)?;
        let key = letter.key();
        let is_final = |error: &ArchiveError| matches!(error, ArchiveError::OperationsUsedUp);
        platform::retry("kv", is_final, || async {
            self.take_operation()?;
            self.kv.put(&key, value.as_str())?.metadata(letter.metadata())?.execute().await.map_err(ArchiveError::Kv)
        })
        .await
    }

    fn take_operation(&self) -> Result<(), ArchiveError> {
        let left = self.operations.get().checked_sub(1).ok_or(ArchiveError::OperationsUsedUp)?;
        self.operations.set(left);
        Ok(())
    }
}
