//! `monotask schedules delete`: a schedule fires no more and is gone.

use clap::Args;
use serde_json::json;

use super::failure::{Act, ScheduleFailure};
use super::name::ScheduleName;
use crate::commands::{Format, to_type};
use crate::confirm::{can_ask, confirmed};
use crate::etag::{Condition, Etag};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::on_interrupt;
use crate::output::{print, tell};
use crate::server::Server;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask schedules delete nightly
  monotask schedules delete nightly --yes
  monotask schedules delete nightly --yes --if-match \"$etag\"

It asks first, unless --yes is given. The jobs that it made go on; its runs are kept. `monotask schedules pause` lets it
fire no more and keeps it. Ends with exit code 1 if you said no.";

/// The arguments of `monotask schedules delete`.
#[derive(Debug, Args)]
pub(crate) struct Delete {
    /// The schedule's name
    name: ScheduleName,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Only if it is still as `monotask schedules show` showed it with this etag
    #[arg(long, value_name = "ETAG")]
    if_match: Option<Etag>,
}

impl Delete {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let name = self.name;
        if !self.yes && !can_ask() {
            return Err(ScheduleFailure::NobodyToAsk.into());
        }
        if !self.yes && !confirmed(&format!("Delete the schedule {name}?"), "nothing was deleted") {
            return Ok(Exit::TasksFailed);
        }
        let condition = self.if_match.map(Condition::Unchanged);
        let show = to_type("schedules show", &name, server.address());
        let unknown = format!("it is not known whether it was deleted: `{show}` finds it if it was not");
        let last_words = unknown.clone();
        // From here on Ctrl-C no longer means that nothing is done.
        on_interrupt(move || tell(&last_words));
        let deleted = server.delete_once(&name.path(), condition.as_ref()).inspect_err(|failure| {
            if failure.leaves_open() {
                tell(&unknown);
            }
        });
        deleted.map_err(|failure| ScheduleFailure::of(failure, Act::Delete, &name))?;
        match format {
            Format::Json => print(&json!({ "deleted": name.to_string() }).to_string())?,
            Format::Text => print(&format!("deleted {name}"))?,
        }
        tell(&format!("its jobs go on, its runs are kept: {}", to_type("schedules runs", &name, server.address())));
        Ok(Exit::Fine)
    }
}
