//! What MonoTask decides, free of any runtime: no clock, no I/O, no randomness of its own, no `worker`.
//!
//! The Workers perform what is decided here. ARCHITECTURE.md has the words and the numbered life of a task.

pub mod access;
pub mod audit;
pub mod bundle;
pub mod calendar;
pub mod calls;
pub mod dead_letter;
pub mod fingerprint;
pub mod generators;
#[cfg(test)]
mod golden;
pub mod id;
pub mod index_row;
pub mod indexes;
pub mod json_body;
mod json_error;
mod json_fields;
mod json_scan;
pub mod json_shape;
pub mod kinds;
pub mod lane;
pub mod ledger;
pub mod limits;
pub mod loopback;
pub mod origin;
pub mod outcome;
pub mod outgoing;
pub mod pack;
pub mod packing;
pub mod page;
pub mod quota;
pub mod replay;
pub mod results;
pub mod retry;
pub mod room;
pub mod schedule;
pub mod signature;
pub mod statement;
pub mod submission;
pub mod task;
pub mod time;
pub mod triage;
pub mod verdict;
pub mod views;
