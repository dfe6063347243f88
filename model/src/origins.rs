//! Two replays of one dead letter: words of how they ended come late and more than once. Drives
//! [`domain::origin::Origin`].

use domain::id::{JobId, TaskId};
use domain::origin::{Origin, ReplayEnd};
use stateright::{Model, Property};

use crate::setting::START;

/// What is checked: one dead letter, and how its record is changed.
#[derive(Clone, Copy, Debug)]
pub struct Origins {
    /// How many replays want it.
    pub replays: u32,
    /// How often a word may be repeated.
    pub repeats: u8,
    /// How its record is changed.
    pub change: Change,
}

/// How the record of an origin is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// As `domain` decides.
    CompareAndSet,
    /// By whatever word comes, without a look at who replays it now. Must fail.
    Overwrite,
}

/// The record, the replays and the words under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Letter {
    origin: Origin,
    replays: Vec<Replay>,
    words: Vec<(u32, ReplayEnd)>,
    repeats: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Replay {
    Wanted,
    Running,
    Ended(ReplayEnd),
}

/// What may happen to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A replay takes it.
    Take(u32),
    /// The task that replays it ends.
    End(u32, ReplayEnd),
    /// A word of that arrives.
    Arrive(usize),
    /// A word arrives, and will again.
    Repeat(usize),
}

/// The property that fails without compare-and-set.
pub const ONE_AT_A_TIME: &str = "a dead letter is replayed by one task at a time";
/// A replay that succeeded is never done again.
pub const RESOLVED: &str = "what a replay resolved is not replayed again";
/// Every word told, nobody has it.
pub const LET_GO: &str = "when all has been said the letter is open or resolved";

const SUCCEEDED: Replay = Replay::Ended(ReplayEnd::Succeeded);

impl Letter {
    fn count(&self, so: Replay) -> usize {
        self.replays.iter().filter(|replay| **replay == so).count()
    }
}

fn task(index: u32) -> TaskId {
    TaskId { job: JobId::random(START, [3; 10]), index }
}

impl Origins {
    fn report(&self, letter: &mut Letter, (by, end): (u32, ReplayEnd)) {
        let next = match self.change {
            Change::CompareAndSet => letter.origin.reported(task(by), end),
            Change::Overwrite => Origin::Replayed(task(by)).reported(task(by), end),
        };
        letter.origin = next.unwrap_or(letter.origin);
    }
}

impl Model for Origins {
    type State = Letter;
    type Action = Step;

    fn init_states(&self) -> Vec<Letter> {
        let replays = vec![Replay::Wanted; self.replays as usize];
        vec![Letter { origin: Origin::Open, replays, words: Vec::new(), repeats: self.repeats }]
    }

    fn actions(&self, letter: &Letter, actions: &mut Vec<Step>) {
        for (by, replay) in (0..).zip(&letter.replays) {
            match replay {
                Replay::Wanted => actions.push(Step::Take(by)),
                Replay::Running => {
                    actions.extend([ReplayEnd::Succeeded, ReplayEnd::Failed].map(|end| Step::End(by, end)));
                }
                Replay::Ended(_) => {}
            }
        }
        for at in 0..letter.words.len() {
            actions.push(Step::Arrive(at));
            if letter.repeats > 0 {
                actions.push(Step::Repeat(at));
            }
        }
    }

    fn next_state(&self, letter: &Letter, step: Step) -> Option<Letter> {
        let mut next = letter.clone();
        match step {
            Step::Take(by) => {
                next.origin = next.origin.taken(task(by))?;
                *next.replays.get_mut(by as usize)? = Replay::Running;
            }
            Step::End(by, end) => {
                *next.replays.get_mut(by as usize)? = Replay::Ended(end);
                next.words.push((by, end));
            }
            Step::Arrive(at) => {
                let word = next.words.remove(at);
                self.report(&mut next, word);
            }
            Step::Repeat(at) => {
                next.repeats -= 1;
                let word = *next.words.get(at)?;
                self.report(&mut next, word);
            }
        }
        next.words.sort_unstable();
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(ONE_AT_A_TIME, |_, letter: &Letter| letter.count(Replay::Running) <= 1),
            Property::always(RESOLVED, |_, letter: &Letter| letter.count(SUCCEEDED) <= 1),
            Property::always(LET_GO, |_, letter: &Letter| {
                let said = letter.count(Replay::Running) == 0 && letter.words.is_empty();
                let held = matches!(letter.origin, Origin::Replayed(_));
                !said || (!held && (letter.count(SUCCEEDED) > 0) == (letter.origin == Origin::Resolved))
            }),
        ]
    }
}
