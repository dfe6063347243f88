//! Prints how fast this machine takes 100,000 small tasks: `cargo run --release -p tests --bin speed`.

use tests::load::{TASKS, body, run, run_four_at_once, runtime_memory};
use tests::pipeline::Setup;

const RUNS: usize = 3;

fn main() {
    let pipeline = Setup::new().start();
    let (client, body) = (pipeline.client(), body());
    println!("{TASKS} tasks in one request of {:.1} MB", body.len() as f64 / 1e6);
    let runs: Vec<_> = (1..=RUNS)
        .map(|at| {
            let figures = run(&client, &body);
            println!("  run {at}: {figures}");
            figures
        })
        .collect();
    if let (Some(accepted), Some(settled)) =
        (runs.iter().map(|run| run.accepted).min(), runs.iter().map(|run| run.settled).min())
    {
        println!(
            "  best of {RUNS}: accepted in {:.2} s, settled in {:.2} s",
            accepted.as_secs_f64(),
            settled.as_secs_f64()
        );
    }
    println!("four such requests at once");
    for figures in run_four_at_once(&client, &body) {
        println!("  {figures}");
    }
    println!("memory of the runtime, all Workers and their storage together: {} MB at most", runtime_memory(&pipeline));
}
