//! Puts together what is to be sent.

use domain::calls::OutgoingMessage;
use domain::ledger::Send;
use domain::outgoing::{letter_messages, pack_message, span};
use domain::time::Timestamp;
use worker::Result;

use crate::job_ledger_do::JobLedger;

impl JobLedger {
    /// The messages of `sends`. Whatever has been claimed or confirmed meanwhile needs none.
    pub(crate) fn messages(&self, now: Timestamp, sends: &[Send]) -> Result<Vec<OutgoingMessage>> {
        let mut messages = Vec::new();
        for send in sends {
            match send {
                Send::Pack(id) => {
                    let found =
                        self.look(|ledger| ledger.pack(*id).map(|pack| (ledger.job().clone(), pack.clone())))?;
                    let Some((job, pack)) = found.flatten() else { continue };
                    let chunk = self.store().chunk(pack.chunk)?;
                    messages.push(pack_message(&job, *id, &pack, &chunk, now)?);
                }
                Send::Letters(id) => {
                    let found =
                        self.look(|ledger| ledger.letters(*id).map(|pack| (ledger.job().clone(), pack.clone())))?;
                    let Some((job, letters)) = found.flatten() else { continue };
                    let Some((first, last)) = span(&letters.unconfirmed) else { continue };
                    let chunks = self.store().chunks(first, last)?;
                    let settlements = self.store().settlements(first, last)?;
                    messages.extend(letter_messages(&job, *id, &letters, &chunks, &settlements)?);
                }
            }
        }
        Ok(messages)
    }
}
