//! An invocation of dlq: KV, then D1, then the ledgers (`dlq/src/batch.rs`).

use std::collections::BTreeMap;
use std::time::Duration;

use domain::calls::Confirmed;
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
    /// Calls to ledgers that are not answered.
    left: usize,
}

impl Archiving {
    pub(crate) fn new(began: Moment, batch: Vec<Delivered>) -> Self {
        Self { began, left: 0, batch }
    }

    /// How long it takes to put all bundles, one a message, into KV: all connections are in use.
    pub(crate) fn putting(&self) -> Duration {
        PUT * self.batch.len().div_ceil(OPEN_CONNECTIONS) as u32
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
    /// All bundles of an invocation are in KV: one transaction puts their letters into the index.
    pub(crate) fn put(&mut self, id: u64) {
        let now = self.now();
        let Some(archiving) = self.archiving.get(&id) else { return };
        let letters = archiving.letters();
        self.gauges.at(now).puts += u64::from(letters);
        self.gauges.most_puts = self.gauges.most_puts.max(archiving.batch.len() as u64);
        let done = self.database.transact(now.after(HOP), letters, &mut self.gauges);
        self.agenda.plan(done.at.after(HOP), Event::Indexed(id, done.written));
    }

    /// The letters are in the index, or all messages come again.
    pub(crate) fn indexed(&mut self, id: u64, written: Written) {
        let (now, queue) = (self.now(), self.dead_letters());
        let Some(archiving) = self.archiving.get_mut(&id) else { return };
        if written == Written::No {
            for delivered in &archiving.batch {
                self.queues[queue].again(now, delivered.clone());
            }
            return self.end_archiving(id);
        }
        let mut jobs: BTreeMap<usize, Vec<Confirmed>> = BTreeMap::new();
        for Delivered { message, .. } in &archiving.batch {
            let Body::Letters { letters, tasks, sent_at } = &message.body else { continue };
            let confirmed = Confirmed { letters: *letters, tasks: tasks.clone(), sent_at: *sent_at };
            jobs.entry(message.job).or_default().push(confirmed);
        }
        archiving.left = jobs.len();
        for (job, messages) in jobs {
            self.ask(job, Call::Confirm(id, messages));
        }
    }

    /// A ledger has heard what is archived.
    pub(crate) fn confirmed(&mut self, id: u64) {
        let Some(archiving) = self.archiving.get_mut(&id) else { return };
        archiving.left -= 1;
        if archiving.left == 0 {
            self.end_archiving(id);
        }
    }

    fn end_archiving(&mut self, id: u64) {
        let (now, queue) = (self.now(), self.dead_letters());
        let Some(archiving) = self.archiving.remove(&id) else { return };
        self.gauges.spread(archiving.began, now, |minute| &mut minute.archivers);
        self.queues[queue].ended();
        self.look(queue);
    }
}
