use proptest::prelude::*;

use super::*;
use crate::limits::TICK_FIRINGS;
use crate::schedule::{CatchUp, Overlap};

const MINUTE: u64 = 60_000;
/// 2027-01-15T08:00:00Z.
const START: u64 = 1_800_000_000_000;

fn minute(minutes: u64) -> Timestamp {
    Timestamp::from_millis(START + minutes * MINUTE)
}

fn minutely(policy: CatchUpPolicy, max: u32) -> DueSchedule {
    let timing = Timing {
        cron: "* * * * *".to_owned(),
        timezone: "UTC".to_owned(),
        overlap: Overlap::Allow,
        catch_up: CatchUp { policy, window_seconds: 3_600, max },
        jitter_seconds: 0,
        pause_after_failures: None,
    };
    DueSchedule { name: "nightly".parse().unwrap(), timing, paused: false, next_at: minute(0) }
}

/// Minutes from the start that fire, and those that are skipped, at a tick so many minutes after the start.
fn planned(schedule: &DueSchedule, at: u64) -> (Vec<u64>, Vec<u64>) {
    let plan = plan(minute(at), std::slice::from_ref(schedule), TICK_FIRINGS);
    let of = |run: &PlannedRun| (run.planned_at.as_millis() - START) / MINUTE;
    assert_eq!(plan.moves, [(schedule.name.clone(), schedule.next_at, Some(minute(at + 1)))]);
    let fires = plan.runs.iter().filter(|run| run.step == Step::Fire).map(of).collect();
    (fires, plan.runs.iter().filter(|run| matches!(run.step, Step::Skip(_))).map(of).collect())
}

#[test]
fn what_is_on_time_fires_whatever_the_policy() {
    for policy in [CatchUpPolicy::None, CatchUpPolicy::Latest, CatchUpPolicy::All] {
        assert_eq!(planned(&minutely(policy, 1), 0), (vec![0], vec![]));
    }
}

#[test]
fn missed_fire_times_are_made_up_for_by_policy() {
    for (policy, max, fires, skipped) in [
        (CatchUpPolicy::None, 9, vec![3], vec![0, 1, 2]),
        (CatchUpPolicy::Latest, 9, vec![3], vec![0, 1, 2]),
        (CatchUpPolicy::All, 9, vec![0, 1, 2, 3], vec![]),
        (CatchUpPolicy::All, 2, vec![2, 3], vec![0, 1]),
    ] {
        assert_eq!(planned(&minutely(policy, max), 3), (fires, skipped), "{policy:?} {max}");
    }
}

#[test]
fn what_no_tick_came_for_in_time_is_missed_or_caught_up_within_the_window() {
    let mut hourly = minutely(CatchUpPolicy::Latest, 9);
    hourly.timing.cron = "0 * * * *".to_owned();
    let step = |schedule: &DueSchedule, at| plan(minute(at), std::slice::from_ref(schedule), 1).runs[0].step.clone();
    assert_eq!(step(&hourly, 59), Step::Fire);
    hourly.timing.catch_up.window_seconds = 1_800;
    assert_eq!(step(&hourly, 30), Step::Fire);
    assert_eq!(step(&hourly, 31), Step::Skip("missed".to_owned()));
    hourly.timing.catch_up.policy = CatchUpPolicy::None;
    assert_eq!(step(&hourly, 1), Step::Skip("missed".to_owned()));
}

#[test]
fn a_paused_schedule_fires_nothing_and_moves_on() {
    let mut paused = minutely(CatchUpPolicy::All, 9);
    paused.paused = true;
    assert_eq!(planned(&paused, 2), (vec![], vec![0, 1, 2]));
}

#[test]
fn the_oldest_run_of_a_long_gap_speaks_for_those_before_it() {
    let (fires, skipped) = planned(&minutely(CatchUpPolicy::Latest, 9), 100_000);
    assert_eq!(fires, [100_000]);
    assert_eq!(skipped, (99_995..100_000).collect::<Vec<_>>());
    let plan = plan(minute(100_000), &[minutely(CatchUpPolicy::Latest, 9)], 1);
    assert_eq!(plan.runs[0].step, Step::Skip(format!("missed, as were all since {}", minute(0))));
    let exactly = planned(&minutely(CatchUpPolicy::Latest, 9), 5);
    assert_eq!(exactly.1.len(), 5);
    let reasons = plan_reasons(&minutely(CatchUpPolicy::Latest, 9), 5);
    assert!(reasons.iter().all(|reason| reason == "missed"), "{reasons:?}");
}

fn plan_reasons(schedule: &DueSchedule, at: u64) -> Vec<String> {
    let plan = plan(minute(at), std::slice::from_ref(schedule), 1);
    let reasons = plan.runs.into_iter().filter_map(|run| match run.step {
        Step::Skip(reason) => Some(reason),
        _ => None,
    });
    reasons.collect()
}

#[test]
fn after_an_outage_a_tick_plans_all_schedules_however_much_each_has_missed() {
    let schedules: Vec<DueSchedule> = (0..TICK_FIRINGS)
        .map(|number| DueSchedule {
            name: format!("s{number:04}").parse().unwrap(),
            ..minutely(CatchUpPolicy::Latest, 1)
        })
        .collect();
    let plan = plan(minute(600), &schedules, TICK_FIRINGS);
    assert_eq!(plan.moves.len(), TICK_FIRINGS);
    assert_eq!(plan.runs.iter().filter(|run| run.step == Step::Fire).count(), TICK_FIRINGS);
}

#[test]
fn what_is_on_time_fires_before_what_is_made_up_for() {
    let gap = minutely(CatchUpPolicy::All, 500);
    let on_time = DueSchedule { name: "z".parse().unwrap(), next_at: minute(500), ..minutely(CatchUpPolicy::None, 1) };
    let plan = plan(minute(500), &[gap, on_time], 2);
    let fires: Vec<_> = plan.runs.iter().filter(|run| run.step == Step::Fire).map(|run| run.planned_at).collect();
    assert_eq!(fires, [minute(500), minute(500)]);
}

#[test]
fn a_plan_is_never_more_than_one_statement_can_store_and_leaves_the_rest_due() {
    let schedules: Vec<DueSchedule> = (0..20)
        .map(|number| DueSchedule {
            name: format!("s{number:02}").parse().unwrap(),
            ..minutely(CatchUpPolicy::All, 1_000)
        })
        .collect();
    let first = plan(minute(59), &schedules, 10);
    assert_eq!((first.moves.len(), first.runs.len()), (20, 1_200));
    let wide: Vec<DueSchedule> = schedules
        .into_iter()
        .map(|mut schedule| {
            schedule.timing.catch_up.window_seconds = 86_400;
            schedule
        })
        .collect();
    let plan = plan(minute(1_200), &wide, 10);
    assert!(plan.runs.len() <= RUNS && plan.moves.len() == 5, "{} {}", plan.runs.len(), plan.moves.len());
}

#[test]
fn jitter_of_minutes_waits_for_a_later_tick_and_of_seconds_for_none() {
    let mut spread = minutely(CatchUpPolicy::Latest, 9);
    spread.timing.cron = "0 * * * *".to_owned();
    spread.timing.jitter_seconds = 59;
    assert_eq!(plan(minute(0), &[spread.clone()], 1).runs[0].step, Step::Fire);
    spread.timing.jitter_seconds = 3_000;
    let wait = hold(&spread.name, minute(0), 3_000).tick;
    assert!(wait >= TICK, "a name that draws less shows nothing");
    assert_eq!(plan(minute(0), &[spread], 1).runs[0].step, Step::Await(minute(0).after(wait)));
}

#[test]
fn a_time_zone_that_is_gone_fails_its_firing_and_has_no_next() {
    let mut lost = minutely(CatchUpPolicy::Latest, 9);
    lost.timing.timezone = "Europe/Atlantis".to_owned();
    let plan = plan(minute(0), &[lost], 1);
    assert!(matches!(&plan.runs[0].step, Step::Fail(reason) if reason.contains("Europe/Atlantis")), "{plan:?}");
    assert_eq!(plan.moves[0].2, None);
}

#[test]
fn beyond_its_room_a_tick_leaves_firings_to_the_next_one_in_order() {
    let mut schedules = Vec::new();
    for number in 0..1_500 {
        let name = format!("s{number:04}").parse().unwrap();
        schedules.push(DueSchedule { name, ..minutely(CatchUpPolicy::Latest, 1) });
    }
    let plan = plan(minute(0), &schedules, 300);
    assert_eq!(plan.moves.len(), 1_500);
    let steps: Vec<bool> = plan.runs.iter().map(|run| run.step == Step::Fire).collect();
    assert!(steps[..300].iter().all(|fires| *fires) && !steps[300..].iter().any(|fires| *fires));
    assert!(plan.runs.is_sorted_by_key(|run| &run.schedule));
    assert!(plan.runs[300..].iter().all(|run| run.step == Step::Await(minute(0))));
}

proptest! {
    /// Whenever ticks come, each fire time is planned once, and the newest one always fires if the tick is on time.
    #[test]
    fn every_fire_time_is_planned_once_however_ticks_come(gaps in proptest::collection::vec(1_u64..10, 1..20)) {
        let mut schedule = minutely(CatchUpPolicy::All, 5);
        let (mut at, mut seen) = (0, Vec::new());
        for gap in gaps {
            at += gap;
            let (fires, skipped) = planned(&schedule, at);
            prop_assert!(fires.contains(&at) && fires.len() <= 5);
            seen.extend(fires.into_iter().chain(skipped));
            schedule.next_at = minute(at + 1);
        }
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..=at).collect::<Vec<_>>());
    }
}
