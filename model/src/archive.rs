//! Letters arrive at the archive.

use domain::ledger::Ledger;

use crate::actions::Call;
use crate::message::Body;
use crate::setting::Setting;
use crate::world::World;

impl World {
    /// The letters of the message at `at` are archived, then confirmed. Archiving again changes nothing: what is
    /// archived is a set.
    pub fn archive(&mut self, setting: &Setting, at: usize, call: Call) -> Option<()> {
        let message = self.messages.remove(at);
        let Body::Letters { id, tasks, late } = &message.body else { return None };
        let (now, sent_at) = (self.now, message.sent_at);
        let confirm = |ledger: &mut Ledger| ledger.confirm(now, *id, tasks, sent_at);
        if *late {
            self.archived_late.extend(tasks)
        } else {
            self.archived.extend(tasks)
        }
        match call {
            Call::Answered => self.call(confirm),
            Call::AnswerLost => {
                self.call(confirm);
                self.redeliver(setting, message);
            }
            Call::NotWritten => self.redeliver(setting, message),
            Call::DiesAfter(_) => return None,
        }
        Some(())
    }
}
