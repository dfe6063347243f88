//! `make chaos`: kills the runtime at random moments of a large job and checks that nothing was lost or happened twice.
//! `SEED`, `TASKS` and `KILLS` repeat or change a run.

#![allow(clippy::disallowed_methods, reason = "this runs on the machine, where clocks work")]

use std::time::{SystemTime, UNIX_EPOCH};

use tests::chaos::{Plan, run};
use tests::setting;

fn main() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let plan = Plan { seed: setting("SEED", now), tasks: setting("TASKS", 50_000), kills: setting("KILLS", 10) };
    println!("{} tasks, {} kills; again with: SEED={} make chaos", plan.tasks, plan.kills, plan.seed);
    println!("{}", run(&plan));
}
