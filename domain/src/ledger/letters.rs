//! Dead letters on their way to the archive, and the flow of their messages.
//!
//! A confirmed message proves that the dead-letters queue flows: letters that were sent well before it and are not
//! confirmed are lost, and sent again. A backlog proves nothing, however long it lasts. Where nothing is confirmed at
//! all, one pack of letters is sent as a probe, ever more rarely.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::flow::{LOST_PER_SECOND, quiet_wait};
use super::outbox::SENDS_PER_ALARM;
use super::{Ledger, Parent, Send, Timing};
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
    /// When they were last sent; none while the alarm has to send them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Timestamp>,
    /// The settlement that they were born of, unless it was a lost claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
}

/// What is known of the flow of a job's letters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LetterFlow {
    /// When the latest of the messages that were confirmed was sent.
    pub watermark: Timestamp,
    /// When a message was last confirmed.
    pub last_confirm: Timestamp,
    /// When the last probe was sent.
    pub last_probe: Timestamp,
    /// Probes since the last message was confirmed.
    pub probes: u32,
    /// Before this, no lost letters are sent again: they are sent at a rate.
    pub not_before: Timestamp,
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
    ) {
        while !tasks.is_empty() {
            let id = LetterPackId(self.job.letters);
            let record = LetterRecord {
                chunk,
                unconfirmed: tasks.take_first(LETTERS as u32),
                late_success,
                // Without a settlement whose answer would bring them, the alarm sends them.
                sent: parent.map(|_| now),
                parent,
            };
            self.job.letters += 1;
            self.changes.job = true;
            self.changes.letters.insert(id);
            self.letters.insert(id, record);
        }
    }

    /// The archive has the letters of `tasks`, which a message brought that was sent at `sent_at`. A repeat, or a pack
    /// that is not known, changes nothing of the letters.
    pub fn confirm(&mut self, now: Timestamp, id: LetterPackId, tasks: &Indexes, sent_at: Timestamp) {
        if let Some(record) = self.letters.get_mut(&id) {
            let before = record.unconfirmed.len();
            record.unconfirmed.subtract(tasks);
            if record.unconfirmed.len() < before {
                self.changes.letters.insert(id);
            }
            if record.unconfirmed.is_empty() {
                self.letters.remove(&id);
            }
        }
        // Where nothing is under way there is nothing that this tells of, and no row is written for it.
        if self.letters.is_empty() && self.job.letter_flow.probes == 0 {
            return;
        }
        let flow = &mut self.job.letter_flow;
        flow.watermark = sent_at.min(now).max(flow.watermark);
        flow.last_confirm = now.max(flow.last_confirm);
        flow.probes = 0;
        self.changes.job = true;
    }

    /// These letters were not sent after all: the answer to a settlement had no room for them. The alarm sends them at
    /// once.
    pub fn not_sent(&mut self, ids: impl IntoIterator<Item = LetterPackId>) {
        for id in ids {
            if let Some(record) = self.letters.get_mut(&id) {
                record.sent = None;
                self.changes.letters.insert(id);
            }
        }
    }

    /// When the alarm has something to send: letters that were never sent, lost ones, or a probe.
    pub(super) fn letters_due(&self, timing: &Timing) -> Option<Timestamp> {
        let unsent = self.letters.values().any(|letters| letters.sent.is_none()).then(Timestamp::default);
        let lost = self.lost_letters(timing).next().map(|_| self.job.letter_flow.not_before);
        [unsent, lost, self.letter_probe_due(timing)].into_iter().flatten().min()
    }

    /// Sends what [`Self::letters_due`] is about, and sets when that was at once, so that sending may fail. Answers whether
    /// a probe is among it.
    pub(super) fn send_letters(&mut self, now: Timestamp, timing: &Timing, sends: &mut Vec<Send>) -> bool {
        let room = |sends: &Vec<Send>| SENDS_PER_ALARM.saturating_sub(sends.len());
        let unsent = self.letters.iter().filter(|(_, letters)| letters.sent.is_none());
        let unsent: Vec<LetterPackId> = unsent.map(|(id, _)| *id).take(room(sends)).collect();
        self.mark_sent(now, &unsent, sends);

        if now >= self.job.letter_flow.not_before {
            let lost: Vec<_> = self.lost_letters(timing).take(room(sends).min(LOST_PER_SECOND)).collect();
            if !lost.is_empty() {
                self.job.letter_flow.not_before = now.after(Duration::from_secs(1));
                self.changes.job = true;
                self.mark_sent(now, &lost, sends);
            }
        }
        let probe_is_due = room(sends) > 0 && self.letter_probe_due(timing).is_some_and(|due| due <= now);
        let Some((_, id)) = self.letters_under_way().min().filter(|_| probe_is_due) else { return false };
        self.job.letter_flow.last_probe = now;
        self.job.letter_flow.probes += 1;
        self.changes.job = true;
        self.mark_sent(now, &[id], sends);
        true
    }

    fn mark_sent(&mut self, now: Timestamp, ids: &[LetterPackId], sends: &mut Vec<Send>) {
        for id in ids {
            if let Some(letters) = self.letters.get_mut(id) {
                letters.sent = Some(now);
                self.changes.letters.insert(*id);
                sends.push(Send::Letters(*id));
            }
        }
    }

    fn letters_under_way(&self) -> impl Iterator<Item = (Timestamp, LetterPackId)> + '_ {
        self.letters.iter().filter_map(|(id, letters)| Some((letters.sent?, *id)))
    }

    /// Letters whose messages are lost: sent longer than [`Timing::resend`] before one that was confirmed. That is longer
    /// than the grace of packs: letters hold nobody up, and the archive takes its time with a message that failed.
    fn lost_letters(&self, timing: &Timing) -> impl Iterator<Item = LetterPackId> + '_ {
        let (grace, watermark) = (timing.resend, self.job.letter_flow.watermark);
        self.letters_under_way().filter_map(move |(sent, id)| (sent.after(grace) < watermark).then_some(id))
    }

    fn letter_probe_due(&self, timing: &Timing) -> Option<Timestamp> {
        let flow = &self.job.letter_flow;
        let (sent, _) = self.letters_under_way().min()?;
        let quiet_since = sent.max(flow.last_confirm).max(flow.last_probe);
        Some(quiet_since.after(quiet_wait(flow.probes, timing.resend, timing.resend_max)))
    }
}
