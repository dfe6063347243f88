//! The command line.

use std::ffi::{OsStr, OsString};

use clap::builder::Resettable;
use clap::{Arg, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use domain::id::{JobId, TaskId};

use crate::address::Address;
use crate::commands::cancel::Target;
use crate::commands::{audit, dead, jobs, journal, replays, results, schedules, submit};

const EXAMPLES: &str = "\
Examples:
  monotask submit tasks.ndjson --watch
  job=$(monotask submit tasks.ndjson --lane bulk) && monotask watch \"$job\"
  monotask results \"$job\" --status dead
  monotask dead groups
  monotask schedules list

Exit codes:
  0    fine
  1    the job that was watched ended with dead or canceled tasks; of a replay that was watched letters died again,
       were refused or canceled, or it halted; or an audit found differences; or nothing was done because you said no
  2    the command line, or a file it names, is wrong
  3    the server refused the request (4xx)
  4    the server cannot be reached, or is in trouble (5xx), if only for some of the jobs that an audit is of
  130  interrupted by Ctrl-C";

/// Submit bulk tasks to MonoTask and follow them.
#[derive(Debug, Parser)]
#[command(name = "monotask", version, about, after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The MonoTask server
    #[arg(long, global = true, env = "MONOTASK_URL", value_name = "URL", default_value = Address::DEVELOPMENT)]
    pub(crate) url: Address,
    /// The API key; `dev-key` if the server runs on this machine
    #[arg(long, global = true, env = "MONOTASK_KEY", value_name = "KEY", hide_env_values = true)]
    pub(crate) key: Option<String>,
    /// Print JSON for programs on standard output, and nothing else
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Submit a file of tasks as a job and print the job's id
    #[command(after_help = submit::EXAMPLES)]
    Submit(submit::Submit),
    /// Show a job's progress until it ends
    #[command(after_help = "\
Examples:
  monotask watch 0199f0c2a0007abc8def0123456789ab
  monotask watch \"$job\" --json | jq .counts

Ends with exit code 1 if tasks are dead or canceled. Ctrl-C stops watching; the job goes on.")]
    Watch {
        /// The job's id
        job: JobId,
    },
    /// Show where a job is and how many of its tasks are where
    #[command(after_help = "\
Examples:
  monotask job 0199f0c2a0007abc8def0123456789ab
  monotask job \"$job\" --json | jq .counts.dead")]
    Job {
        /// The job's id
        job: JobId,
    },
    /// Print what became of each task of a job, a line of JSON each
    #[command(after_help = results::EXAMPLES)]
    Results(results::Results),
    /// Show one task with its payload and the errors of all its attempts
    #[command(after_help = "\
Examples:
  monotask task 0199f0c2a0007abc8def0123456789ab-42
  monotask task \"$job-42\" --json | jq .history")]
    Task {
        /// The task's id: the job's id, a hyphen, and the task's place in the job, counted from 0
        task: TaskId,
    },
    /// Cancel a job, or one task of it: what waits never runs, what runs finishes
    #[command(after_help = "\
Examples:
  monotask cancel 0199f0c2a0007abc8def0123456789ab
  monotask cancel \"$job-42\"")]
    Cancel {
        /// The id of a job or of a task
        target: Target,
    },
    /// Recount a job, or every listed job, from what is stored and compare with its counts
    #[command(after_help = audit::EXAMPLES)]
    Audit(audit::AuditArgs),
    /// List jobs, newest first
    #[command(after_help = jobs::EXAMPLES)]
    Jobs(jobs::Jobs),
    /// Dead letters: which causes there are; replay or discard them
    #[command(subcommand, after_help = dead::EXAMPLES)]
    Dead(Box<dead::Dead>),
    /// Replays of dead letters: where they are, what became of each letter
    #[command(subcommand, after_help = replays::EXAMPLES)]
    Replays(replays::Replays),
    /// Schedules: jobs that are made again and again, at the times of a cron expression
    #[command(subcommand, after_help = schedules::EXAMPLES)]
    Schedules(schedules::Schedules),
    /// List what was done with dead letters, newest first, and how to undo it
    #[command(after_help = journal::EXAMPLES)]
    Journal(journal::Journal),
}

impl Cli {
    /// The command line as it was typed. A variable that is set to nothing counts as not set.
    pub(crate) fn read() -> Self {
        let matches = Self::in_environment(|name| std::env::var_os(name)).get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    fn in_environment(variable: impl Fn(&OsStr) -> Option<OsString>) -> clap::Command {
        let is_empty = |arg: &Arg| arg.get_env().and_then(&variable).is_some_and(|value| value.is_empty());
        Self::command().mut_args(|arg| if is_empty(&arg) { arg.env(Resettable::Reset) } else { arg })
    }
}

#[cfg(test)]
mod tests {
    use clap::error::ErrorKind;

    use super::*;

    const JOB: &str = "0199f0c2a0007abc8def0123456789ab";

    fn parse(args: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(std::iter::once("monotask").chain(args.iter().copied()))
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_examples() {
        fn check(parent: &str, command: &clap::Command) {
            for command in command.get_subcommands() {
                let name = format!("{parent} {}", command.get_name());
                let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(help.contains(&name), "{name}");
                check(&name, command);
            }
        }
        check("monotask", &Cli::command());
    }

    #[test]
    fn help_lists_every_exit_code() {
        use crate::exit::Exit::{Fine, Interrupted, Refused, TasksFailed, Unavailable, Usage};
        for exit in [Fine, TasksFailed, Usage, Refused, Unavailable, Interrupted] {
            assert!(EXAMPLES.contains(&format!("\n  {:<4} ", exit as u8)), "{exit:?}");
        }
    }

    #[test]
    fn global_options_may_stand_anywhere() {
        for args in [["--json", "job", JOB], ["job", "--json", JOB], ["job", JOB, "--json"]] {
            assert!(parse(&args).unwrap().global.json);
        }
    }

    #[test]
    fn what_is_no_id_is_a_usage_error_that_says_what_an_id_is() {
        for args in [["job", "7"], ["watch", "latest"], ["task", JOB]] {
            let error = parse(&args).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ValueValidation);
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains("32 lower-case hexadecimal digits"), "{error}");
        }
    }

    #[test]
    fn an_audit_is_of_a_job_or_of_all() {
        for (args, fits) in [(&["audit"][..], false), (&["audit", JOB], true), (&["audit", "--all"], true)] {
            assert_eq!(parse(args).is_ok(), fits, "{args:?}");
        }
        assert_eq!(parse(&["audit", JOB, "--all"]).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn unknown_states_and_sources_are_usage_errors_that_list_the_known() {
        for (args, known) in [
            (["jobs", "--state", "done"], "[possible values: open, running, completed, canceled]"),
            (["jobs", "--source", "me"], "[possible values: api, cron, replay]"),
        ] {
            let error = parse(&args).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains(known), "{error}");
        }
    }

    #[test]
    fn a_variable_that_is_set_to_nothing_is_not_looked_at() {
        let looked_at = |value: &'static str| {
            let command = Cli::in_environment(|_| Some(value.into()));
            command.get_arguments().filter(|arg| arg.get_env().is_some()).count()
        };
        assert_eq!((looked_at(""), looked_at("http://a")), (0, 2));
    }

    #[test]
    fn a_key_in_the_environment_is_not_shown_in_help() {
        let help = Cli::command().render_long_help().to_string();
        assert!(help.contains("[env: MONOTASK_KEY]"), "{help}");
    }
}
