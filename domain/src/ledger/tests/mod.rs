//! One test per rule, each from one good example: a sealed job with one claimed pack.

mod append;
mod callback;
mod cancel;
mod claim;
mod expiry;
mod flow;
mod index;
mod letters;
mod outbox;
mod poison;
mod settle;

use std::time::Duration;

use super::*;
use crate::id::{ChunkId, ClaimNumber, JobId};
use crate::indexes::Indexes;
use crate::kinds::Kind;
use crate::lane::Lane;
use crate::outcome::TaskError;
use crate::time::Timestamp;
use crate::verdict::Reason;

/// The waits of all tests here.
pub(super) const TIMING: Timing = Timing {
    lease: Duration::from_secs(60),
    margin: Duration::from_secs(5),
    resend: Duration::from_secs(20),
    resend_max: Duration::from_secs(300),
    grace: Duration::from_secs(8),
    quiet: Duration::from_secs(20),
    quiet_max: Duration::from_secs(150),
    crash_wait: Duration::from_secs(3),
    open: Duration::from_secs(10_000),
    keep: Duration::from_secs(50_000),
    held_after: Duration::from_secs(100),
};

pub(super) const START: Timestamp = Timestamp::from_millis(1_000_000_000);

/// What was settled so far, as the rows of a store.
#[derive(Clone, Debug, Default)]
pub(super) struct Records(pub Vec<SettlementRecord>);

impl Past for Records {
    fn dead(&self, tasks: &Indexes) -> Indexes {
        let mut dead = Indexes::new();
        for record in &self.0 {
            dead.extend(&record.dead.iter().map(|(index, ..)| *index).collect());
        }
        for record in &self.0 {
            dead.subtract(&record.late);
        }
        dead.intersection(tasks)
    }

    fn of_chunk(&self, _: ChunkId) -> Indexes {
        (0..1_000).collect()
    }
}

pub(super) fn job() -> Job {
    let id = JobId::random(START, [7; 10]);
    Job::new(id, None, Lane::Default, Source::Api, START)
}

/// A part of `tasks` tasks in one chunk.
pub(super) fn part(key: &str, tasks: u32) -> NewPart {
    let chunk = NewChunk { kind: Kind::Simulate, due: None, indexes: (0..tasks).collect(), bytes: 10 * tasks as usize };
    NewPart {
        key: key.to_owned(),
        content: format!("{tasks} tasks"),
        chunks: vec![chunk],
        seal: false,
        owner: Source::Api,
        at: None,
    }
}

pub(super) fn delivery(message: &str, attempts: u32) -> Delivery {
    Delivery { message: message.to_owned(), attempts, timeout: Duration::from_secs(30), lane: None }
}

pub(super) fn indexes<const N: usize>(list: [u32; N]) -> Indexes {
    list.into_iter().collect()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn boom() -> Vec<TaskError> {
    vec![TaskError::new("boom", "it broke")]
}

fn done<const N: usize>(tasks: [u32; N]) -> Report {
    Report { done: indexes(tasks), ..Report::default() }
}

fn retry<const N: usize>(tasks: [u32; N], wait: Duration) -> Report {
    let tasks = tasks.into_iter().map(|index| (index, 0)).collect();
    Report { retries: vec![RetryGroup { wait, tasks }], errors: boom(), ..Report::default() }
}

fn crashed<const N: usize>(tasks: [u32; N]) -> Report {
    let crashed = tasks.into_iter().map(|index| (index, 0)).collect();
    Report { crashed, errors: boom(), ..Report::default() }
}

fn dead<const N: usize>(tasks: [u32; N]) -> Report {
    let dead = tasks.into_iter().map(|index| (index, Reason::Permanent, 0)).collect();
    Report { dead, errors: boom(), ..Report::default() }
}

/// The index of jobs knows: no alarm is needed for it.
fn told(ledger: &mut Ledger) {
    ledger.indexed(ledger.job().index.version, ledger.indexed_state());
}

/// The first pack of the example.
const PACK: PackId = PackId(0);

/// The good example, and what becomes of it.
struct Example {
    ledger: Ledger,
    records: Records,
    now: Timestamp,
}

impl Example {
    /// A sealed job of `tasks` tasks, all in the pack [`PACK`].
    fn waiting(tasks: u32) -> Self {
        let mut ledger = Ledger::begin(job());
        ledger.append(START, NewPart { seal: true, ..part("first", tasks) }, &TIMING).unwrap();
        told(&mut ledger);
        Self { ledger, records: Records::default(), now: START }
    }

    /// The same, claimed by the first delivery of the message `m`: claim 1.
    fn claimed(tasks: u32) -> Self {
        let mut example = Self::waiting(tasks);
        assert_eq!(example.claim(PACK, "m", 1), example.run(1, 0..tasks));
        example
    }

    /// The same, taken over by the second delivery of `m`: claim 2. Claim 1 is superseded.
    fn superseded(tasks: u32) -> Self {
        let mut example = Self::claimed(tasks);
        assert_eq!(example.claim(PACK, "m", 2), example.run(2, 0..tasks));
        example
    }

    fn run(&self, claim: u32, tasks: impl IntoIterator<Item = u32>) -> ClaimAnswer {
        let indexes = tasks.into_iter().collect();
        ClaimAnswer::Run { claim: ClaimNumber(claim), indexes, lease: TIMING.lease }
    }

    fn pass(&mut self, duration: Duration) {
        self.now = self.now.after(duration);
    }

    fn claim(&mut self, pack: PackId, message: &str, attempts: u32) -> ClaimAnswer {
        let claimed = self.ledger.claim(self.now, pack, &delivery(message, attempts), self.now, &TIMING);
        self.records.0.extend(claimed.record);
        claimed.answer
    }

    fn settle(&mut self, settle: Settle) -> Settled {
        let settled = self.ledger.settle(self.now, settle, &self.records, &TIMING).unwrap();
        self.records.0.extend(settled.record.clone());
        settled
    }

    /// The first slice of claim `claim` of [`PACK`].
    fn report(&mut self, claim: u32, report: Report, rest: Rest) -> Settled {
        self.settle(slice(claim, 0, report, rest))
    }

    fn wake(&mut self) -> Vec<Send> {
        let woken = self.ledger.wake(self.now, &TIMING);
        self.records.0.extend(woken.records);
        woken.sends
    }

    /// The archive has letters that were sent now.
    fn confirm(&mut self, id: LetterPackId, tasks: Indexes) {
        self.ledger.confirm(self.now, id, &tasks, self.now);
    }

    fn cancel(&mut self) {
        let records = self.ledger.cancel(self.now).unwrap();
        self.records.0.extend(records);
    }

    /// Where `task` is and how many of its attempts have begun.
    fn task(&self, task: u32) -> Option<(TaskState, u8)> {
        self.ledger.underway(task, task + 1).map(|(_, state, attempts)| (state, attempts)).next()
    }

    /// `[queued, running, retrying, succeeded, dead, canceled]`.
    fn counts(&self) -> [u32; 6] {
        let Counts { accepted, queued, running, retrying, succeeded, dead, canceled } = self.ledger.counts();
        assert_eq!(accepted, queued + running + retrying + succeeded + dead + canceled);
        [queued, running, retrying, succeeded, dead, canceled]
    }
}

fn slice(claim: u32, slice: u32, report: Report, rest: Rest) -> Settle {
    Settle { pack: PACK, claim: ClaimNumber(claim), attempt: 1, slice, report, rest }
}
