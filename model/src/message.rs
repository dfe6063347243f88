//! Messages: what the queues hold, and what they do to it.

use domain::id::{LetterPackId, PackId};
use domain::indexes::Indexes;
use domain::lane::Lane;
use domain::ledger::{Ledger, Phase, Send};
use domain::outgoing::delay_seconds;
use domain::time::Timestamp;
use std::time::Duration;

use crate::property::Rule;
use crate::setting::{DELAY, REDELIVERY, Setting};
use crate::world::World;

/// A message in a queue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Message {
    /// What it brings.
    pub body: Body,
    /// Deliveries of it that failed.
    pub failed: u32,
    /// Whether the queue delivers it twice at once.
    pub twin: bool,
    /// When it was sent, or its due time if that is later.
    pub sent_at: Timestamp,
    /// It arrives no earlier.
    pub from: Timestamp,
    /// It arrives no later, if somebody is free to take it: time does not pass before.
    pub by: Timestamp,
}

/// What a message brings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Body {
    /// A pack.
    Pack {
        /// Its number.
        id: PackId,
        /// Which message of the pack this is: with the pack's number, the message's id.
        number: u8,
        /// The lane it travels in.
        lane: Lane,
        /// The attempt of its tasks.
        attempt: u8,
    },
    /// Dead letters.
    Letters {
        /// Their number.
        id: LetterPackId,
        /// Whose.
        tasks: Indexes,
        /// Whether they succeeded after all.
        late: bool,
    },
}

impl Message {
    /// The id that the queue gave it.
    pub fn id(&self) -> String {
        match &self.body {
            Body::Pack { id, number, .. } => format!("{id}.{number}"),
            Body::Letters { id, .. } => format!("letters-{id}"),
        }
    }

    /// A message of a pack that is gone says no more than when it was sent: such messages are alike.
    pub fn forget(&mut self, ledger: &Ledger) {
        let mut packs = (0..ledger.job().packs).map(PackId);
        if let Body::Pack { id, number, attempt, .. } = &mut self.body
            && ledger.pack(*id).is_none()
            && let Some(gone) = packs.find(|id| ledger.pack(*id).is_none())
        {
            (*id, *number, *attempt) = (gone, 0, 0);
            (self.failed, self.twin) = (0, false);
        }
    }

    /// Whether it may arrive at `now`.
    pub fn may_arrive(&self, now: Timestamp) -> bool {
        self.from <= now
    }

    /// Whether it is late already.
    pub fn is_delayed(&self) -> bool {
        self.from < self.by
    }

    /// It arrives at any time from now on, at last after [`DELAY`].
    pub fn delay(&mut self, now: Timestamp) {
        self.by = now.after(DELAY);
    }
}

impl World {
    /// The first `most` of `sends` go to their queues.
    pub fn send(&mut self, setting: &Setting, sends: &[Send], most: usize) {
        for send in sends.iter().take(most) {
            match send {
                Send::Pack(id) => self.send_pack(setting, *id),
                Send::Letters(id) => self.send_letters(setting, *id),
            }
        }
    }

    fn send_pack(&mut self, setting: &Setting, id: PackId) {
        let Some(pack) = self.ledger.pack(id).filter(|pack| matches!(pack.phase, Phase::Waiting { .. })) else {
            return self.broken.note(Rule::NothingLost);
        };
        let number = self.sent.entry(id).or_default();
        *number += 1;
        let body = Body::Pack { id, number: *number, lane: pack.lane, attempt: pack.attempt };
        self.broken.unless(u32::from(*number) <= setting.most_messages(), Rule::Messages);
        if setting.outage.is_some_and(|end| self.now < end) {
            return;
        }
        let from = self.now.after(Duration::from_secs(delay_seconds(self.now, pack.due).into()));
        let sent_at = pack.due.max(self.now);
        self.messages.push(Message { body, failed: 0, twin: false, sent_at, from, by: from });
    }

    fn send_letters(&mut self, setting: &Setting, id: LetterPackId) {
        let Some(letters) = self.ledger.letters(id) else { return self.broken.note(Rule::Letters) };
        let body = Body::Letters { id, tasks: letters.unconfirmed.clone(), late: letters.late_success };
        let number = self.letters_sent.entry(id).or_default();
        *number += 1;
        self.broken.unless(u32::from(*number) <= setting.most_letters(), Rule::Messages);
        self.messages.push(Message { body, failed: 0, twin: false, sent_at: self.now, from: self.now, by: self.now });
    }

    /// The queue was not told that the message is done with: it comes again.
    pub fn redeliver(&mut self, setting: &Setting, message: Message) {
        let from = self.now.after(REDELIVERY);
        let failed = message.failed + 1;
        self.broken.unless(failed <= setting.most_failures(), Rule::Deliveries);
        self.messages.push(Message { failed, from, by: from, ..message });
    }
}
