//! Progress on standard error: a bar on a terminal, now and then a line elsewhere.

use std::collections::VecDeque;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::tell;
use crate::table::grouped;

/// The least time between two lines.
const LINE_EVERY: Duration = Duration::from_secs(3);
/// The time that the rate is measured over.
const RATE_OVER: Duration = Duration::from_secs(5);

/// What is under way, as seen at one moment.
pub(crate) trait UnderWay {
    /// How many tasks it has.
    fn all(&self) -> u64;
    /// How many of them have ended.
    fn ended(&self) -> u64;
    /// More about it in a line, what matters most first: a narrow terminal cuts the end.
    fn line(&self, rate: Option<u64>) -> String;
}

/// Progress as shown so far.
pub(crate) struct Progress {
    bar: ProgressBar,
    rate: Rate,
    said: Option<(Duration, String)>,
    noted: bool,
}

impl Progress {
    /// Begins to show the progress of so many tasks.
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

    /// Shows what was `seen`, `at` this long after the watch began.
    pub(crate) fn show(&mut self, seen: &impl UnderWay, at: Duration) {
        let (ended, all) = (seen.ended(), seen.all());
        self.rate.note(at, ended);
        let line = seen.line(self.rate.per_second());
        self.noted = false;
        if self.bar.is_hidden() {
            self.say(at, format!("{} of {} ended: {line}", grouped(ended), grouped(all)));
        } else {
            self.bar.update(|bar| {
                bar.set_len(all);
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

/// The rate, and the counts that are not zero, by name.
pub(crate) fn counted(rate: Option<u64>, counts: &[(&str, u64)]) -> Vec<String> {
    let rate = rate.filter(|rate| *rate > 0).map(|rate| format!("{}/s", grouped(rate)));
    let counts = counts.iter().filter(|(_, tasks)| *tasks > 0);
    rate.into_iter().chain(counts.map(|(name, tasks)| format!("{} {name}", grouped(*tasks)))).collect()
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

    #[test]
    fn counts_that_are_zero_are_left_out() {
        assert_eq!(counted(Some(4_321), &[("dead", 12), ("canceled", 0)]), ["4,321/s", "12 dead"]);
        assert!(counted(Some(0), &[("dead", 0)]).is_empty());
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
