//! Prints what packs cost at their ledger: `cargo run --release -p tests --bin cost`.

use serde_json::json;
use tests::cost::{of_packs, pipeline};

const PACKS: u32 = 10;

fn main() {
    let pipeline = pipeline();
    for (what, payload) in [
        ("succeed", json!({})),
        ("fail twice, then succeed", json!({ "fail_times": 2 })),
        ("die", json!({ "fail": "permanent" })),
    ] {
        println!("{PACKS} packs of tasks that {what}");
        for (call, cost) in of_packs(&pipeline, PACKS, &payload) {
            println!("  {call:10} {:4} requests {:4} rows written", cost.requests, cost.rows);
        }
    }
}
