//! A simulation of MonoTask past one machine: the real packing, ledgers and retries within Cloudflare's published limits.
//!
//! [`world::run`] plays a [`plan::Plan`] event by event. What decides is `domain`: tasks are read and packed by
//! [`domain::submission`], every job has a [`domain::ledger::Ledger`] that is called as the Workers call it, verdicts and
//! waits are those of [`domain::verdict`] and [`domain::retry`]. What is modelled is the platform around it ([`limits`]),
//! and what nobody publishes of it is in one place ([`assumptions`]).

mod agenda;
mod archiving;
pub mod assumptions;
mod consuming;
mod database;
pub mod document;
pub mod downstream;
pub mod gauges;
pub mod ledger_object;
mod ledgers;
pub mod limiter;
pub mod limits;
pub mod moment;
pub mod numbers;
pub mod plan;
pub mod plots;
pub mod queue;
mod sending;
pub mod slots;
pub mod study;
pub mod summary;
pub mod uses;
pub mod workload;
pub mod world;
