//! How the tasks of one invocation share its slots: the semaphore and the streams of `consumers/src/pack_run.rs`, as time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use crate::moment::Moment;

/// A claimed pack: its tasks in order, and the last moment at which one may start.
#[derive(Debug)]
pub struct Claimed {
    /// Its tasks.
    pub tasks: Vec<u32>,
    /// A task that starts later might not end within the lease.
    pub last_start: Moment,
}

/// A task that ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ran<T> {
    /// The task.
    pub index: u32,
    /// When it ended.
    pub ended: Moment,
    /// What its request answered.
    pub answer: T,
}

/// When each task of `packs` ends that is started, pack by pack in order of ending. `request` is how long the next
/// request takes, and its answer.
///
/// Each pack asks for as many slots as there are; who asked first gets one first. A task that ends lets its pack ask for
/// the next one.
pub fn run<T: Copy>(
    now: Moment,
    packs: &[Claimed],
    slots: usize,
    mut request: impl FnMut() -> (Duration, T),
) -> Vec<Vec<Ran<T>>> {
    let mut ran: Vec<Vec<Ran<T>>> = packs.iter().map(|pack| Vec::with_capacity(pack.tasks.len())).collect();
    let mut asked = VecDeque::new();
    let mut next = vec![0; packs.len()];
    for (pack, claimed) in packs.iter().enumerate() {
        next[pack] = slots.min(claimed.tasks.len());
        asked.extend((0..next[pack]).map(|task| (pack, task)));
    }
    let mut running = BinaryHeap::new();
    let mut free_at = now;
    let mut free = slots;
    loop {
        while free > 0
            && let Some((pack, task)) = asked.pop_front()
        {
            if free_at > packs[pack].last_start {
                // It is handed back, and so will be all after it.
                continue;
            }
            free -= 1;
            let (took, answer) = request();
            let ended = free_at.after(took);
            running.push(Reverse((ended, ran[pack].len(), pack)));
            ran[pack].push(Ran { index: packs[pack].tasks[task], ended, answer });
        }
        let Some(Reverse((ended, _, pack))) = running.pop() else { break };
        free += 1;
        free_at = ended;
        if next[pack] < packs[pack].tasks.len() {
            asked.push_back((pack, next[pack]));
            next[pack] += 1;
        }
    }
    for pack in &mut ran {
        pack.sort_by_key(|ran| (ran.ended, ran.index));
    }
    ran
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn millis(moment: Moment) -> u64 {
        moment.0 / 1_000
    }

    #[test]
    fn packs_of_a_batch_share_the_slots_evenly() {
        let pack = |tasks| Claimed { tasks, last_start: Moment(u64::MAX / 2) };
        let packs = [pack((0..10).collect()), pack((100..110).collect())];
        let ran = run(Moment::default(), &packs, 4, || (Duration::from_millis(100), ()));
        let ends: Vec<u64> = ran.iter().map(|pack| millis(pack[9].ended)).collect();
        assert_eq!(ends, [500, 500]);
    }

    #[test]
    fn what_cannot_end_within_the_lease_is_not_started() {
        let packs = [Claimed { tasks: (0..10).collect(), last_start: Moment(250_000) }];
        let ran = run(Moment::default(), &packs, 2, || (Duration::from_millis(100), ()));
        assert!(ran[0].iter().map(|ran| ran.index).eq(0..6), "started at 0, 100 and 200 ms");
    }

    proptest! {
        #[test]
        fn never_do_more_run_than_there_are_slots_and_each_runs_once(
            sizes in prop::collection::vec(1..30_u32, 1..6),
            slots in 1..8_usize,
            times in prop::collection::vec(1..500_u64, 1..20),
        ) {
            let mut first = 0;
            let packs: Vec<Claimed> = sizes
                .iter()
                .map(|size| {
                    first += size;
                    Claimed { tasks: (first - size..first).collect(), last_start: Moment(u64::MAX / 2) }
                })
                .collect();
            let mut times = times.into_iter().cycle();
            let request = || times.next().map(|ms| (Duration::from_millis(ms), ms)).unwrap();
            let ran: Vec<Ran<u64>> = run(Moment::default(), &packs, slots, request).into_iter().flatten().collect();
            let mut indexes: Vec<u32> = ran.iter().map(|ran| ran.index).collect();
            indexes.sort_unstable();
            prop_assert!(indexes.into_iter().eq(0..first));
            for one in &ran {
                let began = Moment(one.ended.0 - one.answer * 1_000);
                let beside = ran.iter().filter(|o| Moment(o.ended.0 - o.answer * 1_000) <= began && o.ended > began);
                prop_assert!(beside.count() <= slots);
            }
        }
    }
}
