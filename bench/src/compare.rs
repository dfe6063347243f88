//! The same work for every system, in rounds. The order changes from round to round, so that a machine that is busy for a
//! while, or gets warm, is so for each of them alike.

use std::io;

use serde::Serialize;

use crate::outcome::{About, Bulk, Latencies, Outcome};
use crate::progress::Progress;
use crate::stats::{Spread, percentile};
use crate::system::System;
use crate::work::Work;

/// What all rounds of one system with one work came to.
#[derive(Clone, Debug, Serialize)]
pub struct Column {
    /// The system's name.
    pub system: &'static str,
    /// What it had to do.
    pub work: Work,
    /// Tasks promised per second.
    pub accepted_per_s: Option<Spread>,
    /// Tasks done and counted per second, from the first byte on.
    pub settled_per_s: Option<Spread>,
    /// The most memory in use, in bytes.
    pub memory: Option<Spread>,
    /// The same of a job's ledger, in bytes. Only of MonoTask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger_bytes: Option<Spread>,
    /// What asking for a job takes, in ms. Only of MonoTask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_ms: Option<Spread>,
    /// Tasks that ran more than once.
    pub repeated: Option<Spread>,
    /// How the system was made and set for this work.
    pub about: About,
    /// Each run.
    pub runs: Vec<Outcome<Bulk>>,
}

impl Column {
    fn of(system: System, work: Work, about: About, runs: Vec<Outcome<Bulk>>) -> Self {
        // Rounds before one that broke say nothing of the system as it is.
        let all_done = runs.iter().all(|run| run.done().is_some());
        let spread = |figure: &dyn Fn(&Bulk) -> Option<f64>| {
            Spread::of(runs.iter().filter_map(Outcome::done).filter_map(figure)).filter(|_| all_done)
        };
        let per_s = |ms: f64| f64::from(work.tasks) / ms * 1e3;
        Self {
            system: system.name(),
            work,
            accepted_per_s: spread(&|run| Some(per_s(run.accepted_ms))),
            settled_per_s: spread(&|run| Some(per_s(run.settled_ms))),
            memory: spread(&|run| Some(run.memory as f64)),
            ledger_bytes: spread(&|run| Some(run.ledger?.bytes as f64)),
            status_ms: spread(&|run| Some(run.ledger?.status_ms)),
            repeated: spread(&|run| Some(run.repeated as f64)),
            about,
            runs,
        }
    }

    /// Why there are no figures, if there are none.
    pub fn why_not(&self) -> Option<&str> {
        self.runs.iter().rev().find_map(Outcome::why_not)
    }
}

/// What single tasks take.
#[derive(Clone, Debug, Serialize)]
pub struct SingleTasks {
    /// The system's name.
    pub system: &'static str,
    /// Half of the tasks were done within so many ms, in each round.
    pub p50_ms: Option<Spread>,
    /// 99 of 100 were.
    pub p99_ms: Option<Spread>,
    /// Each round.
    pub runs: Vec<Outcome<Latencies>>,
}

/// The systems in the order of round `round`: each has every place in turn, then the same backwards.
fn order(systems: &[System], round: usize) -> Vec<System> {
    let mut systems = systems.to_vec();
    let count = systems.len().max(1);
    systems.rotate_left(round % count);
    if round / count % 2 == 1 {
        systems.reverse();
    }
    systems
}

/// Every system does every work, `rounds` times. One that is missing or breaks is not asked for the same again.
///
/// # Errors
/// A peer's program that does not keep to the rules.
pub fn bulk(systems: &[System], works: &[Work], rounds: usize, progress: &Progress) -> io::Result<Vec<Column>> {
    let mut columns = Vec::new();
    for work in works {
        let mut found: Vec<(System, About, Vec<Outcome<Bulk>>)> =
            systems.iter().map(|system| (*system, About::default(), Vec::new())).collect();
        for round in 0..rounds {
            for system in order(systems, round) {
                let Some((_, about, runs)) = found.iter_mut().find(|(of, ..)| *of == system) else { continue };
                if runs.iter().any(|run| run.done().is_none()) {
                    progress.pass();
                    continue;
                }
                progress.begin(&format!("{}, {}", work.name(), system.title()));
                let (outcome, said) = system.bulk(*work)?;
                progress.note(&bulk_in_words(work, system, &outcome));
                runs.push(outcome);
                *about = said.unwrap_or_default();
            }
        }
        columns.extend(found.into_iter().map(|(system, about, runs)| Column::of(system, *work, about, runs)));
    }
    Ok(columns)
}

/// Every system does single tasks, one after the other.
///
/// # Errors
/// As [`bulk`].
pub fn single_tasks(
    systems: &[System],
    tasks: u32,
    rounds: usize,
    progress: &Progress,
) -> io::Result<Vec<SingleTasks>> {
    let mut runs: Vec<(System, Vec<Outcome<Latencies>>)> = systems.iter().map(|system| (*system, Vec::new())).collect();
    for round in 0..rounds {
        for system in order(systems, round) {
            let Some((_, runs)) = runs.iter_mut().find(|(of, _)| *of == system) else { continue };
            if runs.iter().any(|run| run.done().is_none()) {
                progress.pass();
                continue;
            }
            progress.begin(&format!("single tasks, {}", system.title()));
            let outcome = system.latency(tasks)?;
            if let Some(Latencies { ms: all }) = outcome.done() {
                progress.note(&format!(
                    "{}: p50 {:.1} ms, p99 {:.1} ms",
                    system.title(),
                    percentile(all, 50.0),
                    percentile(all, 99.0)
                ));
            }
            runs.push(outcome);
        }
    }
    let summary = |(system, runs): (System, Vec<Outcome<Latencies>>)| {
        let spread =
            |percent: f64| Spread::of(runs.iter().filter_map(|run| Some(percentile(&run.done()?.ms, percent))));
        SingleTasks { system: system.name(), p50_ms: spread(50.0), p99_ms: spread(99.0), runs }
    };
    Ok(runs.into_iter().map(summary).collect())
}

fn bulk_in_words(work: &Work, system: System, outcome: &Outcome<Bulk>) -> String {
    let per_s = |ms: f64| f64::from(work.tasks) / ms * 1e3;
    let what = match outcome {
        Outcome::Done(run) => format!(
            "{:.0} accepted/s, {:.0} settled/s, {} MB",
            per_s(run.accepted_ms),
            per_s(run.settled_ms),
            run.memory / 1_000_000
        ),
        Outcome::Broke { problem } => format!("broke: {problem}"),
        Outcome::Skipped { why } => format!("skipped: {why}"),
    };
    format!("{}, {}: {what}", work.name(), system.title())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_has_every_place_in_turn() {
        let systems = System::all();
        let orders: Vec<Vec<System>> = (0..2 * systems.len()).map(|round| order(&systems, round)).collect();
        for at in 0..systems.len() {
            for system in &systems {
                let in_first_turns = orders[..systems.len()].iter().any(|order| order[at] == *system);
                assert!(in_first_turns, "{system:?} never has place {at}");
            }
        }
        for (at, order) in orders.iter().enumerate() {
            assert!(!orders[..at].contains(order), "round {at} repeats an order");
        }
    }
}
