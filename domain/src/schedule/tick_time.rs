//! The time that a tick is for.

use std::time::Duration;

use crate::time::Timestamp;

/// How far ahead of the clock a tick may be planned: clocks differ a little.
const AHEAD: Duration = Duration::from_secs(120);

/// The time that a tick counts as, which is asked to be for `planned`. One that lies ahead of `now` would fire schedules
/// early and delete what is to be kept until then, so it counts as `now`. `any` believes every time.
pub fn tick_time(planned: Timestamp, now: Timestamp, any: bool) -> Timestamp {
    if any || planned <= now.after(AHEAD) { planned } else { now }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_of_the_future_counts_as_now() {
        let now = Timestamp::from_millis(1_800_000_000_000);
        for (millis_ahead, believed) in [(-86_400_000, true), (0, true), (120_000, true), (120_001, false)] {
            let planned = Timestamp::from_millis(now.as_millis().saturating_add_signed(millis_ahead));
            assert_eq!(tick_time(planned, now, false), if believed { planned } else { now }, "{millis_ahead}");
            assert_eq!(tick_time(planned, now, true), planned);
        }
    }
}
