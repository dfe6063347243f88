//! `make soak`: mixed load for an hour. `MINUTES` and `SEED` change it.

#![allow(clippy::disallowed_methods, reason = "this runs on the machine, where clocks work")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tests::setting;
use tests::soak::{Plan, run};

fn main() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let minutes = setting("MINUTES", 60);
    let plan =
        Plan { seed: setting("SEED", now), time: Duration::from_secs(minutes * 60), look: Duration::from_secs(10) };
    println!("mixed load for {minutes} minutes; again with: SEED={} MINUTES={minutes} make soak", plan.seed);
    println!("{}", run(&plan));
}
