//! What a pipeline prints: the Workers' JSON lines, the supervisor's own lines, and complaints.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use domain::id::JobId;
use serde_json::Value;

/// Everything printed so far.
#[derive(Default)]
pub struct Logs {
    lines: Mutex<Vec<Line>>,
    arrived: Condvar,
}

struct Line {
    text: String,
    /// The line as an event of a Worker, if it is one.
    event: Option<Value>,
}

impl Logs {
    /// Collects the lines of `stream` until it ends, and copies them to `file` for whoever looks into a failure.
    pub fn collect(self: &Arc<Self>, stream: impl Read + Send + 'static, file: &Path) {
        let logs = Arc::clone(self);
        let mut copy = File::options().create(true).append(true).open(file).unwrap();
        thread::spawn(move || {
            for text in BufReader::new(stream).lines().map_while(Result::ok) {
                // The copy is for people; a full disk must not end the test.
                let _ = writeln!(copy, "{text}");
                let event = text.starts_with('{').then(|| serde_json::from_str(&text).ok()).flatten();
                logs.lines.lock().unwrap().push(Line { text, event });
                logs.arrived.notify_all();
            }
        });
    }

    /// All lines, as printed.
    pub fn texts(&self) -> Vec<String> {
        self.lines.lock().unwrap().iter().map(|line| line.text.clone()).collect()
    }

    /// Whether a line begins with `start`.
    pub fn has_line(&self, start: &str) -> bool {
        self.lines.lock().unwrap().iter().any(|line| line.text.starts_with(start))
    }

    /// The events so far that `wanted` accepts, in order.
    pub fn events(&self, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let lines = self.lines.lock().unwrap();
        lines.iter().filter_map(|line| line.event.as_ref()).filter(|event| wanted(event)).cloned().collect()
    }

    /// The events so far of `job` with this message.
    pub fn of_job(&self, job: JobId, message: &str) -> Vec<Value> {
        let job = job.to_string();
        self.events(|event| event["job"] == *job && event["message"] == message)
    }

    /// How many lines there are.
    pub fn count(&self) -> usize {
        self.lines.lock().unwrap().len()
    }

    /// The events from line `at` on that `wanted` accepts, in order. Moves `at` behind the last line looked at.
    pub fn next_events(&self, at: &mut usize, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        let lines = self.lines.lock().unwrap();
        let new = lines.iter().skip(*at).filter_map(|line| line.event.as_ref());
        *at = lines.len();
        new.filter(|event| wanted(event)).cloned().collect()
    }

    /// The events of `job`, which has ended, with this message. Lines arrive later than answers, but in order.
    ///
    /// # Panics
    /// If the end is not in the logs within half a minute.
    pub fn of_ended_job(&self, job: JobId, message: &str) -> Vec<Value> {
        let id = job.to_string();
        self.wait_for("the job is completed", 1, Duration::from_secs(30), |event| {
            event["job"] == *id && event["message"] == "completed"
        });
        self.of_job(job, message)
    }

    /// Waits until `count` events that `wanted` accepts are there.
    ///
    /// # Panics
    /// With `what` after `limit`.
    pub fn wait_for(&self, what: &str, count: usize, limit: Duration, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        self.wait(what, limit, |lines| {
            let events = lines.iter().filter_map(|line| line.event.as_ref()).filter(|event| wanted(event));
            let found: Vec<Value> = events.cloned().collect();
            (found.len() >= count).then_some(found)
        })
    }

    /// Waits until `count` lines begin with `start`.
    ///
    /// # Panics
    /// After `limit`.
    pub fn wait_for_line(&self, start: &str, count: usize, limit: Duration) {
        self.wait(start, limit, |lines| {
            (lines.iter().filter(|line| line.text.starts_with(start)).count() >= count).then_some(())
        });
    }

    fn wait<T>(&self, what: &str, limit: Duration, look: impl Fn(&[Line]) -> Option<T>) -> T {
        let end = Instant::now() + limit;
        let mut lines = self.lines.lock().unwrap();
        loop {
            if let Some(found) = look(&lines) {
                return found;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let last: Vec<String> = lines.iter().rev().take(10).rev().map(|line| line.text.clone()).collect();
                // A panic with the lock in hand would end everybody's logs.
                drop(lines);
                panic!("not in the logs within {limit:?}: {what}; the last lines are\n{}", last.join("\n"));
            }
            lines = self.arrived.wait_timeout(lines, left).unwrap().0;
        }
    }
}
