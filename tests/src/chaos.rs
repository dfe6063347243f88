//! Kills the runtime again and again in the middle of a job, loses and repeats messages, and checks from outside that
//! nothing was lost and nothing that was settled happened again.

mod checks;
mod plan;

use std::collections::BTreeSet;
use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use domain::id::JobId;
use nix::sys::signal::Signal;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

use crate::client::Client;
use crate::patience::eventually;
use crate::pipeline::{READY, Setup};
use crate::processes::signal;
use crate::sink::Sink;

pub use plan::Plan;

/// How long the job may make no progress at all before it counts as stuck.
const STUCK: Duration = Duration::from_secs(180);
/// How long a restart may take on a busy machine.
const RESTART: Duration = Duration::from_secs(120);

/// The most that may pass until what was lost in a restart is claimed again: `max(lease, quiet_max)` of development, which is
/// 20 s, and 10 s more.
pub const CLAIMED_AGAIN: Duration = Duration::from_secs(30);

/// What was seen.
#[derive(Debug)]
pub struct Report {
    /// How often the runtime was killed.
    pub kills: usize,
    /// From submission to the end of the job.
    pub took: Duration,
    /// Tasks that had ended well when the runtime was last killed, or before.
    pub settled_before: usize,
    /// Requests that tasks made.
    pub effects: usize,
    /// Requests that were made again because their task was cut down before it was settled.
    pub repeated: usize,
    /// From the last restart until the last pack that was lost in it was claimed again.
    pub claimed_again: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "killed {} times, ended after {:.0} s", self.kills, self.took.as_secs_f64())?;
        writeln!(f, "every task ended as it should, the audit is clean, every dead letter is archived")?;
        writeln!(
            f,
            "{} requests reached the outside; {} of them were repeats of tasks cut down before they were settled",
            self.effects, self.repeated
        )?;
        writeln!(f, "none of {} tasks that were settled before a kill had an effect after it", self.settled_before)?;
        write!(f, "after the last restart every lost pack was claimed within {:.1} s", self.claimed_again.as_secs_f64())
    }
}

/// What a kill found settled: no effect of these tasks may come later.
struct Settled {
    at: Instant,
    tasks: BTreeSet<u32>,
}

/// Carries out `plan`.
///
/// # Panics
/// If anything is lost, repeated, or takes too long; the pipeline's state and output then stay where the message says.
pub fn run(plan: &Plan) -> Report {
    let mut rng = SmallRng::seed_from_u64(plan.seed);
    let setup = Setup::new().env("LOG_LEVEL", "debug").env("FAULTS", "20,20");
    let (pipeline, sink) = (setup.faulty().start(), Sink::start());
    let client = pipeline.client();
    let start = Instant::now();
    let job = client.submit(&plan.tasks(&sink));
    let mut settled = Vec::new();
    let mut restarted = start;
    for (kill, share) in plan.moments(&mut rng).into_iter().enumerate() {
        wait_for_share(&client, job, plan.tasks, share);
        settled.push(look(&client, job));
        thread::sleep(Duration::from_millis(rng.random_range(0..300)));
        pipeline.workerds().iter().for_each(|workerd| signal(workerd.pid, Signal::SIGKILL));
        pipeline.logs.wait_for_line(READY, kill + 2, RESTART);
        restarted = Instant::now();
        println!("kill {} at {:.0} % of the tasks, {:.0} s", kill + 1, share * 100.0, start.elapsed().as_secs_f64());
    }
    let claims_before = pipeline.logs.texts().len();
    wait_for_share(&client, job, plan.tasks, 1.0);
    let took = start.elapsed();
    let counts = client.wait_until_ended(job, STUCK).counts;
    plan.check_results(&counts, &client.results(job, ""));
    checks::audit_is_clean(&client, job);
    checks::every_letter_is_archived(&pipeline, job, &plan.dead());
    let (effects, repeated) = checks::no_settled_effect_came_again(&sink, plan, job, &settled);
    let claimed_again = checks::claimed_again(&pipeline, job, claims_before, restarted);
    assert!(claimed_again <= CLAIMED_AGAIN, "a lost pack was claimed again after {claimed_again:?} only");
    let settled_before = settled.last().map_or(0, |settled| settled.tasks.len());
    Report { kills: settled.len(), took, settled_before, effects, repeated, claimed_again }
}

/// Waits until this share of the tasks has ended. Whoever is asked may be dead at the moment.
fn wait_for_share(client: &Client, job: JobId, tasks: u32, share: f64) {
    let wanted = (f64::from(tasks) * share) as u64;
    let mut best = 0;
    loop {
        let before = best;
        let ended = eventually("the job goes on", STUCK, || {
            ended(client, job).filter(|ended| *ended > before || *ended >= wanted)
        });
        best = ended;
        if ended >= wanted {
            return;
        }
    }
}

fn ended(client: &Client, job: JobId) -> Option<u64> {
    let answer = client.call("GET", &format!("/v1/jobs/{job}")).try_send().ok()?;
    let counts = (answer.status == 200).then(|| answer.json())?["counts"].clone();
    let count = |name: &str| counts[name].as_u64().unwrap();
    let parts = ["queued", "running", "retrying", "succeeded", "dead", "canceled"];
    assert_eq!(parts.iter().map(|part| count(part)).sum::<u64>(), count("accepted"), "{counts}");
    Some(count("succeeded") + count("dead"))
}

/// Which tasks have ended well by now.
fn look(client: &Client, job: JobId) -> Settled {
    let path = format!("/v1/jobs/{job}/results?status=succeeded");
    let lines = eventually("the results are there", RESTART, || {
        let answer = client.call("GET", &path).try_send().ok()?;
        (answer.status == 200).then(|| answer.lines())
    });
    // What is not under way by now has no business being heard of later.
    let at = Instant::now();
    Settled { at, tasks: lines.iter().map(|line: &Value| line["index"].as_u64().unwrap() as u32).collect() }
}
