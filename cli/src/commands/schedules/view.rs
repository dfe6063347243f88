//! A schedule as the server shows it.

use std::time::Duration;

use domain::time::{Timestamp, rfc3339};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::fire_times::FireTimes;
use crate::etag::Etag;
use crate::pretty::pretty;
use crate::table::{escaped, grouped, render, span};

/// `GET /v1/schedules/{name}` as far as it is shown.
#[derive(Debug, Deserialize)]
pub(super) struct ScheduleView {
    pub(super) name: String,
    source: Source,
    pub(super) cron: String,
    pub(super) timezone: String,
    pub(super) generator: String,
    /// A list leaves it out.
    input: Option<Box<RawValue>>,
    lane: String,
    overlap: String,
    catch_up: CatchUp,
    jitter_seconds: u64,
    pause_after_failures: Option<u64>,
    pub(super) paused: bool,
    paused_by: Option<PausedBy>,
    failures: u64,
    pending: u64,
    last_job: Option<String>,
    #[serde(default, with = "rfc3339::option")]
    created_at: Option<Timestamp>,
    #[serde(default, with = "rfc3339::option")]
    updated_at: Option<Timestamp>,
    #[serde(default)]
    next: Vec<FireTime>,
}

/// Where a schedule is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Source {
    /// By the API.
    Api,
    /// In `config/schedules.toml`.
    Config,
}

/// Who paused a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PausedBy {
    /// Somebody did.
    Hand,
    /// As many firings in a row failed as were allowed.
    Failures,
}

/// Which missed fire times are made up for.
#[derive(Debug, Deserialize)]
struct CatchUp {
    policy: String,
    window_seconds: u64,
    max: u64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct FireTime(#[serde(with = "rfc3339")] Timestamp);

impl ScheduleView {
    /// Its fire times to come, as far as the server tells them.
    pub(super) fn next(&self) -> impl Iterator<Item = Timestamp> {
        self.next.iter().map(|time| time.0)
    }

    /// Whether it fires, and if not, why.
    pub(super) fn state(&self) -> String {
        let failures = if self.failures == 1 { "failure" } else { "failures" };
        let mut state = match (self.paused, self.paused_by) {
            (true, Some(PausedBy::Hand)) => "paused by hand".to_owned(),
            (true, Some(PausedBy::Failures)) => format!("paused after {} {failures}", grouped(self.failures)),
            (true, None) => "paused".to_owned(),
            (false, _) => "active".to_owned(),
        };
        if !self.paused && self.failures > 0 {
            state = format!("{state} after {} {failures}", grouped(self.failures));
        }
        if self.source == Source::Config { format!("{state}, config") } else { state }
    }

    /// Its fire times to come, a line each.
    pub(super) fn fires_next(&self) -> String {
        let times = FireTimes::of(&self.cron, &self.timezone);
        let rows: Vec<_> = self.next().map(|at| ("next", times.both(at))).collect();
        render(&rows)
    }

    /// In words; `etag` is which version of it this is.
    pub(super) fn text(&self, etag: Option<&Etag>) -> String {
        let seconds = |seconds| span(Duration::from_secs(seconds));
        let source = match self.source {
            Source::Api => "api",
            Source::Config => "config/schedules.toml",
        };
        let pause_after = |failures| format!("{} failures in a row", grouped(failures));
        let named = [
            ("name", Some(self.name.clone())),
            ("source", Some(source.to_owned())),
            ("state", Some(self.state())),
            ("cron", Some(self.cron.clone())),
            ("timezone", Some(self.timezone.clone())),
            ("lane", Some(self.lane.clone())),
            ("overlap", Some(self.overlap.replace('_', " "))),
            ("catch up", Some(self.catch_up.text())),
            ("jitter", (self.jitter_seconds > 0).then(|| format!("up to {}", seconds(self.jitter_seconds)))),
            ("pause after", self.pause_after_failures.map(pause_after)),
            ("failures", Some(grouped(self.failures))),
            ("pending", Some(grouped(self.pending))),
            ("last job", self.last_job.clone()),
            ("created", self.created_at.map(|at| at.to_string())),
            ("changed", self.updated_at.map(|at| at.to_string())),
            ("etag", etag.map(|etag| etag.bare().to_owned())),
        ];
        let times = FireTimes::of(&self.cron, &self.timezone);
        let named = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let next = self.next().map(|at| ("next", times.both(at)));
        let rows: Vec<_> = named.chain(next).chain([("generator", self.generator.clone())]).collect();
        let input = self.input.as_ref().map(|input| pretty(input.get())).unwrap_or_default();
        let input: String = input.lines().map(|line| format!("  {}\n", escaped(line))).collect();
        format!("{}{input}", render(&rows))
    }
}

impl CatchUp {
    fn text(&self) -> String {
        if self.policy == "none" {
            return self.policy.clone();
        }
        let window = span(Duration::from_secs(self.window_seconds));
        format!("{}, of at most {window} ago, {} at most", self.policy, grouped(self.max))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::commands::schedules) fn schedule(more: &str) -> ScheduleView {
        let body = format!(
            r#"{{"name":"nightly","source":"api","cron":"30 2 * * *","timezone":"Europe/Berlin","generator":"template",
            "lane":"bulk","overlap":"buffer_one","catch_up":{{"policy":"latest","window_seconds":21600,"max":100}},
            "jitter_seconds":30,"pause_after_failures":3,"failures":2,"pending":1,
            "last_job":"0199f0c2a0007abc8def0123456789ab","created_at":"2027-01-15T08:00:00.000Z",
            "updated_at":"2027-01-16T08:00:00.000Z",
            "next":["2027-03-27T01:30:00.000Z","2027-03-28T01:00:00.000Z"]{more}}}"#
        );
        serde_json::from_str(&body).unwrap()
    }

    #[test]
    fn a_schedule_is_shown_whole_its_times_as_clocks_show_them_there() {
        let input = r#","paused":false,"input":{"task":{"kind":"simulate","payload":{"n":1.50,"at":"\u001b[2J"}}}"#;
        let expected = "\
name         nightly
source       api
state        active after 2 failures
cron         30 2 * * *
timezone     Europe/Berlin
lane         bulk
overlap      buffer one
catch up     latest, of at most 6 h 0 min ago, 100 at most
jitter       up to 30.0 s
pause after  3 failures in a row
failures     2
pending      1
last job     0199f0c2a0007abc8def0123456789ab
created      2027-01-15T08:00:00.000Z
changed      2027-01-16T08:00:00.000Z
etag         e1
next         2027-03-27T02:30:00+01:00  2027-03-27T01:30:00Z
next         2027-03-28T03:00:00+02:00  2027-03-28T01:00:00Z
generator    template
  {
    \"task\": {
      \"kind\": \"simulate\",
      \"payload\": {
        \"n\": 1.50,
        \"at\": \"\\u001b[2J\"
      }
    }
  }
";
        assert_eq!(schedule(input).text(Some(&"e1".parse().unwrap())), expected);
    }

    #[test]
    fn the_state_says_why_it_does_not_fire_and_where_it_is_changed() {
        let state = |paused: bool, by: Option<PausedBy>, failures: u64, source: Source| {
            let mut schedule = schedule(r#","paused":false"#);
            (schedule.paused, schedule.paused_by, schedule.failures, schedule.source) = (paused, by, failures, source);
            schedule.state()
        };
        for (paused, by, failures, source, text) in [
            (false, None, 0, Source::Api, "active"),
            (false, None, 1, Source::Api, "active after 1 failure"),
            (false, None, 0, Source::Config, "active, config"),
            (true, Some(PausedBy::Hand), 7, Source::Api, "paused by hand"),
            (true, Some(PausedBy::Failures), 3, Source::Config, "paused after 3 failures, config"),
            (true, None, 0, Source::Api, "paused"),
        ] {
            assert_eq!(state(paused, by, failures, source), text);
        }
    }

    #[test]
    fn what_is_not_made_up_for_has_no_limits() {
        let mut schedule = schedule(r#","paused":true"#);
        schedule.catch_up.policy = "none".to_owned();
        assert!(schedule.text(None).contains("\ncatch up     none\n"), "{}", schedule.text(None));
    }
}
