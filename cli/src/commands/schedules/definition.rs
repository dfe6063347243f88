//! What a schedule is, as it is typed.

use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use domain::lane::Lane;
use serde_json::{Value, json};

use super::failure::ScheduleFailure;
use super::generator::{Generator, Input};
use crate::failure::Failure;
use crate::span;

/// What a schedule is, as it is typed.
#[derive(Debug, Args)]
#[command(next_help_heading = "The schedule")]
pub(super) struct Definition {
    /// When it fires: minute, hour, day of the month, month, day of the week
    #[arg(long, value_name = "CRON", conflicts_with = "file")]
    cron: Option<String>,
    /// The time zone that its times are in, such as Europe/Berlin; UTC if missing
    #[arg(long, value_name = "ZONE", conflicts_with = "file")]
    timezone: Option<String>,
    /// The lane its tasks travel in: high, default or bulk
    #[arg(long, conflicts_with = "file")]
    lane: Option<Lane>,
    /// What to do when it fires while its last job still runs
    #[arg(long, conflicts_with = "file", value_parser = PossibleValuesParser::new(["allow", "skip", "buffer_one"]))]
    overlap: Option<String>,
    /// Which fire times are made up for that were missed, as by an outage
    #[arg(long, conflicts_with = "file", value_parser = PossibleValuesParser::new(["none", "latest", "all"]))]
    catch_up: Option<String>,
    /// How long ago they may be, such as 6h
    #[arg(long, value_name = "SPAN", requires = "catch_up", conflicts_with = "file", value_parser = span::read)]
    catch_up_window: Option<Duration>,
    /// How many of them at most
    #[arg(long, value_name = "N", requires = "catch_up", conflicts_with = "file")]
    catch_up_max: Option<u64>,
    /// Fire up to this much later, at random, such as 30s
    #[arg(long, value_name = "SPAN", conflicts_with = "file", value_parser = span::read)]
    jitter: Option<Duration>,
    /// Pause after so many firings in a row that failed
    #[arg(long, value_name = "N", conflicts_with = "file")]
    pause_after: Option<u64>,
    /// Pause it; if missing, a new schedule is not paused and one that is there stays paused or not, as it is
    #[arg(long, conflicts_with = "file")]
    paused: bool,
    #[command(flatten)]
    generator: Generator,
}

impl Definition {
    /// The body of `PUT /v1/schedules/{name}`. Its text is put together here, so that the JSON of files stays as it was
    /// written.
    pub(super) fn body(&self) -> Result<String, Failure> {
        let cron = self.cron.as_ref().ok_or(ScheduleFailure::NothingToPut)?;
        let Input { generator, json } = self.generator.input()?;
        let fields = [
            ("cron", Some(json!(cron).to_string())),
            ("timezone", self.timezone.as_ref().map(|zone| json!(zone).to_string())),
            ("generator", Some(json!(generator).to_string())),
            ("input", Some(json)),
            ("lane", self.lane.map(|lane| json!(lane).to_string())),
            ("overlap", self.overlap.as_ref().map(|overlap| json!(overlap).to_string())),
            ("catch_up", self.catch_up().map(|catch_up| catch_up.to_string())),
            ("jitter_seconds", self.jitter.map(|span| span.as_secs().to_string())),
            ("pause_after_failures", self.pause_after.map(|failures| failures.to_string())),
            ("paused", self.paused.then(|| true.to_string())),
        ];
        let fields = fields.into_iter().filter_map(|(name, value)| Some(format!("{name:?}:{}", value?)));
        Ok(format!("{{{}}}", fields.collect::<Vec<_>>().join(",")))
    }

    fn catch_up(&self) -> Option<Value> {
        let mut catch_up = json!({ "policy": self.catch_up.as_ref()? });
        if let Some(window) = self.catch_up_window {
            catch_up["window_seconds"] = window.as_secs().into();
        }
        if let Some(max) = self.catch_up_max {
            catch_up["max"] = max.into();
        }
        Some(catch_up)
    }
}
