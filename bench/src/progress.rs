//! Where a long run is.

use indicatif::{ProgressBar, ProgressStyle};

/// A line that says what is under way; where nobody watches, a line for each thing that has ended.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Of `steps` steps.
    pub fn of(steps: usize) -> Self {
        let bar = ProgressBar::new(steps as u64);
        // A template that cannot be read leaves the usual one.
        if let Ok(style) = ProgressStyle::with_template("[{elapsed_precise}] {pos}/{len} {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(std::time::Duration::from_millis(500));
        Self { bar }
    }

    /// The next step begins.
    pub fn begin(&self, what: &str) {
        self.bar.set_message(what.to_owned());
        self.bar.inc(1);
    }

    /// A step that is left out.
    pub fn pass(&self) {
        self.bar.inc(1);
    }

    /// Something is known.
    pub fn note(&self, what: &str) {
        if self.bar.is_hidden() { eprintln!("bench: {what}") } else { self.bar.println(format!("bench: {what}")) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
