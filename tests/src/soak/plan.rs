//! What a soak consists of.

use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

/// A soak.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Draws what comes when.
    pub seed: u64,
    /// How long new load comes.
    pub time: Duration,
    /// Between two looks at memory and progress.
    pub look: Duration,
}

impl Plan {
    /// The randomness of one actor.
    pub(super) fn rng(&self, actor: u64) -> SmallRng {
        SmallRng::seed_from_u64(self.seed.wrapping_mul(1_000).wrapping_add(actor))
    }
}

/// Tasks of one job, and how many of them die.
pub(super) fn tasks(rng: &mut SmallRng) -> (Vec<Value>, u32) {
    let count = match rng.random_range(0..10) {
        0 => rng.random_range(1_000..4_000),
        1..4 => rng.random_range(100..1_000),
        _ => rng.random_range(1..100),
    };
    let mut dead = 0;
    let tasks = (0..count).map(|number: u32| {
        let payload = match rng.random_range(0..100) {
            0..4 => {
                dead += 1;
                json!({ "fail": "permanent", "error": { "class": "soak", "message": format!("order {number} is unknown") } })
            }
            4..8 => json!({ "fail_times": 1 }),
            8..10 => json!({ "sleep_ms": rng.random_range(1..2_000) }),
            _ => json!({ "output": { "order": number } }),
        };
        json!({ "kind": "simulate", "payload": payload })
    });
    (tasks.collect(), dead)
}
