//! The minutes of a day at which an expression fires.

/// Minutes of an hour.
const HOUR: u32 = 60;
/// The last minute of a day.
pub(super) const LAST: u32 = 24 * HOUR - 1;

/// A set of hours and a set of minutes: each hour with each minute. A bit for each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Minutes {
    hours: u32,
    minutes: u64,
}

impl Minutes {
    /// `None` if either is empty: then there is no such minute. Hours are below 24, minutes below 60.
    pub fn new(hours: &[u16], minutes: &[u16]) -> Option<Self> {
        let hours = hours.iter().fold(0, |bits, hour| bits | 1 << hour);
        let minutes = minutes.iter().fold(0, |bits, minute| bits | 1 << minute);
        (hours != 0 && minutes != 0).then_some(Self { hours, minutes })
    }

    /// The first one of a day that is not before `minute` of it.
    pub fn from(&self, minute: u32) -> Option<u32> {
        let (hour, rest) = (minute / HOUR, minute % HOUR);
        let later = self.minutes >> rest << rest;
        if self.hours >> hour & 1 == 1 && later != 0 {
            return Some(hour * HOUR + later.trailing_zeros());
        }
        let later = self.hours >> (hour + 1) << (hour + 1);
        (later != 0).then(|| later.trailing_zeros() * HOUR + self.minutes.trailing_zeros())
    }

    /// The last one of a day that is not after `minute` of it.
    pub fn to(&self, minute: u32) -> Option<u32> {
        let (hour, rest) = (minute / HOUR, minute % HOUR);
        let earlier = self.minutes & ((2 << rest) - 1);
        if self.hours >> hour & 1 == 1 && earlier != 0 {
            return Some(hour * HOUR + earlier.ilog2());
        }
        let earlier = self.hours & ((1 << hour) - 1);
        (earlier != 0).then(|| earlier.ilog2() * HOUR + self.minutes.ilog2())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_minute_finds_its_neighbours_as_a_list_would() {
        let (hours, minutes) = ([0, 7, 23], [0, 1, 30, 59]);
        let set = Minutes::new(&hours, &minutes).unwrap();
        let list: Vec<u32> = hours.iter().flat_map(|h| minutes.map(|m| u32::from(h * 60 + m))).collect();
        for minute in 0..=LAST {
            assert_eq!(set.from(minute), list.iter().copied().find(|at| *at >= minute), "from {minute}");
            assert_eq!(set.to(minute), list.iter().copied().rfind(|at| *at <= minute), "to {minute}");
        }
    }

    #[test]
    fn without_an_hour_or_a_minute_there_is_none() {
        assert!(Minutes::new(&[], &[1]).is_none());
        assert!(Minutes::new(&[1], &[]).is_none());
    }
}
