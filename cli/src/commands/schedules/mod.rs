//! `monotask schedules`: jobs that are made again and again, at the times of a cron expression.

mod backfill;
mod definition;
mod delete;
mod failure;
mod fire_times;
mod generator;
mod list;
mod name;
mod next;
mod pause;
mod put;
mod resume;
mod run;
mod runs;
mod show;
mod source;
mod view;

use clap::Subcommand;

pub(crate) use self::failure::ScheduleFailure;
use super::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::server::Server;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask schedules next \"0 9 * * 1-5\" --timezone Europe/Berlin
  monotask schedules put nightly --cron \"0 2 * * *\" --timezone Europe/Berlin --tasks tasks.ndjson
  monotask schedules list
  monotask schedules runs nightly

A schedule makes a job at each of its fire times. Its name has 1 to 100 letters (A-Z, a-z), digits, `.`, `_` and `-`, the
first a letter or a digit. Those of config/schedules.toml are changed there, not here.";

/// What to do with schedules.
#[derive(Debug, Subcommand)]
pub(crate) enum Schedules {
    /// List schedules by name
    #[command(after_help = list::EXAMPLES)]
    List(list::ScheduleList),
    /// Show all of a schedule and when it fires next
    #[command(after_help = show::EXAMPLES)]
    Show(show::Show),
    /// Make a schedule, or change one
    #[command(after_help = put::EXAMPLES)]
    Put(Box<put::Put>),
    /// Delete a schedule; its jobs go on, its runs are kept
    #[command(after_help = delete::EXAMPLES)]
    Delete(delete::Delete),
    /// Make one job of a schedule now, also when it is paused
    #[command(after_help = run::EXAMPLES)]
    Run(run::Run),
    /// Let a schedule fire no more until it is resumed
    #[command(after_help = pause::EXAMPLES)]
    Pause(pause::Pause),
    /// Let a paused schedule fire again
    #[command(after_help = resume::EXAMPLES)]
    Resume(resume::Resume),
    /// List what became of a schedule's fire times, newest first
    #[command(after_help = runs::EXAMPLES)]
    Runs(runs::Runs),
    /// Make the jobs of fire times that are over and made none
    #[command(after_help = backfill::EXAMPLES)]
    Backfill(backfill::Backfill),
    /// Print when a cron expression fires next; this needs no server
    #[command(after_help = next::EXAMPLES)]
    Next(next::Next),
}

impl Schedules {
    pub(super) fn run(self, server: impl FnOnce() -> Result<Server, Failure>, format: Format) -> Result<Exit, Failure> {
        match self {
            Self::List(list) => list.run(&server()?, format),
            Self::Show(show) => show.run(&server()?, format),
            Self::Put(put) => put.run(&server()?, format),
            Self::Delete(delete) => delete.run(&server()?, format),
            Self::Run(run) => run.run(&server()?, format),
            Self::Pause(pause) => pause.run(&server()?, format),
            Self::Resume(resume) => resume.run(&server()?, format),
            Self::Runs(runs) => runs.run(&server()?, format),
            Self::Backfill(backfill) => backfill.run(&server()?, format),
            // Computed here: who only wants to know when has neither a server nor a key.
            Self::Next(next) => next.run(format),
        }
    }
}
