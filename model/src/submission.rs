//! The producer, and the caller who cancels.

use domain::id::PackId;
use domain::kinds::Kind;
use domain::ledger::{Appended, NewChunk, NewPart, Send, Source};

use crate::actions::Call;
use crate::property::Rule;
use crate::setting::{Cancel, Setting};
use crate::world::World;

impl World {
    /// The producer appends its one part, until it knows that it is accepted; then it sends its packs.
    pub fn append(&mut self, setting: &Setting, call: Call) -> Option<()> {
        let mut base = 0;
        let mut chunks = Vec::new();
        for pack in setting.packs {
            let end = base + pack.len() as u32;
            chunks.push(NewChunk { kind: Kind::Simulate, due: None, indexes: (base..end).collect(), bytes: 0 });
            base = end;
        }
        let part = NewPart {
            key: "part".to_owned(),
            content: "content".to_owned(),
            chunks,
            seal: true,
            owner: Source::Api,
            at: None,
        };
        let (now, timing) = (self.now, setting.variant.timing());
        let Ok(appended) = self.call(|ledger| ledger.append(now, part, &timing)) else {
            self.broken.note(Rule::NothingLost);
            return Some(());
        };
        let Appended::New(part) = appended else {
            self.accepted = true;
            return (call == Call::Answered).then_some(());
        };
        let first = part.first_pack.0;
        let sends: Vec<Send> = (first..self.ledger.job().packs).map(|id| Send::Pack(PackId(id))).collect();
        match call {
            Call::Answered => self.send(setting, &sends, usize::MAX),
            Call::DiesAfter(some) if usize::from(some) < sends.len() => self.send(setting, &sends, some.into()),
            Call::AnswerLost => {}
            Call::DiesAfter(_) | Call::NotWritten => return None,
        }
        self.accepted = call != Call::AnswerLost;
        Some(())
    }

    /// The caller cancels what it may.
    pub fn cancel(&mut self) {
        let now = self.now;
        let records = match self.cancel {
            Cancel::Never => return,
            Cancel::Job => self.call(|ledger| ledger.cancel(now)),
            Cancel::Task => self.call(|ledger| ledger.cancel_task(now, 1)),
        };
        self.cancel = Cancel::Never;
        self.record(&records.unwrap_or_default());
    }
}
