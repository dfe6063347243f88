//! What happens when: the next event is the earliest; of those at one moment, the first that was planned.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::moment::Moment;

/// Events that are to happen.
#[derive(Debug)]
pub struct Agenda<E> {
    entries: BinaryHeap<Reverse<Entry<E>>>,
    planned: u64,
    now: Moment,
}

#[derive(Debug)]
struct Entry<E> {
    at: Moment,
    number: u64,
    event: E,
}

impl<E> Default for Agenda<E> {
    fn default() -> Self {
        Self { entries: BinaryHeap::new(), planned: 0, now: Moment::default() }
    }
}

impl<E> Agenda<E> {
    /// Plans `event` for `at`, or for now if that has passed.
    pub fn plan(&mut self, at: Moment, event: E) {
        self.planned += 1;
        self.entries.push(Reverse(Entry { at: at.max(self.now), number: self.planned, event }));
    }

    /// The next event. It is now its moment.
    pub fn next(&mut self) -> Option<E> {
        let Reverse(entry) = self.entries.pop()?;
        self.now = entry.at;
        Some(entry.event)
    }

    /// The moment of the last event.
    pub fn now(&self) -> Moment {
        self.now
    }
}

impl<E> Entry<E> {
    fn key(&self) -> (Moment, u64) {
        (self.at, self.number)
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn time_never_goes_back_and_those_of_one_moment_keep_their_order(moments in prop::collection::vec(0..20_u64, 0..200)) {
            let mut agenda = Agenda::default();
            for (number, at) in moments.iter().enumerate() {
                agenda.plan(Moment(*at), (*at, number));
            }
            let mut happened = Vec::new();
            while let Some(event) = agenda.next() {
                prop_assert_eq!(agenda.now(), Moment(event.0));
                happened.push(event);
            }
            prop_assert_eq!(happened.len(), moments.len());
            prop_assert!(happened.is_sorted());
        }
    }
}
