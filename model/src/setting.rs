//! What a run of the check varies: the tasks, what may go wrong, what may be chosen.

use std::time::Duration;

use domain::ledger::Timing;
use domain::time::Timestamp;

use crate::variant::Variant;

/// The waits of every setting. Their sizes have common divisors, so that histories meet again in the same instants;
/// a message can be taken for lost, and probed for, while it is late.
pub const TIMING: Timing = Timing {
    lease: Duration::from_secs(60),
    margin: Duration::from_secs(5),
    resend: Duration::from_secs(40),
    resend_max: Duration::from_secs(320),
    grace: Duration::from_secs(10),
    quiet: Duration::from_secs(40),
    quiet_max: Duration::from_secs(3_600),
    crash_wait: Duration::from_secs(5),
    open: Duration::from_secs(1_000_000),
    keep: Duration::from_secs(1_000_000),
    held_after: Duration::from_secs(100),
};

/// When the job is submitted.
pub const START: Timestamp = Timestamp::from_millis(1_000_000);
/// How long the longest task may take.
pub const TIMEOUT: Duration = Duration::from_secs(30);
/// After which the queue delivers again what was not acked.
pub const REDELIVERY: Duration = Duration::from_secs(10);
/// How much later than it should a delayed message arrives at most: long enough to be taken for lost and probed for.
pub const DELAY: Duration = Duration::from_secs(60);
/// How long a consumer that outlives its lease lives on at most: longer than the queue and the alarm take to replace it.
pub const OUTLIVES: Duration = Duration::from_secs(30);
/// How long a task waits for its second attempt.
pub const RETRY_WAIT: Duration = Duration::from_secs(5);
/// How many consumers there are.
pub const CONSUMERS: usize = 2;

/// One run of the check.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The packs of the job, each with the nature of its tasks.
    pub packs: &'static [&'static [Nature]],
    /// How many faults a history may have.
    pub faults: u8,
    /// Which sorts of faults.
    pub sorts: &'static [Fault],
    /// Whether the caller may cancel, once, at any moment.
    pub cancel: Cancel,
    /// Whether consumers may settle the first task of several before the others.
    pub slices: Slices,
    /// How often consumers may hand back what they did not start.
    pub hand_backs: u8,
    /// Until then the queue loses every message, at no fault.
    pub outage: Option<Timestamp>,
    /// The machine as it is, or as it must not be.
    pub variant: Variant,
}

/// What becomes of a task whenever it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// It succeeds.
    Sound,
    /// It fails the first time and succeeds the second.
    Flaky,
    /// It fails for good.
    Doomed,
    /// Any of these, anew in each run.
    Any,
    /// Its handler panics, and the consumer lives.
    Panics,
    /// It kills its consumer.
    Poison,
}

/// What may be canceled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cancel {
    /// Nothing.
    Never,
    /// The job.
    Job,
    /// The task of index 1.
    Task,
}

/// How consumers settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slices {
    /// All at once.
    Whole,
    /// All at once, or the first task first.
    Either,
}

/// What may go wrong. Messages are reordered at no cost: whatever may arrive at one instant does so in any order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// A message vanishes.
    Lost,
    /// A message arrives twice, as the same delivery.
    Duplicated,
    /// A message arrives late.
    Delayed,
    /// The platform gives a message up: it goes to the dead-letters queue.
    GivenUp,
    /// A producer, a consumer or the archive dies between two steps.
    Died,
    /// A consumer lives on after its lease, or after the queue gave its message to another.
    Outlived,
    /// The ledger dies before it writes, before it answers, or before its alarm has sent.
    LedgerDied,
}

impl Fault {
    /// Every sort.
    pub const ALL: [Self; 7] =
        [Self::Lost, Self::Duplicated, Self::Delayed, Self::GivenUp, Self::Died, Self::Outlived, Self::LedgerDied];
}

impl Setting {
    /// Two packs and three tasks, all of which succeed, and no faults.
    pub const SOUND: Self = Self {
        packs: &[&[Nature::Sound, Nature::Sound], &[Nature::Sound]],
        faults: 0,
        sorts: &Fault::ALL,
        cancel: Cancel::Never,
        slices: Slices::Whole,
        hand_backs: 0,
        outage: None,
        variant: Variant::AsBuilt,
    };

    /// Two packs, say, and so many faults of any sort.
    pub const fn of(packs: &'static [&'static [Nature]], faults: u8) -> Self {
        Self { packs, faults, ..Self::SOUND }
    }

    /// The nature of a task.
    pub fn nature(&self, index: u32) -> Nature {
        let natures = self.packs.iter().flat_map(|pack| pack.iter());
        natures.copied().nth(index as usize).unwrap_or(Nature::Sound)
    }

    /// How many tasks the job has.
    pub fn tasks(&self) -> u32 {
        self.packs.iter().map(|pack| pack.len() as u32).sum()
    }
}
