//! Random histories: whatever is lost, repeated, late or out of order, the ledger keeps its invariants, and the job
//! completes once the weather clears.

mod checks;
mod world;

use proptest::prelude::*;

use world::World;

/// One thing that happens. Numbers pick among what is there, modulo how many there are.
#[derive(Clone, Debug)]
enum Step {
    /// A producer appends a part of a pack for each size, and the ledger's answer fares as told.
    Append { key: u8, sizes: Vec<u8>, due: Due, fate: Fate },
    /// The caller seals the job.
    Seal,
    /// A message arrives at a consumer, or at the archive.
    Deliver { message: u8, arrival: Arrival, fate: Fate },
    /// A message vanishes.
    Lose { message: u8 },
    /// A consumer settles a slice of what it runs: each task gets the next verdict, round and round.
    Settle { run: u8, verdicts: Vec<Verdict>, rest: super::Rest, fate: Fate },
    /// A slice that was settled, or got lost on its way, arrives (again).
    Repeat { slice: u8 },
    /// The caller cancels the job.
    Cancel,
    /// The caller cancels a task.
    CancelTask { task: u8 },
    /// Time passes.
    Pass { seconds: u16 },
    /// The clock of the machine that the ledger runs on now is behind that of the one before.
    JumpBack { seconds: u16 },
    /// The alarm goes off.
    Wake { fate: Fate },
}

/// How a call to the ledger fares.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// The caller gets the answer.
    Answered,
    /// It is written; the caller crashes or never hears of it.
    AnswerLost,
    /// The ledger crashes before it is written.
    NotWritten,
}

/// How a message arrives.
#[derive(Clone, Copy, Debug)]
enum Arrival {
    /// For the last time: it is acked.
    Last,
    /// It will come again.
    NotLast,
    /// The consumer asks again about the delivery it had: not a new one.
    AskedAgain,
    /// A call about the delivery before that one arrives only now.
    Overtaken,
}

/// When the tasks of a part may run.
#[derive(Clone, Copy, Debug)]
enum Due {
    AtOnce,
    /// After this many seconds, up to beyond what waits in a queue.
    In(u8),
}

/// What becomes of a task that ran.
#[derive(Clone, Copy, Debug)]
enum Verdict {
    Done,
    Output,
    RetryIn(u8),
    Dead,
    /// Its handler panicked.
    Crashed,
    /// Not in this slice.
    Later,
}

fn fates() -> impl Strategy<Value = Fate> {
    prop_oneof![6 => Just(Fate::Answered), 1 => Just(Fate::AnswerLost), 1 => Just(Fate::NotWritten)]
}

fn arrivals() -> impl Strategy<Value = Arrival> {
    prop_oneof![
        4 => Just(Arrival::Last),
        4 => Just(Arrival::NotLast),
        1 => Just(Arrival::AskedAgain),
        1 => Just(Arrival::Overtaken),
    ]
}

fn dues() -> impl Strategy<Value = Due> {
    prop_oneof![3 => Just(Due::AtOnce), 1 => any::<u8>().prop_map(Due::In)]
}

fn verdicts() -> impl Strategy<Value = Vec<Verdict>> {
    let verdict = prop_oneof![
        3 => Just(Verdict::Done),
        1 => Just(Verdict::Output),
        3 => prop_oneof![Just(0), Just(7), Just(200)].prop_map(Verdict::RetryIn),
        2 => Just(Verdict::Dead),
        1 => Just(Verdict::Crashed),
        2 => Just(Verdict::Later),
    ];
    prop::collection::vec(verdict, 1..5)
}

fn steps() -> impl Strategy<Value = Step> {
    let rests = prop_oneof![2 => Just(super::Rest::Running), 1 => Just(super::Rest::HandedBack)];
    prop_oneof![
        4 => (0..4_u8, prop::collection::vec(1..6_u8, 0..4), dues(), fates())
            .prop_map(|(key, sizes, due, fate)| Step::Append { key, sizes, due, fate }),
        1 => Just(Step::Seal),
        16 => (any::<u8>(), arrivals(), fates())
            .prop_map(|(message, arrival, fate)| Step::Deliver { message, arrival, fate }),
        2 => any::<u8>().prop_map(|message| Step::Lose { message }),
        16 => (any::<u8>(), verdicts(), rests, fates())
            .prop_map(|(run, verdicts, rest, fate)| Step::Settle { run, verdicts, rest, fate }),
        4 => any::<u8>().prop_map(|slice| Step::Repeat { slice }),
        2 => any::<u8>().prop_map(|task| Step::CancelTask { task }),
        1 => prop_oneof![3 => Just(Step::Pass { seconds: 1 }), 1 => Just(Step::Cancel)],
        6 => prop_oneof![Just(1), Just(10), Just(61), Just(400)].prop_map(|seconds| Step::Pass { seconds }),
        1 => prop_oneof![Just(1), Just(30), Just(500)].prop_map(|seconds| Step::JumpBack { seconds }),
        4 => fates().prop_map(|fate| Step::Wake { fate }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn no_history_breaks_the_ledger(history in prop::collection::vec(steps(), 1..80)) {
        let mut world = World::new();
        for step in history {
            world.perform(step)?;
        }
        world.clear_up()?;
    }
}
