//! Runs the tasks of one claimed pack and settles them.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use config::KindSettings;
use domain::id::{ClaimNumber, TaskId};
use domain::indexes::Indexes;
use domain::lane::Lane;
use domain::ledger::{CRASHED, Rest};
use domain::outcome::{Outcome, TaskError};
use domain::pack::Pack;
use domain::task::TaskLine;
use domain::time::Timestamp;
use domain::verdict::{Attempt, Verdict};
use futures_util::future::{Either, FutureExt, select};
use futures_util::poll;
use futures_util::stream::{self, Stream, StreamExt};
use platform::messages::Disposal;
use tokio::sync::SemaphorePermit;
use worker::Delay;

use crate::invocation::Invocation;
use crate::slice::Slice;

/// One claim being worked on.
pub(crate) struct PackRun<'r> {
    pub(crate) invocation: &'r Invocation<'r>,
    pub(crate) kind: &'r KindSettings,
    pub(crate) pack: &'r Pack<'r>,
    pub(crate) claim: ClaimNumber,
    /// The end of the lease.
    pub(crate) until: Timestamp,
    /// The wait of its tasks that are to be tried again: drawn once, so that they stay together.
    drawn: Duration,
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
    ) -> Self {
        let attempt = pack.header.attempt;
        let drawn = match platform::rng() {
            Ok(mut rng) => kind.retry.draw(attempt, &mut rng),
            Err(error) => {
                tracing::error!(%error, "no jitter");
                kind.retry.interval(attempt)
            }
        };
        Self { invocation, kind, pack, claim, until, drawn }
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
            match tasks.next() {
                Some(task) => match self.run_task(task).await {
                    Ran::Judged(index, verdict) => slice.add(index, verdict),
                    Ran::NotStarted => rest = Rest::HandedBack,
                },
                None => rest = Rest::HandedBack,
            }
            if tasks.peek().is_none() {
                rest = Rest::HandedBack;
            }
        }
    }

    async fn run_side_by_side<'t>(&self, tasks: impl Iterator<Item = &'t TaskLine<'t>>) -> Disposal {
        let mut running =
            pin!(stream::iter(tasks).map(|task| self.run_task(task)).buffer_unordered(self.kind.concurrency));
        let slice_time = self.invocation.settings.claims.slice;
        let mut slices = 0;
        let mut slice = Slice::default();
        let mut now = platform::now();
        let mut due = now.after(slice_time);
        loop {
            match within(due.since(now), running.next()).await {
                Some(Some(Ran::Judged(index, verdict))) => slice.add(index, verdict),
                Some(Some(Ran::NotStarted)) | None => {}
                Some(None) => break,
            }
            now = platform::now();
            if !slice.is_full() && now < due {
                continue;
            }
            due = now.after(slice_time);
            if slice.is_empty() {
                continue;
            }
            let full = std::mem::take(&mut slice).into_report();
            let settling = self.settle(full, slices, Rest::Running);
            if alongside(settling, &mut running, &mut slice).await == Disposal::Retry {
                return Disposal::Retry;
            }
            slices += 1;
            now = platform::now();
        }
        self.settle(slice.into_report(), slices, Rest::HandedBack).await
    }

    async fn run_task(&self, task: &TaskLine<'_>) -> Ran {
        let Some(_slot) = self.slot().await else { return Ran::NotStarted };
        let limit = task.timeout();
        let now = platform::now();
        if now.after(limit + self.invocation.settings.claims.margin) > self.until {
            return Ran::NotStarted;
        }
        #[cfg(feature = "faults")]
        crate::faults::die_if_asked(task);
        let handler = self.invocation.handlers.of(self.pack.header.kind);
        // What a handler holds is dropped with it: nothing that it may have left half-done is looked at again. What runs
        // before it returns its future is in here too.
        let guarded = AssertUnwindSafe(async { handler.run(self, task).await }).catch_unwind();
        let outcome = match within(limit, guarded).await {
            Some(Ok(outcome)) => outcome,
            Some(Err(_)) => {
                let error = TaskError::new(CRASHED, "its handler panicked");
                self.log_failure(task.index, &Verdict::Crashed { error: error.clone() });
                return Ran::Judged(task.index, Verdict::Crashed { error });
            }
            None => handler.timed_out(limit),
        };
        // Asking for the time costs as much as a fast task, and it matters only to one that is to be tried again.
        let ended = if matches!(outcome, Outcome::Succeeded(_)) { now } else { platform::now() };
        let attempt = Attempt {
            number: self.pack.header.attempt,
            max_attempts: task.max_attempts,
            elapsed: ended.since(self.pack.header.accepted_at),
            drawn: self.drawn,
        };
        let verdict = attempt.judge(outcome, &self.kind.retry);
        self.log_failure(task.index, &verdict);
        Ran::Judged(task.index, verdict)
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
            Either::Right((Some(Ran::Judged(index, verdict)), _)) => slice.add(index, verdict),
            Either::Right((Some(Ran::NotStarted), _)) => {}
            Either::Right((None, _)) => return work.await,
        }
    }
}

/// Waits for `future` for at most `limit`. A future that is ready at once costs no timer: most tasks of a fast kind
/// are.
async fn within<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    if let Poll::Ready(output) = poll!(&mut future) {
        return Some(output);
    }
    match select(future, pin!(Delay::from(limit))).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}
