//! Settlements that arrive in one call: one write, one answer.

use super::{Ledger, Past, Send, Settle, SettleRefusal, Settled, SettlementRecord, Timing};
use crate::id::ChunkId;
use crate::indexes::Indexes;
use crate::time::Timestamp;

/// The answer to settlements that arrived together.
#[derive(Clone, Debug, Default)]
pub struct SettledTogether {
    /// What counted, to be stored in this order.
    pub records: Vec<SettlementRecord>,
    /// For each settlement, in order, exactly what to send, or why it is refused.
    pub answers: Vec<Result<Vec<Send>, SettleRefusal>>,
}

/// What was settled before: what `past` knows, and what is decided and not stored yet.
struct Decided<'p> {
    past: &'p dyn Past,
    records: &'p [SettlementRecord],
}

impl Past for Decided<'_> {
    fn dead(&self, tasks: &Indexes) -> Indexes {
        let mut dead = self.past.dead(tasks);
        for record in self.records {
            dead.extend(&record.dead.iter().map(|(index, ..)| *index).collect());
            dead.subtract(&record.late);
        }
        dead.intersection(tasks)
    }

    fn of_chunk(&self, chunk: ChunkId) -> Indexes {
        self.past.of_chunk(chunk)
    }
}

impl Ledger {
    /// Settles one after the other, as [`Ledger::settle`] does each. One that is refused holds up no other.
    pub fn settle_together(
        &mut self,
        now: Timestamp,
        settles: Vec<Settle>,
        past: &dyn Past,
        timing: &Timing,
    ) -> SettledTogether {
        let mut together = SettledTogether::default();
        for settle in settles {
            let settled = self.settle(now, settle, &Decided { past, records: &together.records }, timing);
            let answer = settled.map(|Settled { record, sends }| {
                together.records.extend(record);
                sends
            });
            together.answers.push(answer);
        }
        together
    }
}
