//! The outbox: what was decided to be sent and whose arrival is not known.

use std::time::Duration;

use super::{Ledger, Phase, SettlementRecord, Timing};
use crate::id::{LetterPackId, PackId};
use crate::time::Timestamp;

/// Something to send to a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Send {
    /// A pack, to its lane.
    Pack(PackId),
    /// A pack of letters, to the dead-letters queue.
    Letters(LetterPackId),
}

/// What an alarm has to do.
#[derive(Clone, Debug, Default)]
pub struct Woken {
    /// What to send.
    pub sends: Vec<Send>,
    /// What it made final, to be stored: the lost tasks of a canceled job.
    pub record: Option<SettlementRecord>,
}

/// The most that one alarm sends; the next alarm comes at once if there is more.
const SENDS_PER_ALARM: usize = 100;

impl Ledger {
    /// When the alarm should next go off; `None` if nothing is on its way.
    pub fn next_wake(&self) -> Option<Timestamp> {
        let packs = self.packs.values().map(|pack| match pack.phase {
            Phase::Waiting { next_send, .. } => next_send,
            Phase::Claimed { until, .. } => until,
        });
        packs.chain(self.letters.values().map(|letters| letters.next_send)).min()
    }

    /// What the alarm has to send: packs and letters whose arrival is overdue, packs held back until now, packs
    /// whose claim ended without a word. Each gets its next, doubled wait at once, so that sending may fail. In a
    /// canceled job such a claim is not made up for.
    pub fn wake(&mut self, now: Timestamp, timing: &Timing) -> Woken {
        let record = self.cancel_lost(now);
        let mut sends = Vec::new();
        for (id, pack) in &mut self.packs {
            match &mut pack.phase {
                Phase::Waiting { next_send, resends } if *next_send <= now => {
                    *resends += 1;
                    *next_send = now.after(doubled(*resends, timing));
                }
                Phase::Claimed { until, .. } if *until <= now => {
                    pack.losses += 1;
                    pack.phase = Phase::Waiting { next_send: now.after(timing.resend), resends: 0 };
                }
                Phase::Waiting { .. } | Phase::Claimed { .. } => continue,
            }
            self.changes.packs.insert(*id);
            sends.push(Send::Pack(*id));
            if sends.len() >= SENDS_PER_ALARM {
                return Woken { sends, record };
            }
        }
        for (id, letters) in &mut self.letters {
            if letters.next_send <= now && sends.len() < SENDS_PER_ALARM {
                letters.resends += 1;
                letters.next_send = now.after(doubled(letters.resends, timing));
                self.changes.letters.insert(*id);
                sends.push(Send::Letters(*id));
            }
        }
        Woken { sends, record }
    }
}

/// How long a pack waits whose message the platform gave up on; doubles with each time, up to the outbox's longest.
const STRANDED: Duration = Duration::from_secs(60);

impl Ledger {
    /// The platform gave up on a message of this pack. That is a hint, not a judgement: a pack that still waits is
    /// sent again soon, anything else is ignored.
    pub fn stranded(&mut self, now: Timestamp, id: PackId, timing: &Timing) {
        let Some(pack) = self.packs.get_mut(&id) else { return };
        if let Phase::Waiting { next_send, resends } = &mut pack.phase {
            let factor = 1_u32.checked_shl(*resends).unwrap_or(u32::MAX);
            let soon = now.after(STRANDED.saturating_mul(factor).min(timing.resend_max)).max(pack.due);
            if soon < *next_send {
                *next_send = soon;
                self.changes.packs.insert(id);
            }
        }
    }
}

fn doubled(resends: u32, timing: &Timing) -> Duration {
    let factor = 1_u32.checked_shl(resends).unwrap_or(u32::MAX);
    timing.resend.saturating_mul(factor).min(timing.resend_max)
}
