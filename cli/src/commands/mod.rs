//! One file for each command.

pub(crate) mod audit;
pub(crate) mod cancel;
mod job;
pub(crate) mod jobs;
pub(crate) mod results;
pub(crate) mod submit;
mod task;
mod watch;

use domain::id::JobId;

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
    let server = Server::of(&cli.global)?;
    let format = if cli.global.json { Format::Json } else { Format::Text };
    match cli.command {
        Command::Submit(submit) => submit.run(&server, format),
        Command::Watch { job } => watch::run(&server, job, format),
        Command::Job { job } => job::run(&server, job, format),
        Command::Results(results) => results.run(&server),
        Command::Cancel { target } => cancel::run(&server, target, format),
        Command::Audit(audit) => audit.run(&server, format),
        Command::Jobs(jobs) => jobs.run(&server, format),
        Command::Task { task } => task::run(&server, task, format),
    }
}

/// A command on this job at this server, to be typed.
fn to_type(command: &str, job: JobId, address: &Address) -> String {
    let url = if address.is_default() { String::new() } else { format!(" --url {address}") };
    format!("monotask {command} {job}{url}")
}
