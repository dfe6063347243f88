//! Schedules: what makes a job at which times.
//!
//! A *fire time* is a time that a schedule's cron names; a *firing* is what becomes of one. A tick plans the firings that
//! are due, takes those it has room for, fires them and records each: all of it is decided here, from the time that the tick
//! was planned for, which is the only clock of a firing.

mod backfill;
mod definition;
mod jitter;
mod name;
mod overlap;
mod plan;
mod run;
mod settle;
pub mod statements;
mod tick_time;
mod timing;
mod view;

pub use backfill::{BackfillRequest, fire_times};
pub use definition::{Definition, Work};
pub use jitter::{Hold, hold};
pub use name::{ScheduleName, UnreadableName};
pub use overlap::{Overlap, Turn};
pub use plan::{DueSchedule, Plan, PlannedRun, Step, plan};
pub use run::{Outcome, RunView, RunsView};
pub use settle::{Ending, ScheduleChange};
pub use tick_time::tick_time;
pub use timing::{CatchUp, CatchUpPolicy, Timing};
pub use view::{Origin, Paused, Precondition, ScheduleRow, ScheduleView, SchedulesView};
