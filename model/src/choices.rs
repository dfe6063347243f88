//! What a consumer may do next with a claim.

use domain::lane::Lane;

use crate::run::{Remaining, Ruling, Run, Slice};
use crate::setting::{Nature, Setting, Slices};
use crate::world::World;

/// Whether a task kills the consumer: in quarantine once it is its turn, elsewhere at any time.
pub fn kills(setting: &Setting, run: &Run) -> bool {
    let side_by_side = if run.lane == Lane::Quarantine { 1 } else { usize::MAX };
    let mut running = run.left.iter().take(side_by_side);
    run.unanswered.is_none() && running.any(|index| setting.nature(index) == Nature::Poison)
}

/// What a consumer may settle next.
pub fn slices(setting: &Setting, world: &World, run: &Run) -> Vec<Slice> {
    if let Some(slice) = &run.unanswered {
        return vec![slice.clone()];
    }
    let mut ways = match run.lane {
        Lane::Quarantine => one_by_one(setting, run),
        _ => side_by_side(setting, world, run),
    };
    if world.hand_backs > 0 && run.slice == 0 {
        ways.push((Vec::new(), Remaining::HandedBack));
    }
    let slices = |(tasks, rest): (Vec<u32>, Remaining)| {
        let rulings = rulings(setting, run.attempt, &tasks).into_iter();
        rulings.map(move |verdicts| Slice { verdicts, rest })
    };
    ways.into_iter().flat_map(slices).collect()
}

type Ways = Vec<(Vec<u32>, Remaining)>;

/// Each task is settled before the next starts.
fn one_by_one(setting: &Setting, run: &Run) -> Ways {
    let first = run.left.first().filter(|index| setting.nature(*index) != Nature::Poison);
    let rest = if run.left.len() == 1 { Remaining::HandedBack } else { Remaining::Running };
    first.into_iter().map(|index| (vec![index], rest)).collect()
}

/// All at once, or the first before the others; if one of them is poison, the others before it kills.
fn side_by_side(setting: &Setting, world: &World, run: &Run) -> Ways {
    let lives: Vec<u32> = run.left.iter().filter(|index| setting.nature(*index) != Nature::Poison).collect();
    let in_slices = setting.slices == Slices::Either;
    if lives.len() as u32 != run.left.len() {
        let before = in_slices && !lives.is_empty();
        return if before { vec![(lives, Remaining::Running)] } else { Vec::new() };
    }
    let mut ways = vec![(lives.clone(), Remaining::HandedBack)];
    if let [first, _, ..] = lives[..] {
        ways.extend(in_slices.then(|| (vec![first], Remaining::Running)));
        ways.extend((world.hand_backs > 0).then(|| (vec![first], Remaining::HandedBack)));
    }
    ways
}

/// Every way in which `tasks` may end, run side by side.
fn rulings(setting: &Setting, attempt: u8, tasks: &[u32]) -> Vec<Vec<(u32, Ruling)>> {
    let mut all = vec![Vec::new()];
    for index in tasks {
        let choices: &[Ruling] = match setting.nature(*index) {
            Nature::Flaky if attempt == 1 => &[Ruling::Retry],
            Nature::Sound | Nature::Flaky => &[Ruling::Done],
            Nature::Any if attempt == 1 => &[Ruling::Done, Ruling::Retry, Ruling::Dead],
            Nature::Any => &[Ruling::Done, Ruling::Dead],
            Nature::Doomed => &[Ruling::Dead],
            Nature::Panics => &[Ruling::Crashed],
            Nature::Poison => &[],
        };
        let longer = |so_far: Vec<(u32, Ruling)>| {
            choices.iter().map(move |ruling| so_far.iter().copied().chain([(*index, *ruling)]).collect())
        };
        all = all.into_iter().flat_map(longer).collect();
    }
    all
}
