//! Schedules at work: a tick plans what is due, takes what it has room for, fires it and records how it ended. What is decided
//! on the way is `domain::schedule`'s.

mod file;
mod fire;
mod make;
mod tick;

pub(crate) use file::{config_schedule, is_in_config};
pub(crate) use fire::{Firer, Taken};
pub(crate) use tick::fire_due;
