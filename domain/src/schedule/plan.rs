//! Planning: which fire times are due at a tick, and what becomes of each.

use std::time::Duration;

use super::{CatchUpPolicy, ScheduleName, Timing, hold};
use crate::calendar::Calendar;
use crate::time::Timestamp;

/// A schedule whose next fire time has come.
#[derive(Clone, Debug)]
pub struct DueSchedule {
    /// Its name.
    pub name: ScheduleName,
    /// When it fires.
    pub timing: Timing,
    /// Whether it is paused.
    pub paused: bool,
    /// Its next fire time, as stored.
    pub next_at: Timestamp,
}

/// What is to be stored of the fire times that are due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// A run for each, those of a schedule oldest first.
    pub runs: Vec<PlannedRun>,
    /// Each schedule's next fire time, as it was and as it is to be; `None` if there is none.
    pub moves: Vec<(ScheduleName, Timestamp, Option<Timestamp>)>,
}

/// One fire time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedRun {
    /// Its schedule.
    pub schedule: ScheduleName,
    /// The schedule's next fire time as it was: a run is planned from there once.
    pub next_at: Timestamp,
    /// The fire time.
    pub planned_at: Timestamp,
    /// What becomes of it.
    pub step: Step,
}

/// What becomes of a fire time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// This tick fires it.
    Fire,
    /// The first tick from then on fires it.
    Await(Timestamp),
    /// Nobody does.
    Skip(String),
    /// Nobody can.
    Fail(String),
}

/// A tick comes each minute: what it finds within that is on time.
const TICK: Duration = Duration::from_secs(60);
/// Skipped fire times of one gap that have a run each; the oldest of them speaks for those before it.
const SKIPPED: usize = 5;
/// Runs of one plan: one value of one statement, which may have 2 MB; a run has up to 250 bytes.
/// <https://developers.cloudflare.com/d1/platform/limits/>
const RUNS: usize = 6_000;

/// Plans what is due at `at`, in the order given, as far as one statement can store it; what is left is due at the next tick
/// still. `room`: how many firings this tick may take, those that are on time before those that are made up for.
pub fn plan(at: Timestamp, due: &[DueSchedule], room: usize) -> Plan {
    let mut plan = Plan::default();
    for schedule in due {
        let planned = plan.runs.len();
        let next = Planner { at, schedule, runs: &mut plan.runs }.plan();
        if plan.runs.len() > RUNS && planned > 0 {
            plan.runs.truncate(planned);
            break;
        }
        plan.moves.push((schedule.name.clone(), schedule.next_at, next));
    }
    let is_on_time = |run: &PlannedRun| at.since(run.planned_at) < TICK;
    let mut room = room;
    for on_time in [true, false] {
        for run in plan.runs.iter_mut().filter(|run| run.step == Step::Fire && is_on_time(run) == on_time) {
            match room.checked_sub(1) {
                Some(left) => room = left,
                None => run.step = Step::Await(at),
            }
        }
    }
    plan
}

/// Plans the fire times of one schedule.
struct Planner<'p> {
    at: Timestamp,
    schedule: &'p DueSchedule,
    runs: &'p mut Vec<PlannedRun>,
}

impl Planner<'_> {
    /// Adds its runs; its next fire time.
    fn plan(&mut self) -> Option<Timestamp> {
        let (at, next_at) = (self.at, self.schedule.next_at);
        let calendar = match self.schedule.timing.calendar() {
            Ok(calendar) => calendar,
            // It was one when it was saved: a time zone that a newer database has no more.
            Err(error) => {
                self.add(next_at, Step::Fail(format!("{error}; save the schedule again")));
                return None;
            }
        };
        let next = calendar.next(next_at);
        // One fire time since the last tick: how it should be.
        if next.is_none_or(|next| next > at) {
            self.add(next_at, self.step(next_at, 0));
            return next;
        }
        let first = self.runs.len();
        self.plan_gap(&calendar);
        self.runs[first..].reverse();
        calendar.next(at)
    }

    /// Adds a run for each fire time of a gap, from the newest back.
    fn plan_gap(&mut self, calendar: &Calendar) {
        let first = self.schedule.next_at;
        let mut skipped = 0;
        let mut found = calendar.last(self.at);
        for rank in 0.. {
            let Some(planned_at) = found.filter(|found| *found >= first) else { return };
            found = calendar.last(Timestamp::from_millis(planned_at.as_millis() - 1));
            let step = match self.step(planned_at, rank) {
                Step::Skip(reason) => {
                    skipped += 1;
                    if skipped == SKIPPED && found.is_some_and(|older| older >= first) {
                        self.add(planned_at, Step::Skip(format!("{reason}, as were all since {first}")));
                        return;
                    }
                    Step::Skip(reason)
                }
                step => step,
            };
            self.add(planned_at, step);
        }
    }

    fn add(&mut self, planned_at: Timestamp, step: Step) {
        let DueSchedule { name, next_at, .. } = self.schedule;
        self.runs.push(PlannedRun { schedule: name.clone(), next_at: *next_at, planned_at, step });
    }

    /// What becomes of the fire time `planned_at`, after which `rank` others are due.
    fn step(&self, planned_at: Timestamp, rank: u32) -> Step {
        let DueSchedule { name, timing, paused, .. } = self.schedule;
        if *paused {
            return Step::Skip("paused".to_owned());
        }
        let (late, catch_up) = (self.at.since(planned_at), &timing.catch_up);
        let is_caught_up = late <= catch_up.window()
            && match catch_up.policy {
                CatchUpPolicy::None => false,
                CatchUpPolicy::Latest => rank == 0,
                CatchUpPolicy::All => rank < catch_up.max,
            };
        if late >= TICK && !is_caught_up {
            return Step::Skip("missed".to_owned());
        }
        match planned_at.after(hold(name, planned_at, timing.jitter_seconds).tick) {
            due_at if due_at > self.at => Step::Await(due_at),
            _ => Step::Fire,
        }
    }
}

#[cfg(test)]
mod tests;
