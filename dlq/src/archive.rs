//! The archive: KV, one value per dead letter, written as it is and never changed after.

use std::cell::Cell;
use std::collections::HashMap;
use std::time::Duration;

use domain::dead_letter::DeadLetter;
use domain::limits::{KV_BULK_KEYS, KV_OPERATIONS, OPEN_CONNECTIONS};
use futures_util::stream::{self, StreamExt};
use platform::{Elapsed, PlatformError, timeout};
use worker::Env;
use worker::kv::{KvError, KvStore};

use crate::index::Index;

/// The longest that one operation may take: one that never ends would hold its batch, and the queue, for ever.
const CALL: Duration = Duration::from_secs(10);
/// How much longer than the index the archive keeps a letter: what is listed can be read.
const LONGER: Duration = Duration::from_secs(86_400);

/// Letters by their keys.
pub(crate) type Letters = HashMap<String, Option<String>>;

/// The archive of dead letters.
pub(crate) struct Archive {
    kv: KvStore,
    /// How long a letter is kept.
    keep: Duration,
    /// Operations that this invocation may still make: repeats count too.
    operations: Cell<usize>,
}

/// Why a letter is not archived.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    /// KV says no.
    #[error(transparent)]
    Kv(#[from] KvError),
    /// KV says nothing.
    #[error(transparent)]
    Silent(#[from] Elapsed),
    /// The invocation has made all the operations it may; the next one goes on.
    #[error("this invocation has used its {KV_OPERATIONS} operations on KV")]
    OperationsUsedUp,
}

impl Archive {
    /// The binding `FAILED_TASKS`.
    pub(crate) fn new(env: &Env) -> Result<Self, PlatformError> {
        let kv = env.kv("FAILED_TASKS").map_err(PlatformError::binding("FAILED_TASKS"))?;
        let keep = platform::settings(env)?.archive.keep + LONGER;
        Ok(Self { kv, keep, operations: Cell::new(KV_OPERATIONS) })
    }

    /// Operations that this invocation has made.
    pub(crate) fn operations(&self) -> usize {
        KV_OPERATIONS - self.operations.get()
    }

    /// The letters under these keys, as text, if they are there. At most [`KV_BULK_KEYS`] keys are one operation.
    pub(crate) async fn get(&self, keys: &[String]) -> Result<Letters, ArchiveError> {
        let mut found = Letters::new();
        for some in keys.chunks(KV_BULK_KEYS) {
            let is_final = |error: &ArchiveError| matches!(error, ArchiveError::OperationsUsedUp);
            let read = platform::retry("kv", is_final, || async {
                self.take_operation()?;
                timeout(CALL, self.kv.get_bulk(some).text()).await?.map_err(ArchiveError::Kv)
            });
            found.extend(read.await?);
        }
        Ok(found)
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
            let put = self.kv.put(&key, value.as_str())?.metadata(letter.metadata())?;
            let put = put.expiration_ttl(self.keep.as_secs()).execute();
            timeout(CALL, put).await?.map_err(ArchiveError::Kv)
        })
        .await
    }

    fn take_operation(&self) -> Result<(), ArchiveError> {
        let left = self.operations.get().checked_sub(1).ok_or(ArchiveError::OperationsUsedUp)?;
        self.operations.set(left);
        Ok(())
    }
}

/// Keeps one letter: in the archive, then in the index.
pub(crate) async fn keep(archive: &Archive, index: &Index, letter: &DeadLetter<'_>) -> Result<(), String> {
    archive.put(letter).await.map_err(|error| error.to_string())?;
    index.add(&[letter], platform::now()).await.map_err(|error| error.to_string())
}
