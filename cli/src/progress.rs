//! A job's progress on standard error: a bar on a terminal, now and then a line elsewhere.

use std::collections::VecDeque;
use std::time::Duration;

use domain::ledger::{Counts, JobState};
use domain::views::JobView;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::tell;
use crate::table::grouped;

/// The least time between two lines.
const LINE_EVERY: Duration = Duration::from_secs(3);
/// The time that the rate is measured over.
const RATE_OVER: Duration = Duration::from_secs(5);

/// A job's progress as shown so far.
pub(crate) struct Progress {
    bar: ProgressBar,
    rate: Rate,
    said: Option<(Duration, String)>,
    noted: bool,
}

impl Progress {
    /// Begins to show the progress of a job of so many tasks.
    pub(crate) fn begin(tasks: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(tasks), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:20} {percent:>3} % of {human_len}  {wide_msg}") {
            bar.set_style(style);
        }
        Self { bar, rate: Rate::default(), said: None, noted: false }
    }

    /// The bar, for who has to clear it.
    pub(crate) fn bar(&self) -> ProgressBar {
        self.bar.clone()
    }

    /// Shows where the job is, `at` this long after the watch began.
    pub(crate) fn show(&mut self, job: &JobView, at: Duration) {
        let ended = ended(&job.counts);
        self.rate.note(at, ended);
        let line = line(job, self.rate.per_second());
        self.noted = false;
        if self.bar.is_hidden() {
            self.say(at, format!("{} of {} ended: {line}", grouped(ended), grouped(job.counts.accepted.into())));
        } else {
            self.bar.update(|bar| {
                bar.set_len(job.counts.accepted.into());
                bar.set_pos(ended);
            });
            self.bar.set_message(line);
        }
    }

    /// Says something besides, once until the next [`Self::show`].
    pub(crate) fn note(&mut self, text: &str) {
        if std::mem::replace(&mut self.noted, true) {
            return;
        }
        if self.bar.is_hidden() { tell(text) } else { self.bar.set_message(text.to_owned()) }
    }

    /// Clears the bar.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn say(&mut self, at: Duration, line: String) {
        let due = self.said.as_ref().is_none_or(|(said, before)| at >= *said + LINE_EVERY && *before != line);
        if due {
            tell(&line);
            self.said = Some((at, line));
        }
    }
}

fn ended(counts: &Counts) -> u64 {
    u64::from(counts.succeeded) + u64::from(counts.dead) + u64::from(counts.canceled)
}

/// The rate and the counts that are not zero, what matters most first: a narrow terminal cuts the end.
fn line(job: &JobView, rate: Option<u64>) -> String {
    let counts = &job.counts;
    let mut parts = Vec::new();
    if job.state == JobState::Open {
        parts.push("open: more tasks may come".to_owned());
    }
    parts.extend(rate.filter(|rate| *rate > 0).map(|rate| format!("{}/s", grouped(rate))));
    parts.push(format!("{} succeeded", grouped(counts.succeeded.into())));
    let others = [
        (counts.dead, "dead"),
        (counts.canceled, "canceled"),
        (counts.running, "running"),
        (counts.retrying, "retrying"),
    ];
    let others = others.into_iter().filter(|(tasks, _)| *tasks > 0);
    parts.extend(others.map(|(tasks, name)| format!("{} {name}", grouped(tasks.into()))));
    parts.join(", ")
}

/// How many tasks end in a second, over the last seconds.
#[derive(Debug, Default)]
struct Rate(VecDeque<(Duration, u64)>);

impl Rate {
    fn note(&mut self, at: Duration, ended: u64) {
        self.0.push_back((at, ended));
        while self.0.len() > 2 && at.saturating_sub(self.0[0].0) > RATE_OVER {
            self.0.pop_front();
        }
    }

    fn per_second(&self) -> Option<u64> {
        let (begun, before) = self.0.front()?;
        let (at, ended) = self.0.back()?;
        let millis = u64::try_from(at.saturating_sub(*begun).as_millis()).ok()?;
        (ended.saturating_sub(*before) * 1_000).checked_div(millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(state: &str) -> JobView {
        let json = format!(
            r#"{{"job":"0199f0c2a0007abc8def0123456789ab","name":null,"lane":"default","source":"api","state":"{state}",
            "cancel_requested":false,"counts":{{"accepted":20000,"queued":8000,"running":1500,"retrying":20,
            "succeeded":10468,"dead":12,"canceled":0}},"created_at":"2027-01-15T08:00:00.000Z","sealed_at":null,
            "completed_at":null}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn a_line_has_the_rate_and_the_counts_that_are_not_zero() {
        let text = line(&job("running"), Some(4_321));
        assert_eq!(text, "4,321/s, 10,468 succeeded, 12 dead, 1,500 running, 20 retrying");
        assert!(line(&job("open"), None).starts_with("open: more tasks may come, 10,468 succeeded"));
    }

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let mut rate = Rate::default();
        assert_eq!(rate.per_second(), None);
        rate.note(Duration::ZERO, 0);
        assert_eq!(rate.per_second(), None);
        for second in 1..=10 {
            rate.note(Duration::from_secs(second), second * 1_000);
        }
        for second in 11..=20 {
            rate.note(Duration::from_secs(second), 10_000);
        }
        assert_eq!(rate.per_second(), Some(0));
    }

    #[test]
    fn without_a_terminal_lines_are_said_seconds_apart_and_only_if_something_changed() {
        let mut progress = Progress::begin(10);
        let mut said = Vec::new();
        for (second, text) in [(0, "a"), (1, "b"), (3, "b"), (7, "b"), (8, "c")] {
            progress.say(Duration::from_secs(second), text.to_owned());
            if progress.said.as_ref().is_some_and(|(at, _)| *at == Duration::from_secs(second)) {
                said.push((second, text));
            }
        }
        assert_eq!(said, [(0, "a"), (3, "b"), (8, "c")]);
    }
}
