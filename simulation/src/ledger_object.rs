//! The Durable Object of one job: the real ledger, a clock, an alarm, and one request at a time.

use std::time::Duration;

use domain::id::{ChunkId, JobId};
use domain::indexes::Indexes;
use domain::lane::Lane;
use domain::ledger::{Counts, Job, Ledger, Past, Settle, SettleRefusal, Settled, SettlementRecord, Source, Timing};
use domain::time::Timestamp;

use crate::limits::OBJECT_REQUESTS_PER_SECOND;
use crate::moment::Moment;
use crate::workload::Workload;

/// How long an object takes for a request.
const REQUEST: Duration = Duration::from_micros(1_000_000 / OBJECT_REQUESTS_PER_SECOND);

/// The object of one job.
#[derive(Debug)]
pub struct LedgerObject {
    /// Its job.
    pub id: JobId,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    ledger: Option<Ledger>,
    /// One of so many equal ones that the platform's limit is divided among.
    share: u32,
    busy_until: Moment,
    armed: Option<Moment>,
    dead: Indexes,
    ended: Option<Ended>,
}

/// A job that has ended, by its ledger's own counts.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    /// Its counts.
    pub counts: Counts,
    /// From the first append to the end of its last task.
    pub took: Duration,
}

/// What a change of a ledger asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// The alarm is to go off then.
    Set(Moment),
    /// Nothing new.
    AsBefore,
}

impl LedgerObject {
    /// The object of a job that begins; one of `share` equal ones that the platform's limit is divided among.
    pub fn begin(id: JobId, now: Timestamp, share: u32) -> Self {
        let ledger = Ledger::begin(Job::new(id, None, Lane::Default, Source::Api, now));
        Self {
            id,
            accepted_at: now,
            ledger: Some(ledger),
            share,
            busy_until: Moment::default(),
            armed: None,
            dead: Indexes::new(),
            ended: None,
        }
    }

    /// When a request that arrives at `at` has been served: after those before it.
    pub fn serve(&mut self, at: Moment) -> Moment {
        let begins = self.busy_until.max(at);
        self.busy_until = begins.after(REQUEST * self.share);
        begins.after(REQUEST)
    }

    /// Its ledger, until the job has ended and all that follows from that is done.
    pub fn ledger(&mut self) -> Option<&mut Ledger> {
        self.ledger.as_mut()
    }

    /// Its ledger, to look at.
    pub fn look(&self) -> Option<&Ledger> {
        self.ledger.as_ref()
    }

    /// Settles: what was settled before is looked up as in the store.
    pub fn settle(
        &mut self,
        now: Timestamp,
        settle: Settle,
        workload: &Workload,
        timing: &Timing,
    ) -> Option<Result<Settled, SettleRefusal>> {
        let past = Remembered { dead: &self.dead, workload };
        self.ledger.as_mut().map(|ledger| ledger.settle(now, settle, &past, timing))
    }

    /// Writes what changed, as `ledger/src/job_ledger_do.rs` does: the alarm only ever moves earlier.
    pub fn write<'r>(&mut self, records: impl IntoIterator<Item = &'r SettlementRecord>, timing: &Timing) -> Alarm {
        for record in records {
            self.dead.extend(&record.dead.iter().map(|(index, ..)| *index).collect());
        }
        let Some(ledger) = &mut self.ledger else { return Alarm::AsBefore };
        ledger.take_changes();
        let state = ledger.indexed_state();
        if state.settled && ledger.job().index.told == Some(state) {
            let took = ledger.job().completed_at.unwrap_or_default().since(ledger.job().created_at);
            self.ended = Some(Ended { counts: ledger.counts(), took });
            self.ledger = None;
            self.armed = None;
            return Alarm::AsBefore;
        }
        let wake = ledger.next_wake(timing).map(Moment::of);
        match wake {
            Some(wake) if self.armed.is_none_or(|armed| wake < armed) => {
                self.armed = Some(wake);
                Alarm::Set(wake)
            }
            _ => Alarm::AsBefore,
        }
    }

    /// Whether the alarm that was set to `at` is the one that counts. It has gone off then.
    pub fn goes_off(&mut self, at: Moment) -> bool {
        self.armed.take_if(|armed| *armed == at).is_some()
    }

    /// Its end, once nothing of it is under way.
    pub fn ended(&self) -> Option<Ended> {
        self.ended
    }
}

struct Remembered<'p> {
    dead: &'p Indexes,
    workload: &'p Workload,
}

impl Past for Remembered<'_> {
    fn dead(&self, tasks: &Indexes) -> Indexes {
        self.dead.intersection(tasks)
    }

    fn of_chunk(&self, chunk: ChunkId) -> Indexes {
        self.workload.tasks_of(chunk)
    }
}
