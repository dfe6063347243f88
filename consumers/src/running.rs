//! Tasks that run side by side.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::LocalBoxFuture;
use futures_util::stream::{FuturesUnordered, Stream};

/// Runs futures, so many at once, in the order in which they end. One that is ready when it is first looked at, as those of
/// a fast kind are, never joins the others: that would cost as much as running it.
pub(crate) struct Running<'t, I, T> {
    waiting: I,
    under_way: FuturesUnordered<LocalBoxFuture<'t, T>>,
    at_once: usize,
}

impl<'t, I, T> Running<'t, I, T> {
    /// None has started yet.
    pub(crate) fn new(waiting: I, at_once: usize) -> Self {
        Self { waiting, under_way: FuturesUnordered::new(), at_once }
    }
}

/// Nothing in it is looked at in its place but what is in boxes of its own.
impl<I, T> Unpin for Running<'_, I, T> {}

impl<'t, I: Iterator<Item = LocalBoxFuture<'t, T>>, T> Stream for Running<'t, I, T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        while self.under_way.len() < self.at_once
            && let Some(mut future) = self.waiting.next()
        {
            if let Poll::Ready(ran) = future.as_mut().poll(context) {
                return Poll::Ready(Some(ran));
            }
            self.under_way.push(future);
        }
        Pin::new(&mut self.under_way).poll_next(context)
    }
}
