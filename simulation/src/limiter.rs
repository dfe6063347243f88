//! A rate that is never exceeded.

use std::collections::VecDeque;
use std::time::Duration;

use crate::moment::Moment;

const SECOND: Duration = Duration::from_secs(1);

/// Lets at most so many through in any one second.
#[derive(Debug)]
pub struct Limiter {
    per_second: u64,
    /// What was let through in the last second: when, and how many.
    passed: VecDeque<(Moment, u64)>,
    in_window: u64,
}

impl Limiter {
    /// At most `per_second` in any one second.
    pub fn new(per_second: u64) -> Self {
        Self { per_second, passed: VecDeque::new(), in_window: 0 }
    }

    /// How many of `wanted` pass now. `now` never goes back.
    pub fn take(&mut self, now: Moment, wanted: u64) -> u64 {
        while let Some((at, count)) = self.passed.front().copied()
            && now.since(at) >= SECOND
        {
            self.passed.pop_front();
            self.in_window -= count;
        }
        let granted = wanted.min(self.per_second - self.in_window);
        if granted > 0 {
            self.in_window += granted;
            self.passed.push_back((now, granted));
        }
        granted
    }

    /// When something may pass again, after nothing could.
    pub fn again(&self, now: Moment) -> Moment {
        self.passed.front().map_or(now, |(at, _)| at.after(SECOND))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_second_sees_more_than_the_rate(rate in 1..50_u64, asked in prop::collection::vec((0..400_000_u64, 0..40_u64), 1..200)) {
            let mut limiter = Limiter::new(rate);
            let mut now = Moment::default();
            let mut passed: Vec<(Moment, u64)> = Vec::new();
            for (wait, wanted) in asked {
                now = Moment(now.0 + wait);
                let granted = limiter.take(now, wanted);
                prop_assert!(granted <= wanted);
                passed.push((now, granted));
                let last: u64 = passed.iter().filter(|(at, _)| now.since(*at) < SECOND).map(|(_, count)| count).sum();
                prop_assert!(last <= rate, "{last} in a second");
            }
        }

        #[test]
        fn what_was_refused_may_pass_when_it_says(rate in 1..50_u64, wanted in 1..200_u64) {
            let mut limiter = Limiter::new(rate);
            let now = Moment(7);
            let granted = limiter.take(now, wanted);
            prop_assert_eq!(granted, wanted.min(rate));
            if granted < wanted {
                let again = limiter.again(now);
                prop_assert!(limiter.take(again, 1) == 1);
            }
        }
    }
}
