//! Runs the tasks of one claimed pack and settles them.

use std::cell::Cell;
use std::future::Future;
use std::iter::FusedIterator;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use config::KindSettings;
use domain::id::{ClaimNumber, TaskId};
use domain::indexes::Indexes;
use domain::lane::Lane;
use domain::ledger::{CRASHED, Report, Rest, Settle};
use domain::outcome::{Outcome, TaskError};
use domain::pack::{Pack, PackHeader};
use domain::task::TaskLine;
use domain::time::Timestamp;
use domain::verdict::{Attempt, Verdict};
use futures_util::future::{Either, FutureExt, LocalBoxFuture, select};
use futures_util::poll;
use futures_util::stream::{Stream, StreamExt};
use platform::messages::Disposal;
use tokio::sync::SemaphorePermit;
use worker::Delay;

use crate::handlers::Handler;
use crate::invocation::Invocation;
use crate::running::{Running, Started};
use crate::settling::Settlements;
use crate::slice::Slice;

/// One claim being worked on.
pub(crate) struct PackRun<'r> {
    pub(crate) invocation: &'r Invocation<'r>,
    kind: &'r KindSettings,
    pub(crate) pack: &'r Pack<'r>,
    claim: ClaimNumber,
    /// The end of the lease.
    until: Timestamp,
    /// Where its settlements go.
    settlements: Settlements,
    /// The wait of its tasks that are to be tried again: drawn once, so that they stay together.
    drawn: Duration,
    clock: Cell<Timestamp>,
}

/// What became of one task of the claim.
enum Ran {
    /// It ran.
    Judged(u32, Verdict),
    /// It was not started, because it might not have ended within the lease.
    NotStarted,
}

impl<'r> PackRun<'r> {
    pub(crate) fn new(
        invocation: &'r Invocation<'r>,
        kind: &'r KindSettings,
        pack: &'r Pack<'r>,
        claim: ClaimNumber,
        until: Timestamp,
        settlements: Settlements,
    ) -> Self {
        let attempt = pack.header.attempt;
        let drawn = match platform::rng() {
            Ok(mut rng) => kind.retry.draw(attempt, &mut rng),
            Err(error) => {
                tracing::error!(%error, "no jitter");
                kind.retry.interval(attempt)
            }
        };
        Self { invocation, kind, pack, claim, until, settlements, drawn, clock: Cell::new(platform::now()) }
    }

    /// Runs the tasks in `indexes` and settles them, in slices if they take long. What is not settled in the end
    /// comes again with its message.
    pub(crate) async fn run(&self, indexes: &Indexes) -> Disposal {
        let tasks = self.pack.tasks.iter().filter(|task| indexes.contains(task.index));
        match self.pack.header.lane {
            Lane::Quarantine => self.run_one_by_one(tasks).await,
            Lane::High | Lane::Default | Lane::Bulk => self.run_side_by_side(tasks).await,
        }
    }

    /// Each is settled before the next starts, and the ledger knows that it starts before it does: if the claim is lost, it
    /// knows who ran. One that was not heard of by the ledger is not started.
    async fn run_one_by_one<'t>(&self, tasks: impl Iterator<Item = &'t TaskLine<'t>>) -> Disposal {
        let mut tasks = tasks.peekable();
        let (mut slices, mut slice, mut rest) = (0, Slice::default(), Rest::Running);
        loop {
            let settled = self.settle(slice.into_report(), slices, rest).await;
            if settled == Disposal::Retry || rest == Rest::HandedBack {
                return settled;
            }
            slices += 1;
            slice = Slice::default();
            match tasks.next().map(|task| self.start(task)) {
                Some(started) => {
                    let ran = match started {
                        Started::Ended(ran) => ran,
                        Started::Waits(waits) => waits.await,
                    };
                    match ran {
                        Ran::Judged(index, verdict) => slice.add(index, verdict),
                        Ran::NotStarted => rest = Rest::HandedBack,
                    }
                }
                None => rest = Rest::HandedBack,
            }
            if tasks.peek().is_none() {
                rest = Rest::HandedBack;
            }
        }
    }

    async fn run_side_by_side<'t>(&self, tasks: impl FusedIterator<Item = &'t TaskLine<'t>> + Unpin) -> Disposal {
        let mut running = Running::new(tasks.map(|task| self.start(task)), self.kind.concurrency);
        let slice_time = self.invocation.settings.claims.slice;
        let mut slices = 0;
        let mut slice = Slice::default();
        let mut due = self.now().after(slice_time);
        loop {
            match self.within(due.since(self.now()), running.next()).await {
                Some(Some(Ran::Judged(index, verdict))) => slice.add(index, verdict),
                Some(Some(Ran::NotStarted)) | None => {}
                Some(None) => break,
            }
            if !slice.is_full() && self.now() < due {
                continue;
            }
            due = self.now().after(slice_time);
            if slice.is_empty() {
                continue;
            }
            let full = std::mem::take(&mut slice).into_report();
            let settling = self.settle(full, slices, Rest::Running);
            if alongside(settling, &mut running, &mut slice).await == Disposal::Retry {
                return Disposal::Retry;
            }
            slices += 1;
        }
        self.settle(slice.into_report(), slices, Rest::HandedBack).await
    }

    async fn settle(&self, report: Report, slice: u32, rest: Rest) -> Disposal {
        let PackHeader { job, pack, attempt, .. } = self.pack.header;
        tracing::info!(
            %job, %pack, attempt, slice,
            done = report.succeeded().len(),
            retried = report.retries.iter().map(|group| group.tasks.len()).sum::<usize>(),
            dead = report.dead.len(),
            crashed = report.crashed.len(),
            "settling"
        );
        let settle = Settle { pack, claim: self.claim, attempt, slice, report, rest };
        let disposal = self.settlements.settle(settle, self.until).await;
        self.look_at_clock();
        disposal
    }

    /// Starts a task. Many a fast one ends in it.
    fn start<'t>(&'t self, task: &'t TaskLine<'t>) -> Started<Ran, impl Future<Output = Ran>> {
        if !self.has_time_for(task) {
            return Started::Ended(Ran::NotStarted);
        }
        #[cfg(feature = "faults")]
        crate::faults::die_if_asked(task);
        let handler = self.invocation.handlers.of(self.pack.header.kind);
        // What a handler holds is dropped with it: nothing that it may have left half-done is looked at again.
        match catch_unwind(AssertUnwindSafe(|| handler.run(self, task))) {
            Ok(Started::Ended(outcome)) => Started::Ended(self.judge(task, outcome)),
            Ok(Started::Waits(work)) => Started::Waits(self.wait_for(task, handler, work)),
            Err(_) => Started::Ended(self.crashed(task)),
        }
    }

    async fn wait_for(&self, task: &TaskLine<'_>, handler: &dyn Handler, work: LocalBoxFuture<'_, Outcome>) -> Ran {
        let Some(_slot) = self.slot().await else { return Ran::NotStarted };
        self.look_at_clock();
        if !self.has_time_for(task) {
            return Ran::NotStarted;
        }
        let limit = task.timeout();
        match self.within(limit, AssertUnwindSafe(work).catch_unwind()).await {
            Some(Ok(outcome)) => self.judge(task, outcome),
            Some(Err(_)) => self.crashed(task),
            None => self.judge(task, handler.timed_out(limit)),
        }
    }

    /// Whether it would end within the lease, with time to settle it.
    fn has_time_for(&self, task: &TaskLine<'_>) -> bool {
        self.now().after(task.timeout() + self.invocation.settings.claims.margin) <= self.until
    }

    fn judge(&self, task: &TaskLine<'_>, outcome: Outcome) -> Ran {
        let attempt = Attempt {
            number: self.pack.header.attempt,
            max_attempts: task.max_attempts,
            elapsed: self.now().since(self.pack.header.accepted_at),
            drawn: self.drawn,
        };
        let verdict = attempt.judge(outcome, &self.kind.retry);
        self.log_failure(task.index, &verdict);
        Ran::Judged(task.index, verdict)
    }

    fn crashed(&self, task: &TaskLine<'_>) -> Ran {
        let verdict = Verdict::Crashed { error: TaskError::new(CRASHED, "its handler panicked") };
        self.log_failure(task.index, &verdict);
        Ran::Judged(task.index, verdict)
    }

    /// The time when this pack last waited for something: a task, a slot, a settlement. The platform's clock stands
    /// still in between, and asking for it costs as much as a fast task.
    fn now(&self) -> Timestamp {
        self.clock.get()
    }

    fn look_at_clock(&self) {
        self.clock.set(platform::now());
    }

    /// Waits for `future` for at most `limit`. One that is ready at once costs no timer.
    async fn within<F: Future>(&self, limit: Duration, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        if let Poll::Ready(output) = poll!(&mut future) {
            return Some(output);
        }
        let output = match select(future, pin!(Delay::from(limit))).await {
            Either::Left((output, _)) => Some(output),
            Either::Right(_) => None,
        };
        self.look_at_clock();
        output
    }

    /// Only the error's class: its message may quote the payload.
    fn log_failure(&self, index: u32, verdict: &Verdict) {
        let task = TaskId { job: self.pack.header.job, index };
        let attempt = self.pack.header.attempt;
        match verdict {
            Verdict::Done(_) => {}
            Verdict::RetryIn { wait, error } => {
                tracing::debug!(%task, attempt, class = error.class, wait_ms = wait.as_millis() as u64, "to be tried again");
            }
            Verdict::Crashed { error } => tracing::warn!(%task, attempt, class = error.class, "its handler panicked"),
            Verdict::Dead { reason, error } => tracing::debug!(%task, attempt, class = error.class, ?reason, "dead"),
        }
    }

    async fn slot(&self) -> Option<SemaphorePermit<'_>> {
        self.invocation.slots(self.pack.header.kind)?.acquire().await.ok()
    }
}

/// Waits for `work` while the tasks go on: their timeouts hold, and their slots become free, also while a slice is
/// being settled.
async fn alongside<W: Future>(
    work: W,
    running: &mut (impl Stream<Item = Ran> + Unpin),
    slice: &mut Slice,
) -> W::Output {
    let mut work = pin!(work);
    loop {
        match select(&mut work, running.next()).await {
            Either::Left((output, _)) => return output,
            Either::Right((Some(Ran::Judged(index, verdict)), _)) => {
                slice.add(index, verdict);
                if slice.is_full() {
                    return work.await;
                }
            }
            Either::Right((Some(Ran::NotStarted), _)) => {}
            Either::Right((None, _)) => return work.await,
        }
    }
}
