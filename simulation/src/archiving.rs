//! An invocation of dlq: KV, then D1, then the ledger (`dlq/src/batch.rs`).

use std::time::Duration;

use domain::limits::OPEN_CONNECTIONS;

use crate::assumptions::{HOP, PUT};
use crate::database::Written;
use crate::moment::Moment;
use crate::queue::{Body, Delivered};
use crate::world::{Call, Event, World};

/// One invocation.
#[derive(Debug)]
pub(crate) struct Archiving {
    began: Moment,
    batch: Vec<Delivered>,
    left: usize,
}

impl Archiving {
    pub(crate) fn new(began: Moment, batch: Vec<Delivered>) -> Self {
        Self { began, left: batch.len(), batch }
    }

    /// How long it takes to put all letters into KV: all connections are in use, and messages take turns.
    pub(crate) fn putting(&self) -> Duration {
        PUT * self.letters().div_ceil(OPEN_CONNECTIONS as u32)
    }

    fn letters(&self) -> u32 {
        let letters = self.batch.iter().map(|delivered| match &delivered.message.body {
            Body::Letters { tasks, .. } => tasks.len(),
            Body::Pack { .. } => 0,
        });
        letters.sum()
    }
}

impl World<'_> {
    /// All letters of an invocation are in KV.
    pub(crate) fn put(&mut self, id: u64) {
        let now = self.now();
        let Some(archiving) = self.archiving.get(&id) else { return };
        let letters = u64::from(archiving.letters());
        self.gauges.at(now).puts += letters;
        self.gauges.most_puts = self.gauges.most_puts.max(letters);
        for (place, delivered) in archiving.batch.iter().enumerate() {
            let Body::Letters { tasks, .. } = &delivered.message.body else { continue };
            let done = self.database.transact(now.after(HOP), tasks.len(), &mut self.gauges);
            self.agenda.plan(done.at.after(HOP), Event::Indexed(id, place, done.written));
        }
    }

    /// The letters of a message are in the index, or the message comes again.
    pub(crate) fn indexed(&mut self, id: u64, place: usize, written: Written) {
        let (now, queue) = (self.now(), self.dead_letters());
        if written == Written::No {
            if let Some(archiving) = self.archiving.get(&id) {
                self.queues[queue].again(now, archiving.batch[place].clone());
            }
            return self.end_message(id);
        }
        let Some(archiving) = self.archiving.get(&id) else { return };
        let message = &archiving.batch[place].message;
        let Body::Letters { letters, tasks } = &message.body else { return };
        let (job, call) = (message.job, Call::Confirm(id, *letters, tasks.clone()));
        self.ask(job, call);
    }

    /// A message is acked, or will come again.
    pub(crate) fn end_message(&mut self, id: u64) {
        let (now, queue) = (self.now(), self.dead_letters());
        let Some(archiving) = self.archiving.get_mut(&id) else { return };
        archiving.left -= 1;
        if archiving.left == 0 {
            self.gauges.spread(archiving.began, now, |minute| &mut minute.archivers);
            self.archiving.remove(&id);
            self.queues[queue].ended();
            self.look(queue);
        }
    }
}
