//! A submission's progress on a terminal's standard error. Elsewhere, and for programs, it is silent.

use std::sync::{Arc, Mutex};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::acknowledged::Acknowledged;
use super::parts::lock;
use crate::commands::Format;
use crate::output::tell;
use crate::table::grouped;

/// How much of the input was checked or accepted.
#[derive(Clone)]
pub(super) struct Bar {
    bar: ProgressBar,
    /// What was said since something was accepted: two parts that meet the same trouble need not both tell.
    said: Arc<Mutex<Vec<String>>>,
}

impl Bar {
    /// Begins with nothing of so many bytes; `None` is for input whose end nobody knows.
    pub(super) fn begin(bytes: Option<u64>, format: Format) -> Self {
        let target = match format {
            Format::Text => ProgressDrawTarget::stderr(),
            Format::Json => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(bytes, target);
        let template = match bytes {
            Some(_) => "{bar:20} {percent:>3} % of {binary_total_bytes}  {wide_msg}",
            None => "{spinner} {binary_bytes}  {wide_msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar, said: Arc::default() }
    }

    /// Shows that the lines before this byte were checked.
    pub(super) fn checked(&self, bytes: u64) {
        self.bar.set_message("checking every line");
        self.bar.set_position(bytes);
    }

    /// Shows what was acknowledged.
    pub(super) fn accepted(&self, acknowledged: &Acknowledged) {
        lock(&self.said).clear();
        self.bar.set_message(format!("{} tasks accepted", grouped(acknowledged.accepted())));
        self.bar.set_position(acknowledged.bytes());
    }

    /// Says something besides, once until something is accepted.
    pub(super) fn note(&self, text: &str) {
        let mut said = lock(&self.said);
        if !said.iter().any(|before| before == text) {
            self.bar.suspend(|| tell(text));
            said.push(text.to_owned());
        }
    }

    /// Clears the bar.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
