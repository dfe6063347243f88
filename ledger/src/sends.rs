//! Puts together what is to be sent.

use domain::calls::OutgoingMessage;
use domain::id::LetterPackId;
use domain::ledger::Send;
use domain::outgoing::{letter_messages, pack_message, span};
use domain::results::Outcomes;
use domain::time::Timestamp;
use worker::Result;

use crate::job_ledger_do::{JobLedger, Rows};

/// Bytes of messages in one answer, or in one round of an alarm. Letters with long histories may have many times
/// that; what does not fit is the alarm's to send. Others have their turns between rounds.
pub(crate) const ROUND_BYTES: usize = 1_000_000;

impl JobLedger {
    /// The messages that answer a settlement, as many as fit. Letters that do not fit are the alarm's to send, at once;
    /// packs are found lost.
    pub(crate) async fn reply(&self, now: Timestamp, sends: &[Send]) -> Result<Vec<OutgoingMessage>> {
        let mut messages = Vec::new();
        let (mut bytes, mut left) = (0, sends.iter());
        while bytes < ROUND_BYTES
            && let Some(send) = left.next()
        {
            let composed = self.compose_or_log(now, *send);
            bytes += composed.iter().map(|message| message.body.len()).sum::<usize>();
            messages.extend(composed);
        }
        let letters = |send: &Send| if let Send::Letters(id) = send { Some(*id) } else { None };
        let rest: Vec<LetterPackId> = left.filter_map(letters).collect();
        if !rest.is_empty() {
            tracing::debug!(letters = rest.len(), "not all fits the answer; the alarm sends the rest");
            self.decide(|ledger| ledger.not_sent(rest))?;
            self.commit(Rows::default()).await?;
        }
        Ok(messages)
    }

    /// The messages of `send`; none if it cannot be put together, which must not hold up the others.
    pub(crate) fn compose_or_log(&self, now: Timestamp, send: Send) -> Vec<OutgoingMessage> {
        self.compose(now, send).unwrap_or_else(|error| {
            tracing::error!(?send, %error, "cannot be put together");
            Vec::new()
        })
    }

    /// The messages of `send`. Whatever has been claimed or confirmed meanwhile needs none.
    fn compose(&self, now: Timestamp, send: Send) -> Result<Vec<OutgoingMessage>> {
        match send {
            Send::Pack(id) => {
                let found = self.look(|ledger| ledger.pack(id).map(|pack| (ledger.job().clone(), pack.clone())))?;
                let Some((job, pack)) = found.flatten() else { return Ok(Vec::new()) };
                let chunk = self.store().chunk(pack.chunk)?;
                Ok(vec![pack_message(&job, id, &pack, &chunk, now)?])
            }
            Send::Letters(id) => {
                let found = self.look(|ledger| ledger.letters(id).map(|pack| (ledger.job().clone(), pack.clone())))?;
                let Some((job, letters)) = found.flatten() else { return Ok(Vec::new()) };
                let Some((first, last)) = span(&letters.unconfirmed) else { return Ok(Vec::new()) };
                let store = self.store();
                let chunks = match letters.chunk {
                    Some(chunk) => vec![chunk],
                    None => {
                        let among = self.look(|ledger| ledger.chunks_of(first, last + 1))?.unwrap_or_default();
                        store.chunks_with(among, &letters.unconfirmed)?
                    }
                };
                let chunks = chunks.into_iter().map(|chunk| store.chunk(chunk)).collect::<Result<Vec<_>>>()?;
                let mut outcomes = Outcomes::default();
                for record in store.each_settlement(letters.chunk, first, last)? {
                    outcomes.add(&record?, &letters.unconfirmed);
                }
                Ok(letter_messages(&job, id, &letters, &chunks, &outcomes, now)?)
            }
        }
    }
}
