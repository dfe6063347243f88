//! The archive: KV, one value per dead letter, written as it is and never changed after.

use domain::dead_letter::DeadLetter;
use domain::limits::OPEN_CONNECTIONS;
use futures_util::stream::{self, StreamExt};
use platform::PlatformError;
use worker::Env;
use worker::kv::{KvError, KvStore};

/// The archive of dead letters.
pub(crate) struct Archive {
    kv: KvStore,
}

impl Archive {
    /// The binding `FAILED_TASKS`.
    pub(crate) fn new(env: &Env) -> Result<Self, PlatformError> {
        Ok(Self { kv: env.kv("FAILED_TASKS").map_err(PlatformError::binding("FAILED_TASKS"))? })
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
    pub(crate) async fn put(&self, letter: &DeadLetter<'_>) -> Result<(), KvError> {
        let value = serde_json::to_string(letter)?;
        let key = DeadLetter::key(&letter.task);
        platform::retry(
            "kv",
            |_| false,
            || async { self.kv.put(&key, value.as_str())?.metadata(letter.metadata())?.execute().await },
        )
        .await
    }
}
