//! The archive: KV, one value per bundle of dead letters, written as it travelled and never changed after.

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use domain::bundle::{Bundle, OpenBundle};
use domain::limits::{KV_BULK_KEYS, KV_OPERATIONS};
use platform::{Elapsed, PlatformError, timeout};
use worker::Env;
use worker::kv::{KvError, KvStore};

/// The longest that one operation may take: one that never ends would hold its batch, and the queue, for ever.
const CALL: Duration = Duration::from_secs(10);
/// How much longer than the index the archive keeps letters: what is listed can be read.
const LONGER: Duration = Duration::from_secs(86_400);

/// Bundles that one bulk read names: each has up to 128 KB, and all of them are in memory.
pub(crate) const BUNDLES_AT_ONCE: usize = 50;
const _: () = assert!(BUNDLES_AT_ONCE <= KV_BULK_KEYS);

/// Values of bundles by their keys.
#[derive(Default)]
pub(crate) struct Values(HashMap<String, String>);

impl Values {
    /// The bundles, opened.
    pub(crate) fn open(&self) -> HashMap<&str, OpenBundle<'_>> {
        self.0.iter().map(|(key, value)| (&**key, OpenBundle::new(value))).collect()
    }
}

/// The archive of dead letters.
pub(crate) struct Archive {
    kv: KvStore,
    /// How long a bundle is kept.
    keep: Duration,
    /// Operations that this invocation may still make: repeats count too.
    operations: Cell<usize>,
}

/// Why letters are not archived, or not read.
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

    /// The values of these bundles, each read once; those that are missing are left out. At most [`BUNDLES_AT_ONCE`] are one
    /// operation.
    pub(crate) async fn get<'k>(&self, keys: impl IntoIterator<Item = &'k str>) -> Result<Values, ArchiveError> {
        let keys: BTreeSet<&str> = keys.into_iter().collect();
        let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
        let mut values = Values::default();
        for some in keys.chunks(BUNDLES_AT_ONCE) {
            let is_final = |error: &ArchiveError| matches!(error, ArchiveError::OperationsUsedUp);
            let read = platform::retry("kv", is_final, || async {
                self.take_operation()?;
                timeout(CALL, self.kv.get_bulk(some).text()).await?.map_err(ArchiveError::Kv)
            });
            values.0.extend(read.await?.into_iter().filter_map(|(key, value)| Some((key, value?))));
        }
        Ok(values)
    }

    /// Writes one bundle. Writing it again changes nothing.
    pub(crate) async fn put(&self, bundle: &Bundle<'_>) -> Result<(), ArchiveError> {
        let is_final = |error: &ArchiveError| matches!(error, ArchiveError::OperationsUsedUp);
        platform::retry("kv", is_final, || async {
            self.take_operation()?;
            let put = self.kv.put(&bundle.key, &*bundle.value)?.expiration_ttl(self.keep.as_secs()).execute();
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
