//! One file for each command.

pub(crate) mod audit;
pub(crate) mod cancel;
pub(crate) mod dead;
mod failed_attempt;
mod follow;
mod job;
pub(crate) mod jobs;
pub(crate) mod journal;
pub(crate) mod replays;
pub(crate) mod results;
pub(crate) mod schedules;
pub(crate) mod submit;
mod task;
mod watch;

use std::fmt;

use crate::address::Address;
use crate::args::{Cli, Command};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::server::Server;

/// How a command says what it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// In words.
    Text,
    /// As JSON.
    Json,
}

/// Does what the command line says.
pub(crate) fn run(cli: Cli) -> Result<Exit, Failure> {
    let server = || Server::of(&cli.global);
    let format = if cli.global.json { Format::Json } else { Format::Text };
    match cli.command {
        Command::Submit(submit) => submit.run(&server()?, format),
        Command::Watch { job } => watch::run(&server()?, job, format),
        Command::Job { job } => job::run(&server()?, job, format),
        Command::Results(results) => results.run(&server()?),
        Command::Cancel { target } => cancel::run(&server()?, target, format),
        Command::Audit(audit) => audit.run(&server()?, format),
        Command::Jobs(jobs) => jobs.run(&server()?, format),
        Command::Task { task } => task::run(&server()?, task, format),
        Command::Dead(dead) => dead.run(&server()?, format),
        Command::Replays(replays) => replays.run(&server()?, format),
        Command::Schedules(schedules) => schedules.run(server, format),
        Command::Journal(journal) => journal.run(&server()?, format),
    }
}

/// A command on this at this server, to be typed.
fn to_type(command: &str, of: impl fmt::Display, address: &Address) -> String {
    let url = if address.is_default() { String::new() } else { format!(" --url {address}") };
    format!("monotask {command} {of}{url}")
}
