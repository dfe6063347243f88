//! Dead letters on their way to the archive.

use serde::{Deserialize, Serialize};

use super::{Ledger, Parent, Timing};
use crate::id::{ChunkId, LetterPackId};
use crate::indexes::Indexes;
use crate::limits::LETTERS;
use crate::time::Timestamp;

/// Dead letters that the archive has not confirmed, as stored. Their content is in chunks and settlements.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LetterRecord {
    /// The chunk that the tasks are in, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunk: Option<ChunkId>,
    /// The tasks whose letters are not confirmed.
    pub unconfirmed: Indexes,
    /// Whether the tasks succeeded after they had been declared dead.
    #[serde(default)]
    pub late_success: bool,
    /// When the outbox sends them again.
    pub next_send: Timestamp,
    /// How often they were sent again.
    pub resends: u32,
    /// The settlement that they were born of, unless it was a lost claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
}

impl Ledger {
    /// Adds the letters of `tasks`, in packs of at most [`LETTERS`].
    pub(super) fn bear_letters(
        &mut self,
        now: Timestamp,
        mut tasks: Indexes,
        late_success: bool,
        chunk: Option<ChunkId>,
        parent: Option<Parent>,
        timing: &Timing,
    ) {
        while !tasks.is_empty() {
            let id = LetterPackId(self.job.letters);
            let record = LetterRecord {
                chunk,
                unconfirmed: tasks.take_first(LETTERS as u32),
                late_success,
                // Without a settlement whose answer would bring them, the alarm sends them at once.
                next_send: if parent.is_some() { now.after(timing.resend) } else { now },
                resends: 0,
                parent,
            };
            self.job.letters += 1;
            self.changes.job = true;
            self.changes.letters.insert(id);
            self.letters.insert(id, record);
        }
    }

    /// The archive has the letters of `tasks`. Confirming again, or what is not known, changes nothing.
    pub fn confirm(&mut self, id: LetterPackId, tasks: &Indexes) {
        let Some(record) = self.letters.get_mut(&id) else { return };
        record.unconfirmed.subtract(tasks);
        if record.unconfirmed.is_empty() {
            self.letters.remove(&id);
        }
        self.changes.letters.insert(id);
    }
}
