//! `monotask schedules next`: when a cron expression fires. Computed here, without a server.

use clap::Args;
use domain::calendar::Calendar;
use domain::time::Timestamp;
use serde_json::json;

use super::failure::ScheduleFailure;
use crate::columns::{Column, columns};
use crate::commands::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::moment::{Moment, now};
use crate::output::{print, tell};
use crate::table::second;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask schedules next \"0 9 * * 1-5\" --timezone Europe/Berlin
  monotask schedules next \"*/15 8-17 * * MON-FRI\" --count 40
  monotask schedules next \"30 2 * * *\" --timezone Europe/Berlin --from 2027-03-27T00:00:00Z
  monotask schedules next @monthly --json | jq -r '.next[].utc'

Five fields: minute, hour, day of the month, month, day of the week (0 and 7 are Sunday). Each is * or a list of numbers,
ranges such as 1-5 and steps such as */15; months and weekdays have names. L as the day is the last one of the month,
MON#2 the second Monday, 5L the last Friday. Or @hourly, @daily, @weekly, @monthly, @yearly.";

/// The arguments of `monotask schedules next`.
#[derive(Debug, Args)]
pub(crate) struct Next {
    /// Minute, hour, day of the month, month, day of the week
    cron: String,
    /// The time zone that its times are in, such as Europe/Berlin
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    timezone: String,
    /// How many fire times
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    count: u32,
    /// Those after this time: RFC 3339, or a span back from now such as 30m, 12h or 7d; now if missing
    #[arg(long, value_name = "TIME")]
    from: Option<Moment>,
}

const HEAD: [Column; 2] = [Column::Text("local"), Column::Text("UTC")];

impl Next {
    pub(super) fn run(self, format: Format) -> Result<Exit, Failure> {
        let calendar = Calendar::new(&self.cron, &self.timezone).map_err(ScheduleFailure::NoCalendar)?;
        let now = now();
        let after = self.from.map_or(now, |from| from.resolve(now));
        let times: Vec<Timestamp> = calendar.upcoming(after).take(self.count as usize).collect();
        if format == Format::Json {
            let next = |at: &Timestamp| json!({ "utc": at.to_string(), "local": calendar.local(*at) });
            let next: Vec<_> = times.iter().map(next).collect();
            let answer = json!({ "cron": self.cron, "timezone": self.timezone, "next": next });
            return print(&answer.to_string()).map(|()| Exit::Fine);
        }
        if times.is_empty() {
            tell("it does not fire after that time");
            return Ok(Exit::Fine);
        }
        let rows: Vec<_> = times.iter().map(|at| vec![calendar.local(*at), second(*at)]).collect();
        print(&columns(&HEAD, &rows, None))?;
        Ok(Exit::Fine)
    }
}
