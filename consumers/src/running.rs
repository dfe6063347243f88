//! The tasks of a pack that run side by side.

use std::future::Future;
use std::iter::FusedIterator;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{FuturesUnordered, Stream, StreamExt};

/// What becomes of a task that is started.
pub(crate) enum Started<T, F> {
    /// It ended at once.
    Ended(T),
    /// It waits for something.
    Waits(F),
}

/// Starts one after the other, and as many of them wait at once as there may. One that ends at once costs nothing more
/// than itself: no allocation, no timer, no turn among the others.
pub(crate) struct Running<I, F> {
    tasks: I,
    waiting: FuturesUnordered<F>,
    at_once: usize,
}

impl<T, F: Future<Output = T>, I: FusedIterator<Item = Started<T, F>>> Running<I, F> {
    /// Runs `tasks`, each started when the iterator gives it out; at most `at_once` of them wait at one time.
    pub(crate) fn new(tasks: I, at_once: usize) -> Self {
        Self { tasks, waiting: FuturesUnordered::new(), at_once }
    }
}

impl<T, F: Future<Output = T>, I: Iterator<Item = Started<T, F>> + Unpin> Stream for Running<I, F> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let this = self.get_mut();
        while this.waiting.len() < this.at_once {
            match this.tasks.next() {
                Some(Started::Ended(ended)) => return Poll::Ready(Some(ended)),
                Some(Started::Waits(waits)) => this.waiting.push(waits),
                None => break,
            }
        }
        this.waiting.poll_next_unpin(context)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures_channel::oneshot;
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn no_more_tasks_wait_at_once_than_may_and_those_that_end_at_once_take_no_place() {
        let started = Cell::new(0);
        let (mut senders, tasks): (Vec<_>, Vec<_>) = (0..3).map(|_| oneshot::channel::<u32>()).unzip();
        let mut tasks = tasks.into_iter();
        let starts = (0..6).map(|at| {
            started.set(at + 1);
            match at % 2 {
                0 => Started::Ended(Ok(at)),
                _ => Started::Waits(tasks.next().unwrap()),
            }
        });
        let mut running = Running::new(starts, 2);
        let mut next = || running.next().now_or_never();
        assert_eq!([next(), next()], [Some(Some(Ok(0))), Some(Some(Ok(2)))]);
        assert_eq!(next(), None, "two wait, and a third may not start");
        assert_eq!(started.get(), 4);
        senders.remove(1).send(30).unwrap();
        assert_eq!([next(), next(), next()], [Some(Some(Ok(30))), Some(Some(Ok(4))), None]);
        senders.into_iter().zip([10, 50]).for_each(|(sender, answer)| sender.send(answer).unwrap());
        let mut rest = [next(), next()].map(|answer| answer.unwrap().unwrap().unwrap());
        rest.sort_unstable();
        assert_eq!(rest, [10, 50]);
        assert_eq!(next(), Some(None));
    }
}
