//! Which parts the server has.

use std::collections::BTreeMap;

use domain::id::JobId;
use serde::{Deserialize, Serialize};

use super::split::{Part, Place};

/// The parts that were acknowledged. With two under way at a time the later one may be first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Acknowledged {
    /// Everything before this place was acknowledged.
    until: Place,
    /// The tasks before it.
    accepted: u64,
    /// Parts after it, by the number of parts before them.
    ahead: BTreeMap<u32, Ahead>,
    /// Jobs that took as much as they could and are sealed, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    full: Vec<FullJob>,
}

/// A job that took as much as it could. The rest of the file goes to the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FullJob {
    pub(super) job: JobId,
    /// Tasks that it took.
    pub(super) accepted: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Ahead {
    end: Place,
    bytes: u64,
    accepted: u64,
}

impl Acknowledged {
    /// Notes that the server has accepted so many tasks of `part`.
    pub(super) fn note(&mut self, part: &Part, accepted: u64) {
        let bytes = part.body.len() as u64;
        self.ahead.insert(part.begin.parts, Ahead { end: part.end, bytes, accepted });
        while let Some(next) = self.ahead.remove(&self.until.parts) {
            self.until = next.end;
            self.accepted += next.accepted;
        }
    }

    /// Whether `part` was acknowledged.
    pub(super) fn has(&self, part: &Part) -> bool {
        part.begin.parts < self.until.parts || self.ahead.contains_key(&part.begin.parts)
    }

    /// Where to go on: no part before it is missing.
    pub(super) fn until(&self) -> Place {
        self.until
    }

    /// Notes that `job` is full and sealed.
    pub(super) fn note_full(&mut self, job: JobId) {
        let accepted = self.accepted_by_last();
        self.full.push(FullJob { job, accepted });
    }

    /// The jobs that are full and sealed, in order.
    pub(super) fn full(&self) -> &[FullJob] {
        &self.full
    }

    /// Tasks accepted by the job that is not full.
    pub(super) fn accepted_by_last(&self) -> u64 {
        self.accepted() - self.full.iter().map(|full| full.accepted).sum::<u64>()
    }

    /// Tasks accepted overall.
    pub(super) fn accepted(&self) -> u64 {
        self.accepted + self.ahead.values().map(|part| part.accepted).sum::<u64>()
    }

    /// Bytes of all parts that were acknowledged.
    pub(super) fn bytes(&self) -> u64 {
        self.until.bytes + self.ahead.values().map(|part| part.bytes).sum::<u64>()
    }

    /// How many parts were acknowledged.
    pub(super) fn parts(&self) -> usize {
        self.until.parts as usize + self.ahead.len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::split::Split;
    use super::*;

    #[test]
    fn a_part_that_is_missing_holds_the_place_and_not_the_count() {
        let mut split = Split::new(&b"a\nb\nc\nd\n"[..], 2, Place::default());
        let parts: Vec<Part> = std::iter::from_fn(|| split.next().unwrap()).collect();
        let mut acknowledged = Acknowledged::default();
        for (part, until) in [(0, 1), (2, 1), (3, 1), (1, 4)] {
            acknowledged.note(&parts[part], 10);
            assert_eq!(acknowledged.until().parts, until);
            assert!(acknowledged.has(&parts[part]));
        }
        assert_eq!((acknowledged.accepted(), acknowledged.bytes(), acknowledged.parts()), (40, 8, 4));
        assert_eq!(acknowledged.until().lines, 4);
    }

    #[test]
    fn what_is_noted_twice_counts_once_while_it_is_ahead() {
        let mut split = Split::new(&b"a\nb\n"[..], 2, Place::default());
        let parts: Vec<Part> = std::iter::from_fn(|| split.next().unwrap()).collect();
        let mut acknowledged = Acknowledged::default();
        acknowledged.note(&parts[1], 1);
        assert!(acknowledged.has(&parts[1]) && !acknowledged.has(&parts[0]));
        acknowledged.note(&parts[1], 1);
        assert_eq!(acknowledged.accepted(), 1);
    }
}
