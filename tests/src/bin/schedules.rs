//! Prints how fast schedules are evaluated and fired: `cargo run --release -p tests --bin schedules`. Fails if it is not as
//! promised.

#![allow(clippy::unwrap_used, reason = "a measurement stops at what it did not expect")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use domain::limits::TICK_FIRINGS;
use domain::schedule::{CatchUp, DueSchedule, Overlap, Step, Timing, plan};
use domain::time::Timestamp;
use serde_json::json;
use tests::client::Client;
use tests::patience::eventually;
use tests::pipeline::Setup;
use tests::schedules::schedule;
use tests::triage_load::figure::Target::{AtMost, Exactly, None};
use tests::triage_load::figure::{Figure, Report};

/// Schedules that are due at once.
const SCHEDULES: usize = TICK_FIRINGS;
/// Times that each is measured; the median counts.
const ROUNDS: usize = 21;
/// 2027-01-15T08:00:00Z: every expression below fires then, in every zone.
const FIRE_TIME: Timestamp = Timestamp::from_millis(1_800_000_000_000);

const CRONS: [&str; 5] = ["* * * * *", "*/5 * * * *", "0 * * * *", "0,30 * * * MON-FRI", "0 */1 15 1 *"];
const ZONES: [&str; 5] = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Sydney"];

fn main() -> ExitCode {
    let mut report = Report::default();
    println!("{SCHEDULES} schedules, {} expressions in {} time zones", CRONS.len(), ZONES.len());
    evaluate_natively(&mut report);
    let pipeline = Setup::new().env("LOG_LEVEL", "debug").start();
    evaluate_by_ticks(&pipeline.client(), &mut report);
    if report.conclude() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What a tick decides: reads each calendar, what is due of it, and what is next.
fn evaluate_natively(report: &mut Report) {
    let due: Vec<DueSchedule> = (0..SCHEDULES).map(due_schedule).collect();
    let on_time = median(|| {
        let planned = plan(FIRE_TIME, &due, SCHEDULES);
        assert_eq!(planned.runs.iter().filter(|run| run.step == Step::Fire).count(), SCHEDULES);
    });
    report.add(Figure::new("evaluated natively, all of them due and on time", on_time, "ms", AtMost(50.0)));
    let later = Timestamp::from_millis(FIRE_TIME.as_millis() + 3 * 3_600_000);
    let late = median(|| assert!(!plan(later, &due, SCHEDULES).runs.is_empty()));
    report.add(Figure::new("the same three hours late, as far as a tick goes", late, "ms", None));
}

fn name(number: usize) -> String {
    format!("s{number:04}")
}

fn due_schedule(number: usize) -> DueSchedule {
    let timing = Timing {
        cron: CRONS[number % CRONS.len()].to_owned(),
        timezone: ZONES[number / CRONS.len() % ZONES.len()].to_owned(),
        overlap: Overlap::Allow,
        catch_up: CatchUp::default(),
        jitter_seconds: 0,
        pause_after_failures: Option::None,
    };
    let name = name(number).parse().unwrap();
    DueSchedule { name, timing, paused: false, next_at: FIRE_TIME }
}

fn evaluate_by_ticks(client: &Client, report: &mut Report) {
    let schedules = client.schedules();
    for number in 0..SCHEDULES {
        let timezone = ZONES[number % ZONES.len()];
        schedules.put(&name(number), &schedule("* * * * *", &json!({ "timezone": timezone, "paused": true })));
    }
    // The first tick takes the config file over; from then on nothing is due before the next fire time.
    let next = next_fire_time(client).as_millis();
    let before = Timestamp::from_millis(next - 60_000);
    schedules.tick(before);
    let idle = median(|| schedules.tick(before));
    report.add(Figure::new("a tick from outside, none of them due", idle, "ms", AtMost(300.0)));
    // Beyond the ticks that come by themselves meanwhile. What is missed on the way there is planned by the first.
    let mut at = next + 86_400_000;
    let mut tick = || {
        at += 60_000;
        schedules.tick(Timestamp::from_millis(at));
    };
    let gap = time(&mut tick);
    report.add(Figure::new("a tick from outside, a day of all of them missed", gap, "ms", None));
    let planned = median(&mut tick);
    report.add(Figure::new("a tick from outside, all of them due, and paused", planned, "ms", AtMost(300.0)));
    for number in 0..SCHEDULES {
        schedules.say(&name(number), "resume").expect(200);
    }
    let took = time(tick);
    report.add(Figure::new("a tick from outside that makes a job of each", took, "ms", None));
    let fired = eventually("all have fired", Duration::from_secs(60), || {
        let fired = (0..SCHEDULES)
            .filter(|number| schedules.outcomes(&name(*number)).last().is_some_and(|last| last == "fired"));
        Some(fired.count()).filter(|count| *count == SCHEDULES)
    });
    report.add(Figure::new("jobs made by it", fired as f64, "jobs", Exactly(SCHEDULES as f64)));
}

/// The earliest fire time of any schedule.
fn next_fire_time(client: &Client) -> Timestamp {
    let next = client.schedules().get("s0000")["next"][0].as_str().and_then(Timestamp::parse_rfc3339);
    next.unwrap()
}

/// Milliseconds that the median of all rounds took.
fn median(mut run: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS).map(|_| time(&mut run)).collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}

#[expect(clippy::disallowed_methods, reason = "this runs on the machine, where clocks work")]
fn time(run: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    run();
    begun.elapsed().as_secs_f64() * 1_000.0
}
