//! `monotask`: submit bulk tasks and follow them, from a terminal or a script.
#![allow(clippy::disallowed_methods, reason = "the clocks banned for the Workers exist here")]

mod address;
mod args;
mod columns;
mod commands;
mod confirm;
mod etag;
mod exit;
mod failure;
mod idempotency_key;
mod interrupt;
mod moment;
mod output;
mod pages;
mod pretty;
mod problem;
mod progress;
mod retry;
mod server;
mod shown;
mod span;
mod table;

use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = args::Cli::read();
    match commands::run(cli) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            let exit = failure.exit();
            if exit != exit::Exit::Fine {
                output::tell(&format!("error: {failure}"));
            }
            exit.into()
        }
    }
}
