//! Mixed load for a long time: submissions, deaths, replays, schedules, reads and clients that hang up, side by side on one
//! pipeline. Nothing may stall, be lost, leak or have to be started again.

mod actors;
mod checks;
mod plan;
mod tally;

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use crate::patience::eventually;
use crate::pipeline::Setup;

pub use plan::Plan;
use tally::Tally;

/// How long a job, a replay or an answer may take beside all the others on a busy machine. What takes longer has stalled.
const STALLED: Duration = Duration::from_secs(180);

/// What was seen.
#[derive(Debug)]
pub struct Report {
    /// From the start of the load to the end of its last job.
    pub took: Duration,
    /// Jobs that ended as they should.
    pub jobs: usize,
    /// Tasks of these jobs.
    pub tasks: u64,
    /// Tasks that died.
    pub dead: u64,
    /// Replays that completed.
    pub replays: usize,
    /// Dead letters that they sent again, with success.
    pub replayed: u64,
    /// Answers that were read.
    pub reads: u64,
    /// Clients that hung up.
    pub hang_ups: u64,
    /// Answers 429 and 503 that were followed by another try.
    pub put_off: u64,
    /// Firings of a schedule, by its minute or by hand.
    pub firings: u64,
    /// Memory of the runtime in bytes, after the first third and at most in the last.
    pub memory: (u64, u64),
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mib = |bytes: u64| bytes >> 20;
        writeln!(f, "{} jobs of {} tasks ended within {:.0} s", self.jobs, self.tasks, self.took.as_secs_f64())?;
        writeln!(
            f,
            "{} tasks died as they should; {} replays sent {} of them again",
            self.dead, self.replays, self.replayed
        )?;
        writeln!(
            f,
            "{} firings, {} reads, {} clients hung up, {} tries were put off",
            self.firings, self.reads, self.hang_ups, self.put_off
        )?;
        write!(
            f,
            "memory of the runtime: {} MiB after a third, at most {} MiB later; no restart",
            mib(self.memory.0),
            mib(self.memory.1)
        )
    }
}

/// Carries out `plan`.
///
/// # Panics
/// If anything stalls, is lost, leaks or is started again.
pub fn run(plan: &Plan) -> Report {
    let pipeline = Setup::new().start();
    let workerds: Vec<u32> = pipeline.workerds().iter().map(|process| process.pid).collect();
    let (start, tally) = (Instant::now(), Tally::default());
    let end = start + plan.time;
    let mut memory = Vec::new();
    thread::scope(|scope| {
        for (number, actor) in (0..).zip(actors::ALL) {
            let (client, tally, mut rng) = (pipeline.client(), &tally, plan.rng(number));
            scope.spawn(move || {
                while Instant::now() < end {
                    actor(&client, &mut rng, tally);
                }
            });
        }
        while Instant::now() < end {
            memory.push(checks::resident(&workerds));
            tally.say(start.elapsed());
            // A pause between two looks, not a wait for anything.
            thread::sleep(plan.look.min(end.saturating_duration_since(Instant::now())));
        }
    });
    let client = pipeline.client();
    actors::follow_all(&client, &tally);
    let took = start.elapsed();
    checks::every_death_is_listed(&client, &tally);
    checks::schedules_fired(&client);
    checks::audits_are_clean(&client, &tally);
    let now: Vec<u32> = pipeline.workerds().iter().map(|process| process.pid).collect();
    assert_eq!(now, workerds, "the runtime was started again");
    let memory = checks::no_leak(&memory);
    eventually("the front door answers", STALLED, || (client.get("/v1/health").status == 200).then_some(()));
    tally.report(took, memory)
}
