//! `monotask schedules list`: all schedules.

use clap::Args;
use domain::time::Timestamp;

use super::fire_times::{FireTimes, ahead};
use super::name::ScheduleName;
use super::view::ScheduleView;
use crate::columns::{Column, columns, width};
use crate::commands::{Format, to_type};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::moment::now;
use crate::output::{print, tell};
use crate::pages::{List, Pages};
use crate::server::Server;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask schedules list
  monotask schedules list --limit 200 --json | jq -r '.schedules[] | select(.paused).name'

`next` is in the time zone of the schedule; one that is paused has none. A narrow terminal shows fewer columns; --json
has all of it.";

/// The arguments of `monotask schedules list`.
#[derive(Debug, Args)]
pub(crate) struct ScheduleList {
    /// At most this many schedules
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

const HEAD: [Column; 7] = [
    Column::Text("name"),
    Column::Text("cron"),
    Column::Spare("timezone"),
    Column::Spare("generator"),
    Column::Text("next"),
    Column::Spare("in"),
    Column::Text("state"),
];

impl ScheduleList {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let list = List { path: "/v1/schedules".to_owned(), entries: "schedules", filter: Vec::new() };
        let entries = Pages::new(server, list).first(self.limit)?;
        if format == Format::Json {
            return print(&entries.json()).map(|()| Exit::Fine);
        }
        let schedules: Vec<ScheduleView> = entries.read(server)?;
        let Some(first) = schedules.first() else {
            tell("there are no schedules; `monotask schedules put` makes one");
            return Ok(Exit::Fine);
        };
        let rows: Vec<_> = schedules.iter().map(|schedule| row(schedule, now())).collect();
        print(&columns(&HEAD, &rows, width()))?;
        if entries.more {
            tell("there are more schedules: --limit shows more of them");
        }
        if let Ok(name) = first.name.parse::<ScheduleName>() {
            tell(&format!("one of them whole: {}", to_type("schedules show", name, server.address())));
        }
        Ok(Exit::Fine)
    }
}

fn row(schedule: &ScheduleView, now: Timestamp) -> Vec<String> {
    let next = schedule.next().next().filter(|_| !schedule.paused);
    let local = |at| FireTimes::of(&schedule.cron, &schedule.timezone).local(at);
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    vec![
        schedule.name.clone(),
        schedule.cron.clone(),
        schedule.timezone.clone(),
        schedule.generator.clone(),
        or_none(next.map(local)),
        or_none(next.map(|at| ahead(at.since(now)))),
        schedule.state(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::schedules::view::tests::schedule;

    #[test]
    fn the_next_fire_time_is_local_with_how_far_ahead_it_is_unless_it_is_paused() {
        let now = Timestamp::parse_rfc3339("2027-03-26T02:00:00Z").unwrap();
        let next = |paused: bool| row(&schedule(&format!(r#","paused":{paused}"#)), now)[4..6].to_vec();
        assert_eq!(next(false), ["2027-03-27T02:30:00+01:00", "23 h"]);
        assert_eq!(next(true), ["-", "-"]);
    }
}
