//! `monotask schedules backfill`: past fire times make their jobs after all.

use clap::Args;
use serde::Deserialize;
use serde_json::json;

use super::failure::{Act, ScheduleFailure};
use super::name::ScheduleName;
use crate::commands::{Format, to_type};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::moment::{Moment, now};
use crate::output::{print, tell};
use crate::server::{Post, Server};
use crate::table::grouped;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask schedules backfill nightly --from 7d --to 1h
  monotask schedules backfill nightly --from 2027-01-15T00:00:00Z --to 2027-01-15T12:00:00+01:00

One job is made for each fire time between the two, both included, that made none yet: the same command again makes no
second one. Times are RFC 3339, or spans back from now such as 30m, 12h or 7d.";

/// The arguments of `monotask schedules backfill`.
#[derive(Debug, Args)]
pub(crate) struct Backfill {
    /// The schedule's name
    name: ScheduleName,
    /// The first fire time, or a time before it
    #[arg(long, value_name = "TIME")]
    from: Moment,
    /// The last fire time, or a time after it; not in the future
    #[arg(long, value_name = "TIME")]
    to: Moment,
}

/// What will be done.
#[derive(Deserialize)]
struct Begun {
    firings: u64,
}

impl Backfill {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let (name, now) = (self.name, now());
        let [from, to] = [self.from, self.to].map(|moment| moment.resolve(now).to_string());
        let body = json!({ "from": from, "to": to }).to_string();
        let post = Post {
            url: server.address().join(&format!("{}/backfill", name.path()), &[]),
            content_type: "application/json",
            idempotency_key: None,
            body: body.as_bytes(),
        };
        // Called again it would count only what the first call left.
        let answer = server.post_once(&post).inspect_err(|failure| {
            if failure.leaves_open() {
                tell("it is not known whether jobs will be made; the same command again makes none twice");
            }
        });
        let answer = answer.map_err(|failure| ScheduleFailure::of(failure, Act::Backfill, &name))?;
        let firings = server.parse::<Begun>(&answer)?.firings;
        match format {
            Format::Json => print(&answer)?,
            Format::Text => print(&text(firings, &from, &to))?,
        }
        if firings > 0 {
            tell(&format!("to see them: {}", to_type("schedules runs", &name, server.address())));
        }
        Ok(Exit::Fine)
    }
}

fn text(firings: u64, from: &str, to: &str) -> String {
    match firings {
        0 => format!("no fire time from {from} to {to} is without its job: there is nothing to make"),
        1 => format!("1 job will be made, of a fire time from {from} to {to}, in the next minute"),
        _ => format!("{} jobs will be made, of fire times from {from} to {to}, in the next minutes", grouped(firings)),
    }
}
