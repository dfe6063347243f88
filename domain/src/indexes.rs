//! Sets of task indexes, kept as ranges.

use rangemap::RangeSet;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A set of task indexes. Neighbours cost one range however many they are; on the wire `[[first, end], …]`,
/// the end not included.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Indexes(RangeSet<u32>);

impl Indexes {
    /// The empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many indexes are in it.
    pub fn len(&self) -> u32 {
        self.0.iter().map(|range| range.end - range.start).sum()
    }

    /// How many ranges of neighbours it has.
    pub fn ranges(&self) -> usize {
        self.0.len()
    }

    /// The lowest index.
    pub fn first(&self) -> Option<u32> {
        self.0.first().map(|range| range.start)
    }

    /// The highest index.
    pub fn last(&self) -> Option<u32> {
        self.0.last().map(|range| range.end - 1)
    }

    /// Whether `index` is in it.
    pub fn contains(&self, index: u32) -> bool {
        self.0.contains(&index)
    }

    /// Adds `index`. The highest possible index cannot be held and is ignored; no job is that long.
    pub fn insert(&mut self, index: u32) {
        if let Some(end) = index.checked_add(1) {
            self.0.insert(index..end);
        }
    }

    /// Adds every index from `start` up to, not including, `end`.
    pub fn insert_range(&mut self, start: u32, end: u32) {
        if start < end {
            self.0.insert(start..end);
        }
    }

    /// Takes `index` out and says whether it was in.
    pub fn remove(&mut self, index: u32) -> bool {
        let held = self.contains(index);
        if held {
            self.0.remove(index..index + 1);
        }
        held
    }

    /// Adds all of `other`.
    pub fn extend(&mut self, other: &Self) {
        for range in other.0.iter() {
            self.0.insert(range.clone());
        }
    }

    /// Takes all of `other` out.
    pub fn subtract(&mut self, other: &Self) {
        for range in other.0.iter() {
            self.0.remove(range.clone());
        }
    }

    /// Takes the first `most` ranges of neighbours out.
    pub fn take_ranges(&mut self, most: usize) -> Self {
        let first = Self(self.0.iter().take(most).cloned().collect());
        self.subtract(&first);
        first
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).collect())
    }

    /// The same set `by` higher; `None` if that is beyond what an index can be.
    pub fn shifted(&self, by: u32) -> Option<Self> {
        let shift = |range: &std::ops::Range<u32>| Some(range.start.checked_add(by)?..range.end.checked_add(by)?);
        self.0.iter().map(shift).collect::<Option<RangeSet<u32>>>().map(Self)
    }

    /// The indexes in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().flat_map(Clone::clone)
    }

    /// The indexes from `from` up to, not including, `to`, in ascending order.
    pub fn within(&self, from: u32, to: u32) -> impl Iterator<Item = u32> + '_ {
        self.0.overlapping(from..to.max(from)).flat_map(move |range| range.start.max(from)..range.end.min(to))
    }

    /// Those from `from` up to, not including, `to`.
    #[must_use]
    pub fn clipped(&self, from: u32, to: u32) -> Self {
        let mut range = Self::new();
        range.insert_range(from, to);
        self.intersection(&range)
    }

    /// How many are lower than `index`.
    pub fn rank(&self, index: u32) -> u32 {
        self.0.overlapping(0..index).map(|range| range.end.min(index) - range.start).sum()
    }

    /// The ranks of those of `others` that are in it, in order.
    pub fn ranks(&self, others: &Self) -> Vec<u32> {
        let mut ranks = Vec::new();
        let mut rank = 0;
        for range in self.0.iter() {
            ranks.extend(others.within(range.start, range.end).map(|index| rank + (index - range.start)));
            rank += range.end - range.start;
        }
        ranks
    }

    /// Those that have these ranks, the lowest having rank 0.
    #[must_use]
    pub fn select(&self, ranks: &Self) -> Self {
        let mut selected = Self::new();
        let mut rank = 0;
        for range in self.0.iter() {
            let next = rank + (range.end - range.start);
            for wanted in ranks.0.overlapping(rank..next) {
                let (start, end) = (wanted.start.max(rank), wanted.end.min(next));
                selected.insert_range(range.start + (start - rank), range.start + (end - rank));
            }
            rank = next;
        }
        selected
    }

    /// The first `most` indexes are taken out and returned.
    #[must_use]
    pub fn take_first(&mut self, most: u32) -> Self {
        let mut taken = Self::new();
        let mut room = most;
        while room > 0 {
            let Some(range) = self.0.first().cloned() else { break };
            let end = range.end.min(range.start.saturating_add(room));
            room -= end - range.start;
            self.0.remove(range.start..end);
            taken.0.insert(range.start..end);
        }
        taken
    }
}

impl FromIterator<u32> for Indexes {
    fn from_iter<I: IntoIterator<Item = u32>>(indexes: I) -> Self {
        let mut set = Self::new();
        // Neighbours mostly come one after the other: they are inserted as the range that they are.
        let (mut start, mut end) = (0, 0);
        for index in indexes {
            if index != end || start == end {
                set.insert_range(start, end);
                start = index;
            }
            end = index.saturating_add(1);
        }
        set.insert_range(start, end);
        set
    }
}

impl Serialize for Indexes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|range| [range.start, range.end]))
    }
}

impl<'de> Deserialize<'de> for Indexes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ranges = Vec::<[u32; 2]>::deserialize(deserializer)?;
        if ranges.iter().any(|[start, end]| start >= end) {
            return Err(D::Error::custom("a range of indexes ends before it starts"));
        }
        Ok(Self(ranges.into_iter().map(|[start, end]| start..end).collect()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn sets() -> impl Strategy<Value = BTreeSet<u32>> {
        prop::collection::btree_set(0..200_u32, 0..80)
    }

    proptest! {
        #[test]
        fn behaves_like_a_set(a in sets(), b in sets(), probe in 0..200_u32, most in 0..100_u32) {
            let (left, right): (Indexes, Indexes) = (a.iter().copied().collect(), b.iter().copied().collect());
            prop_assert_eq!(left.len() as usize, a.len());
            prop_assert_eq!(left.first(), a.first().copied());
            prop_assert_eq!(left.last(), a.last().copied());
            prop_assert_eq!(left.contains(probe), a.contains(&probe));
            prop_assert!(left.intersection(&right).iter().eq(a.intersection(&b).copied()));
            let mut sum = left.clone();
            sum.extend(&right);
            prop_assert!(sum.iter().eq(a.union(&b).copied()));
            let mut rest = left.clone();
            rest.subtract(&right);
            prop_assert!(rest.iter().eq(a.difference(&b).copied()));
            let taken = sum.take_first(most);
            prop_assert!(taken.iter().eq(a.union(&b).copied().take(most as usize)));
            prop_assert!(sum.iter().eq(a.union(&b).copied().skip(most as usize)));
        }

        #[test]
        fn a_list_in_any_order_with_repeats_is_collected_whole(list in prop::collection::vec(0..50_u32, 0..80)) {
            let expected: BTreeSet<u32> = list.iter().copied().collect();
            prop_assert!(list.into_iter().collect::<Indexes>().iter().eq(expected));
        }

        #[test]
        fn ranks_count_from_the_lowest(a in sets(), b in sets(), probe in 0..200_u32, to in 0..200_u32) {
            let (set, ranks): (Indexes, Indexes) = (a.iter().copied().collect(), b.iter().copied().collect());
            prop_assert_eq!(set.rank(probe) as usize, a.range(..probe).count());
            let expected = a.iter().enumerate().filter(|(rank, _)| b.contains(&(*rank as u32))).map(|(_, index)| *index);
            prop_assert!(set.select(&ranks).iter().eq(expected));
            let expected: Vec<u32> = a.intersection(&b).map(|index| a.range(..index).count() as u32).collect();
            prop_assert_eq!(set.ranks(&ranks), expected);
            prop_assert!(set.clipped(probe, to).iter().eq(a.iter().copied().filter(|at| (probe..to).contains(at))));
        }

        #[test]
        fn the_wire_form_round_trips(a in sets()) {
            let set: Indexes = a.into_iter().collect();
            let text = serde_json::to_string(&set).unwrap();
            prop_assert_eq!(serde_json::from_str::<Indexes>(&text).unwrap(), set);
        }
    }

    #[test]
    fn shifting_stops_at_the_highest_index() {
        let set: Indexes = [0, 3].into_iter().collect();
        assert!(set.shifted(7).unwrap().iter().eq([7, 10]));
        assert_eq!(set.shifted(u32::MAX - 2), None);
    }

    #[test]
    fn the_highest_possible_index_is_ignored_in_a_list_too() {
        let set: Indexes = [u32::MAX - 1, u32::MAX, 3].into_iter().collect();
        assert!(set.iter().eq([3, u32::MAX - 1]));
    }

    #[test]
    fn neighbours_are_one_range() {
        let set: Indexes = (3..500).collect();
        assert_eq!(serde_json::to_string(&set).unwrap(), "[[3,500]]");
    }

    #[test]
    fn a_backward_range_is_refused() {
        assert!(serde_json::from_str::<Indexes>("[[5,5]]").is_err());
        assert!(serde_json::from_str::<Indexes>("[[5,2]]").is_err());
    }
}
