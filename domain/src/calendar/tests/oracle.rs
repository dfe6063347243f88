//! Fire times minute by minute, by the rules of the module's docs and chrono-tz alone, around changes of clocks.

use std::collections::HashSet;

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Timelike};
use chrono_tz::Tz;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::zones::{CHANGED_SINCE, changes, theirs};
use crate::calendar::zone::{DAY, Zone};
use crate::calendar::{Calendar, Timestamp};

/// 2038-01-01.
const UNTIL: i64 = 2_145_916_800;

/// A field of an expression: its text, and the values it means.
type Field = (String, Vec<u32>);

#[derive(Clone, Debug)]
struct Expression {
    minute: Field,
    hour: Field,
    day: Field,
    weekday: Field,
}

impl Expression {
    fn text(&self) -> String {
        format!("{} {} {} * {}", self.minute.0, self.hour.0, self.day.0, self.weekday.0)
    }

    fn is_on(&self, time: NaiveDateTime) -> bool {
        let day = self.day.1.contains(&time.day());
        let weekday = self.weekday.1.contains(&time.weekday().num_days_from_sunday());
        match (self.day.0.as_str(), self.weekday.0.as_str()) {
            ("*", _) => weekday,
            (_, "*") => day,
            _ => day || weekday,
        }
    }

    fn matches(&self, time: NaiveDateTime) -> bool {
        self.is_on(time) && self.hour.1.contains(&time.hour()) && self.minute.1.contains(&time.minute())
    }

    /// Times of day fire once, everything else whenever clocks show it.
    fn is_time_of_day(&self) -> bool {
        [&self.minute, &self.hour].iter().all(|(text, _)| !text.starts_with('*'))
    }
}

/// Each minute of some days, with what clocks show there.
struct Minutes(Vec<(i64, NaiveDateTime)>);

impl Minutes {
    /// Three days with the change in the middle; `None` where chrono-tz does not know of it yet.
    fn around(change: i64, name: &str) -> Option<Self> {
        let (ours, zone) = (Zone::find(name).unwrap(), name.parse::<Tz>().unwrap());
        let first = (change - 3 * DAY / 2) / 60 * 60;
        let minutes = (first..first + 3 * DAY).step_by(60).map(|at| {
            let offset = theirs(zone, at);
            (ours.offset(at) == offset).then(|| (at, DateTime::from_timestamp(at + offset, 0).unwrap().naive_utc()))
        });
        let minutes = minutes.collect::<Option<Vec<_>>>();
        assert!(minutes.is_some() || CHANGED_SINCE.contains(&name), "{name}");
        minutes.map(Self)
    }

    fn fires(&self, expression: &Expression) -> Vec<i64> {
        if !expression.is_time_of_day() {
            return self.0.iter().filter(|(_, time)| expression.matches(*time)).map(|(at, _)| *at).collect();
        }
        let mut fires = Vec::new();
        let mut furthest = self.0[0].1 - TimeDelta::minutes(1);
        for (at, time) in &self.0 {
            // All that clocks have come past for the first time: nothing in the second half of a fold, one minute
            // otherwise, and after a gap all that was skipped.
            let mut passed = furthest + TimeDelta::minutes(1);
            let mut fired = false;
            while passed <= *time {
                fired |= expression.matches(passed);
                passed += TimeDelta::minutes(1);
            }
            furthest = furthest.max(*time);
            fires.extend(fired.then_some(*at));
        }
        fires
    }

    /// Holds the calendar against the oracle, forward and backward.
    fn check(&self, expression: &Expression, name: &str) {
        let text = expression.text();
        let Ok(calendar) = Calendar::new(&text, name) else {
            assert!(self.fires(expression).is_empty(), "{text} {name}");
            return;
        };
        let (first, last) = (self.0[0].0, self.0[self.0.len() - 1].0);
        let seconds = |time: Timestamp| (time.as_millis() / 1_000) as i64;
        let before = Timestamp::from_millis(first as u64 * 1_000 - 1);
        let upcoming: Vec<i64> = calendar.upcoming(before).map(seconds).take_while(|at| *at <= last).collect();
        assert_eq!(upcoming, self.fires(expression), "{text} {name} from {first}");

        let end = Timestamp::from_millis(last as u64 * 1_000);
        let back = std::iter::successors(calendar.last(end), |time| {
            assert_eq!(calendar.last(*time), Some(*time));
            calendar.last(Timestamp::from_millis(time.as_millis() - 1))
        });
        let mut back: Vec<i64> = back.map(seconds).take_while(|at| *at >= first).collect();
        back.reverse();
        assert_eq!(back, upcoming, "{text} {name} backward");
    }
}

fn one(value: u32) -> Field {
    (value.to_string(), vec![value])
}

fn all(values: std::ops::Range<u32>) -> Field {
    ("*".to_owned(), values.collect())
}

/// A field with values below `end`: any form that it may have.
fn field(value: impl Strategy<Value = u32> + Clone + 'static, start: u32, end: u32) -> impl Strategy<Value = Field> {
    prop_oneof![
        3 => value.clone().prop_map(one),
        1 => Just(all(start..end)),
        1 => (1..20_u32).prop_map(move |step| (format!("*/{step}"), (start..end).step_by(step as usize).collect())),
        1 => (value.clone(), value.clone()).prop_map(|(a, b)| (format!("{}-{}", a.min(b), a.max(b)), (a.min(b)..=a.max(b)).collect())),
        1 => (value.clone(), value).prop_map(|(a, b)| (format!("{a},{b}"), vec![a, b])),
    ]
}

fn expressions() -> impl Strategy<Value = Expression> {
    let minute = prop_oneof![select(vec![0, 1, 15, 29, 30, 59]), 0..60_u32];
    // Clocks change at night.
    let hour = prop_oneof![4 => select(vec![0, 1, 2, 3, 4, 22, 23]), 1 => 0..24_u32];
    let day = prop_oneof![2 => Just(all(1..32)), 1 => field(1..32_u32, 1, 32)];
    let weekday = prop_oneof![2 => Just(all(0..7)), 1 => field(select(vec![0, 1, 5, 6]), 0, 7)];
    (field(minute, 0, 60), field(hour, 0, 24), day, weekday).prop_map(|(minute, hour, day, weekday)| Expression {
        minute,
        hour,
        day,
        weekday,
    })
}

#[test]
fn around_every_change_of_every_zone_fire_times_are_those_of_the_oracle() {
    let mut seen = HashSet::new();
    for name in Zone::names() {
        let changes: Vec<i64> = changes(Zone::find(name).unwrap(), UNTIL).collect();
        let offsets: Vec<i64> = changes.iter().map(|at| Zone::find(name).unwrap().offset(*at)).collect();
        if !seen.insert((changes.clone(), offsets)) {
            continue;
        }
        for change in changes {
            let Some(minutes) = Minutes::around(change, name) else { continue };
            let shown = minutes.0[minutes.0.len() / 2].1;
            let (day, weekday) = (all(1..32), all(0..7));
            // The time clocks show right after the change, those half an hour before and after it, and two rhythms.
            for time in [shown, shown - TimeDelta::minutes(30), shown + TimeDelta::minutes(30)] {
                let (minute, hour) = (one(time.minute()), one(time.hour()));
                minutes.check(&Expression { minute, hour, day: day.clone(), weekday: weekday.clone() }, name);
            }
            let minute = ("*/15".to_owned(), vec![0, 15, 30, 45]);
            for hour in [all(0..24), one(shown.hour())] {
                let (minute, day, weekday) = (minute.clone(), day.clone(), weekday.clone());
                minutes.check(&Expression { minute, hour, day, weekday }, name);
            }
        }
    }
    assert!(seen.len() > 50, "{}", seen.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn around_any_change_any_expression_fires_as_the_oracle_says(
        expression in expressions(), name in select(Zone::names().collect::<Vec<_>>()), which in any::<Index>(),
    ) {
        let changes: Vec<i64> = changes(Zone::find(name).unwrap(), UNTIL).collect();
        // Zones without changes: 2026-03-29T01:00:00Z, as good as any.
        let change = if changes.is_empty() { 1_774_746_000 } else { changes[which.index(changes.len())] };
        if let Some(minutes) = Minutes::around(change, name) {
            minutes.check(&expression, name);
        }
    }
}
