//! A replay as the server shows it.

use domain::time::{Timestamp, rfc3339};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::id::ReplayId;
use crate::commands::follow::Followed;
use crate::exit::Exit;
use crate::progress::{UnderWay, counted};
use crate::table::{grouped, render, span};

/// `GET /v1/replays/{replay}` as far as it is shown.
#[derive(Debug, Deserialize)]
pub(super) struct ReplayView {
    pub(super) replay: ReplayId,
    pub(super) state: ReplayState,
    #[serde(default)]
    cancel_requested: bool,
    #[serde(default)]
    jobs: Vec<String>,
    pub(super) counts: Counts,
    #[serde(with = "rfc3339")]
    pub(super) created_at: Timestamp,
    #[serde(default, with = "rfc3339::option")]
    completed_at: Option<Timestamp>,
    key: Option<String>,
    pub(super) filter: Box<RawValue>,
    patch: Option<Box<RawValue>>,
    canary: Option<Box<RawValue>>,
    rate: Option<serde_json::Number>,
    #[serde(default)]
    force: bool,
    pub(super) halted: Option<Halted>,
}

/// Where a replay is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ReplayState {
    /// It sends, or waits for verdicts.
    Running,
    /// Too many of a stage failed.
    Halted,
    /// Every letter has its verdict.
    Completed,
    /// It was canceled.
    Canceled,
}

/// How many of its letters are where.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Counts {
    pub(super) frozen: u64,
    pub(super) waiting: u64,
    pub(super) pending: u64,
    pub(super) succeeded: u64,
    pub(super) died_again: u64,
    pub(super) refused: u64,
    pub(super) skipped: u64,
    pub(super) canceled: u64,
}

/// Why a replay halted.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Halted {
    stage: u64,
    failed: u64,
    of: u64,
}

impl ReplayState {
    /// The state's name in the API.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Halted => "halted",
            Self::Completed => "completed",
            Self::Canceled => "canceled",
        }
    }
}

impl Halted {
    /// The stage and its failures.
    pub(super) fn text(self) -> String {
        format!("{} of {} letters of stage {} failed", grouped(self.failed), grouped(self.of), self.stage)
    }
}

impl ReplayView {
    /// In words.
    pub(super) fn text(&self) -> String {
        let json = |json: &Option<Box<RawValue>>| json.as_ref().map(|json| json.get().to_owned());
        let completed = |at: Timestamp| format!("{at}, after {}", span(at.since(self.created_at)));
        let mut rows = vec![("replay", self.replay.to_string()), ("state", self.state())];
        let named = [
            ("created", Some(self.created_at.to_string())),
            ("completed", self.completed_at.map(completed)),
            ("key", self.key.clone()),
            ("filter", Some(self.filter.get().to_owned())),
            ("patch", json(&self.patch)),
            ("canary", json(&self.canary)),
            ("rate", self.rate.as_ref().map(|rate| format!("{rate} tasks/s"))),
            ("force", self.force.then(|| "also what succeeded late".to_owned())),
        ];
        rows.extend(named.into_iter().filter_map(|(name, value)| Some((name, value?))));
        rows.extend(self.jobs.iter().map(|job| ("job", job.clone())));
        let width = grouped(self.counts.frozen).len();
        let counts = self.counts.named().map(|(name, letters)| (name, format!("{:>width$}", grouped(letters))));
        rows.extend([("frozen", grouped(self.counts.frozen))].into_iter().chain(counts));
        render(&rows)
    }

    fn state(&self) -> String {
        match (self.state, self.halted) {
            (ReplayState::Running, _) if self.cancel_requested => "running, to be canceled".to_owned(),
            (ReplayState::Halted, Some(halted)) => format!("halted: {}", halted.text()),
            (state, _) => state.name().to_owned(),
        }
    }

    /// How it ended, as scripts see it.
    pub(super) fn exit(&self) -> Exit {
        let Counts { died_again, refused, canceled, .. } = self.counts;
        let fine = self.state == ReplayState::Completed && died_again + refused + canceled == 0;
        if fine { Exit::Fine } else { Exit::TasksFailed }
    }
}

impl Counts {
    /// All but the whole, by name.
    fn named(&self) -> [(&'static str, u64); 7] {
        [
            ("waiting", self.waiting),
            ("pending", self.pending),
            ("succeeded", self.succeeded),
            ("died again", self.died_again),
            ("refused", self.refused),
            ("skipped", self.skipped),
            ("canceled", self.canceled),
        ]
    }
}

impl Followed for ReplayView {
    fn has_ended(&self) -> bool {
        self.state != ReplayState::Running
    }
}

impl UnderWay for ReplayView {
    fn all(&self) -> u64 {
        self.counts.frozen
    }

    fn ended(&self) -> u64 {
        self.counts.frozen.saturating_sub(self.counts.waiting + self.counts.pending)
    }

    fn line(&self, rate: Option<u64>) -> String {
        let Counts { waiting, pending, succeeded, died_again, refused, skipped, canceled, .. } = self.counts;
        let canceling = self.cancel_requested.then(|| "to be canceled".to_owned());
        let mut parts: Vec<String> = canceling.into_iter().chain(counted(rate, &[])).collect();
        parts.push(format!("{} succeeded", grouped(succeeded)));
        let failed = [("died again", died_again), ("refused", refused), ("skipped", skipped), ("canceled", canceled)];
        parts.extend(counted(None, &failed));
        parts.extend(counted(None, &[("pending", pending), ("waiting", waiting)]));
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replay(state: &str, more: &str) -> ReplayView {
        let body = format!(
            r#"{{"replay":"0199f0c2a0007abc8def0123456789ab","state":"{state}","cancel_requested":false,"jobs":["j1"],
            "counts":{{"frozen":1200,"waiting":0,"sent":1200,"pending":0,"succeeded":1200,"died_again":0,"refused":0,
            "skipped":0,"canceled":0}},"created_at":"2027-01-15T08:00:00.000Z","key":"ops",
            "completed_at":"2027-01-15T08:00:01.500Z","filter":{{"fingerprint":"f1"}}{more}}}"#
        );
        serde_json::from_str(&body).unwrap()
    }

    #[test]
    fn a_replay_is_a_small_aligned_table() {
        let more = r#","patch":{"a":null},"canary":{"stages":[5]},"rate":10,"force":true"#;
        let expected = "\
replay      0199f0c2a0007abc8def0123456789ab
state       completed
created     2027-01-15T08:00:00.000Z
completed   2027-01-15T08:00:01.500Z, after 1.5 s
key         ops
filter      {\"fingerprint\":\"f1\"}
patch       {\"a\":null}
canary      {\"stages\":[5]}
rate        10 tasks/s
force       also what succeeded late
job         j1
frozen      1,200
waiting         0
pending         0
succeeded   1,200
died again      0
refused         0
skipped         0
canceled        0
";
        assert_eq!(replay("completed", more).text(), expected);
    }

    #[test]
    fn a_halt_says_why() {
        let text = replay("halted", r#","halted":{"stage":1,"failed":3,"of":5}"#).text();
        assert!(text.contains("\nstate       halted: 3 of 5 letters of stage 1 failed\n"), "{text}");
    }

    #[test]
    fn all_is_well_only_if_everything_succeeded_or_was_skipped() {
        let with = |change: fn(&mut ReplayView)| {
            let mut replay = replay("completed", "");
            change(&mut replay);
            replay.exit()
        };
        assert_eq!(with(|replay| replay.counts.skipped = 7), Exit::Fine);
        assert_eq!(with(|replay| replay.counts.died_again = 1), Exit::TasksFailed);
        assert_eq!(with(|replay| replay.counts.refused = 1), Exit::TasksFailed);
        assert_eq!(with(|replay| replay.counts.canceled = 1), Exit::TasksFailed);
        assert_eq!(with(|replay| replay.state = ReplayState::Halted), Exit::TasksFailed);
        assert_eq!(with(|replay| replay.state = ReplayState::Canceled), Exit::TasksFailed);
    }

    #[test]
    fn a_line_has_what_matters_first() {
        let mut replay = replay("running", "");
        (replay.counts.succeeded, replay.counts.died_again) = (1_000, 3);
        (replay.counts.pending, replay.counts.waiting) = (100, 97);
        assert_eq!(replay.line(Some(50)), "50/s, 1,000 succeeded, 3 died again, 100 pending, 97 waiting");
        assert_eq!((replay.ended(), replay.has_ended()), (1_003, false));
    }
}
