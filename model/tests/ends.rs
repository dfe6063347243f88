//! No history goes round in circles. The bounds on time and messages would not see a circle within one instant that sends
//! nothing.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use model::{Cancel, Checked, Nature::*, Setting};
use stateright::Model;

/// Where the search is with a state.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// On the way that is being searched: to meet it again is a circle.
    Ahead,
    /// All that follows from it has been searched.
    Done,
}

fn fingerprint(state: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    state.hash(&mut hasher);
    hasher.finish()
}

/// Whether a state of `setting` may come again, and how many states there are.
fn circles(setting: Setting) -> (bool, usize) {
    let model = Checked(setting);
    let mut seen: HashMap<u64, Seen> = HashMap::new();
    let mut way = vec![(None, model.init_states())];
    while let Some((at, ahead)) = way.last_mut() {
        let Some(next) = ahead.pop() else {
            at.map(|at| seen.insert(at, Seen::Done));
            way.pop();
            continue;
        };
        let print = fingerprint(&next);
        match seen.get(&print) {
            Some(Seen::Ahead) => return (true, seen.len()),
            Some(Seen::Done) => {}
            None => {
                seen.insert(print, Seen::Ahead);
                way.push((Some(print), model.next_states(&next)));
            }
        }
    }
    (false, seen.len())
}

#[test]
fn no_history_goes_round_in_circles() {
    let canceled = Setting { cancel: Cancel::Job, ..Setting::of(&[&[Sound, Any], &[Sound]], 2) };
    for setting in [Setting::of(&[&[Sound, Poison], &[Doomed]], 2), canceled] {
        let (circles, states) = circles(setting);
        println!("circles: {states} states");
        assert!(!circles);
    }
}
