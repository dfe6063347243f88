//! The outbox: what was decided to be sent and whose arrival is not known.

use std::time::Duration;

use super::append::waiting;
use super::flow::LOST_PER_SECOND;
use super::{Ledger, PackRecord, Phase, SettlementRecord, Timing};
use crate::calls::Destination;
use crate::id::{LetterPackId, PackId};
use crate::lane::Lane;
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
    /// Queues that nothing has come from for a while, which get one message more to find out.
    pub probes: Vec<Destination>,
    /// What lost claims made final, to be stored.
    pub records: Vec<SettlementRecord>,
    /// Whether the index of jobs is to be told where the job is.
    pub tell_index: bool,
    /// Whether all of the job is to be deleted.
    pub delete: bool,
}

/// The most that one alarm sends; the next alarm comes at once if there is more.
pub(super) const SENDS_PER_ALARM: usize = 100;

/// How long a pack is held back whose message the platform gave up on, at first and at most.
const STRANDED: Duration = Duration::from_secs(60);
const STRANDED_MAX: Duration = Duration::from_secs(3_600);

impl Ledger {
    /// When the alarm should next go off; `None` if nothing is on its way.
    pub fn next_wake(&self, timing: &Timing) -> Option<Timestamp> {
        let packs = self.packs.values().filter_map(|pack| match pack.phase {
            Phase::Waiting { sent: None, next_send } => Some(next_send),
            Phase::Waiting { sent: Some(_), .. } => None,
            Phase::Claimed { until, .. } => Some(until),
        });
        let lost = self.lost(timing).next().map(|_| self.job.flow.not_before);
        let once = [self.probe_due(timing), self.letters_due(timing), self.index_due(), self.expiry_due(timing)]
            .into_iter()
            .flatten();
        packs.chain(lost).chain(once).min()
    }

    /// What the alarm has to do. First claims whose lease is over are lost. Then it sends packs held back until now, packs
    /// that are lost, a probe if all is quiet, and letters by the same rules. When each was sent is set at once, so that
    /// sending may fail.
    pub fn wake(&mut self, now: Timestamp, timing: &Timing) -> Woken {
        if self.is_spent() {
            return Woken { delete: true, ..Woken::default() };
        }
        let records = self.lose_overdue(now, timing);
        self.expire(now, timing);
        let mut sends = Vec::new();
        self.send_held(now, timing, &mut sends);
        self.send_lost(now, timing, &mut sends);
        let lane = self.send_probe(now, timing, &mut sends).map(Destination::Lane);
        let letters = self.send_letters(now, timing, &mut sends).then_some(Destination::DeadLetters);
        let probes = lane.into_iter().chain(letters).collect();
        Woken { sends, probes, records, tell_index: self.tell_index(now, timing), delete: false }
    }

    fn lose_overdue(&mut self, now: Timestamp, timing: &Timing) -> Vec<SettlementRecord> {
        let over = |pack: &PackRecord| matches!(pack.phase, Phase::Claimed { until, .. } if until <= now);
        let overdue = self.packs.iter().filter(|(_, pack)| over(pack)).map(|(id, _)| *id);
        let overdue: Vec<PackId> = overdue.take(SENDS_PER_ALARM).collect();
        overdue.into_iter().filter_map(|id| self.lose(now, id, timing)).collect()
    }

    fn send_held(&mut self, now: Timestamp, timing: &Timing, sends: &mut Vec<Send>) {
        for (id, pack) in &mut self.packs {
            if sends.len() >= SENDS_PER_ALARM {
                return;
            }
            let Phase::Waiting { sent: None, next_send } = pack.phase else { continue };
            if next_send <= now {
                pack.phase = waiting(now, now, timing);
                self.changes.packs.insert(*id);
                sends.push(Send::Pack(*id));
            }
        }
    }

    fn send_lost(&mut self, now: Timestamp, timing: &Timing, sends: &mut Vec<Send>) {
        if now < self.job.flow.not_before {
            return;
        }
        let lost: Vec<PackId> = self.lost(timing).take(LOST_PER_SECOND.saturating_sub(sends.len())).collect();
        if lost.is_empty() {
            return;
        }
        self.job.flow.not_before = now.after(Duration::from_secs(1));
        self.changes.job = true;
        lost.into_iter().for_each(|id| self.send_again(now, id, sends));
    }

    /// Sends a probe if one is due; the lane that it goes to.
    fn send_probe(&mut self, now: Timestamp, timing: &Timing, sends: &mut Vec<Send>) -> Option<Lane> {
        if self.probe_due(timing).is_none_or(|due| due > now) || sends.len() >= SENDS_PER_ALARM {
            return None;
        }
        let (id, _) = self.longest_under_way()?;
        self.job.flow.last_probe = now;
        self.job.flow.probes += 1;
        self.changes.job = true;
        self.send_again(now, id, sends);
        self.packs.get(&id).map(|pack| pack.lane)
    }

    /// The platform gave up on a message of this pack. That is a hint, not a judgement: a pack that still waits is
    /// held back for a minute, doubling with each time up to an hour, and sent again; anything else is ignored.
    pub fn stranded(&mut self, now: Timestamp, id: PackId) {
        let Some(pack) = self.packs.get_mut(&id) else { return };
        if let Phase::Waiting { sent: Some(_), .. } = pack.phase {
            let factor = 1_u32.checked_shl(pack.strandings).unwrap_or(u32::MAX);
            let wait = STRANDED.saturating_mul(factor).min(STRANDED_MAX);
            pack.strandings += 1;
            pack.phase = Phase::Waiting { sent: None, next_send: now.after(wait).max(pack.due) };
            self.changes.packs.insert(id);
        }
    }

    fn send_again(&mut self, now: Timestamp, id: PackId, sends: &mut Vec<Send>) {
        let Some(pack) = self.packs.get_mut(&id) else { return };
        if let Phase::Waiting { sent, .. } = &mut pack.phase {
            *sent = Some(now);
            self.changes.packs.insert(id);
            sends.push(Send::Pack(id));
        }
    }
}
