//! What is said to the index of schedules, in SQL. Each statement is one transaction by itself; those that belong together
//! are run as one. Every answer is one column of JSON, `text`.

mod definitions;
mod firings;
mod runs;
mod tick;

pub use definitions::{delete, forget_config, list, pause, put, resume, show};
pub use firings::{load, pause_failing, record, settle};
pub use runs::{RunRow, add_run, backfill, remove_run, runs};
pub use tick::{TakenRow, TickRow, due, insert_runs, move_on, reap, take};
