//! What a call changed.

use std::collections::BTreeSet;

use crate::id::{ChunkId, LetterPackId, PackId};

/// What to write in one transaction. An id that the ledger no longer holds is to be deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Changes {
    /// The job's own row.
    pub job: bool,
    /// Parts that are new.
    pub parts: BTreeSet<String>,
    /// Packs that are new, changed or gone.
    pub packs: BTreeSet<PackId>,
    /// Packs of letters that are new, changed or gone.
    pub letters: BTreeSet<LetterPackId>,
    /// The chunk of the callback that was born.
    pub callback: Option<ChunkId>,
}

impl Changes {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        !self.job && self.parts.is_empty() && self.packs.is_empty() && self.letters.is_empty()
    }
}
