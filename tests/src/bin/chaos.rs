//! `make chaos`: kills the runtime at random moments of a large job and checks that nothing was lost or happened twice.
//! `SEED`, `TASKS` and `KILLS` repeat or change a run.

#![allow(clippy::panic, reason = "a run stops at what it did not expect")]
#![allow(clippy::disallowed_methods, reason = "this runs on the machine, where clocks work")]

use std::time::{SystemTime, UNIX_EPOCH};

use tests::chaos::{Plan, run};

fn main() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let plan = Plan { seed: setting("SEED", now), tasks: setting("TASKS", 50_000), kills: setting("KILLS", 10) };
    println!("{} tasks, {} kills; again with: SEED={} make chaos", plan.tasks, plan.kills, plan.seed);
    println!("{}", run(&plan));
}

fn setting<T: std::str::FromStr>(name: &str, usual: T) -> T {
    match std::env::var(name) {
        Ok(text) if !text.is_empty() => text.parse().unwrap_or_else(|_| panic!("{name} is \"{text}\", not a number")),
        _ => usual,
    }
}
