//! Random histories of a replay: whatever is decided, reported and said to it, and wherever it is cut off.

use proptest::prelude::*;

use super::*;

/// One thing that happens.
#[derive(Clone, Debug)]
enum Event {
    Step {
        taken: u16,
        fate: u8,
    },
    Later(u16),
    Resume,
    Cancel,
    /// It is stored and loaded again.
    Crash,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        20 => (any::<u16>(), any::<u8>()).prop_map(|(taken, fate)| Event::Step { taken, fate }),
        5 => (0..20_000_u16).prop_map(Event::Later),
        1 => Just(Event::Resume),
        1 => Just(Event::Crash),
    ];
    let cancel = prop_oneof![3 => Just(None), 1 => Just(Some(Event::Cancel))];
    (prop::collection::vec(event, 0..60), cancel).prop_map(|(mut events, cancel)| {
        events.extend(cancel);
        events
    })
}

proptest! {
    #[test]
    fn every_item_has_one_place_at_any_time_and_every_replay_ends(
        frozen in 1..2_300_u32,
        stages in prop::option::of(prop::collection::vec(1..400_u32, 1..4)),
        halt_above in 0.0..1.0_f64,
        rate in prop::option::of(50.0..3_000.0_f64),
        events in events(),
    ) {
        let stages = stages.map(|stages| Canary { stages, halt_above });
        let mut replay = replay(frozen, body(stages, rate));
        let mut now = NOW;
        // Afterwards everything goes well for as long as it takes.
        let end = std::iter::repeat_n([Event::Later(20_000), Event::Step { taken: 999, fate: 1 }, Event::Resume], 10_000);
        for event in events.into_iter().chain(end.flatten()) {
            happen(&mut replay, &mut now, event);
            let counts = replay.counts();
            let sum = counts.waiting + counts.pending + counts.succeeded + counts.died_again + counts.refused
                + counts.skipped + counts.canceled;
            prop_assert_eq!(sum, frozen, "{:?}", counts);
            let tasks: u32 = replay.progress.stages.iter().map(|stage| stage.tasks).sum();
            prop_assert_eq!(tasks, counts.sent);
            if replay.progress.completed_at.is_some() {
                prop_assert_eq!(counts.pending + counts.waiting, 0);
                return Ok(());
            }
        }
        prop_assert!(false, "never ends: {:?}", replay.progress);
    }
}

fn happen(replay: &mut Replay, now: &mut Timestamp, event: Event) {
    match event {
        Event::Later(millis) => *now = now.after(Duration::from_millis(millis.into())),
        Event::Resume => drop(replay.resume(*now, "ops")),
        Event::Cancel => drop(replay.cancel(*now, "ops")),
        Event::Crash => {
            let text = serde_json::to_string(&(&replay.request, &replay.progress, &replay.verdicts)).unwrap();
            let (request, progress, verdicts) = serde_json::from_str(&text).unwrap();
            *replay = Replay { request, progress, verdicts };
        }
        Event::Step { taken, fate } => perform(replay, *now, taken, fate),
    }
}

fn perform(replay: &mut Replay, now: Timestamp, taken: u16, fate: u8) {
    match next(replay, now) {
        Step::Tell | Step::Wait(_) | Step::Delete => {}
        Step::Decide { from, most } => {
            let looked = 1 + u32::from(taken) % most;
            let mut portion = Portion { to: from + looked, ..Portion::default() };
            for item in from..from + looked {
                match (item + u32::from(fate)) % 7 {
                    0 => portion.skipped.insert(item),
                    1 => portion.refused.insert(item),
                    _ => portion.taken.insert(item),
                }
            }
            replay.decided(portion);
        }
        Step::Append if fate.is_multiple_of(16) => replay.turned_away(),
        Step::Append => replay.sent(now, &WAITS),
        Step::Seal(stage) => replay.sealed(stage),
        Step::Release(_) => replay.released(),
        Step::CancelJobs => replay.jobs_canceled(),
        Step::Poll => {
            let jobs: Vec<usize> = replay.jobs().map(|(stage, _)| stage).collect();
            for stage in jobs {
                let tasks = replay.sent_in(stage).len();
                let (good, bad) = (tasks * u32::from(fate % 4) / 3, tasks - tasks / 10);
                let outcomes = Outcomes {
                    succeeded: range(0, good.min(bad)),
                    dead: range(bad, tasks),
                    canceled: if replay.progress.jobs_canceled { range(good.min(bad), bad) } else { Indexes::new() },
                };
                let outcomes = if fate % 4 == 1 && good < bad {
                    Outcomes { succeeded: range(0, bad), canceled: Indexes::new(), ..outcomes }
                } else {
                    outcomes
                };
                end(replay, now, stage, &outcomes);
            }
        }
    }
}
