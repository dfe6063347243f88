//! A window of results: the tasks of one run of indexes. Rows are added one by one and let go; what is kept of them is what
//! the lines say, and where that grows too large the window gives up its end.

use std::io::Write;
use std::rc::Rc;

use serde_json::value::RawValue;

use crate::id::JobId;
use crate::kinds::Kind;
use crate::ledger::{Ledger, SettlementRecord, TaskState};
use crate::outcome::TaskError;
use crate::task::TaskLine;

/// Bytes of outputs, errors and `ref`s that a window may hold, unless a single task has more.
pub const WINDOW_BYTES: usize = 8_000_000;

/// What is known of one task.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Its kind, once its line was added.
    pub kind: Option<Kind>,
    /// The caller's name for it.
    pub reference: Option<Box<str>>,
    /// Where it is.
    pub state: TaskState,
    /// Runs started so far.
    pub attempts: u8,
    /// What it came to, if that is not null.
    pub output: Option<Box<RawValue>>,
    /// What went wrong last.
    pub error: Option<Rc<TaskError>>,
}

/// Which lines of a window are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Only tasks that are here.
    pub state: Option<TaskState>,
    /// At most this many lines.
    pub lines: usize,
    /// No line begins after this many bytes.
    pub bytes: usize,
}

/// What was written of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Lines.
    pub lines: usize,
    /// The index to go on from.
    pub next: u32,
}

/// The tasks from one index up to another.
#[derive(Debug)]
pub struct Window {
    from: u32,
    tasks: Vec<Progress>,
    bytes: usize,
    most: usize,
}

const FRESH: Progress =
    Progress { kind: None, reference: None, state: TaskState::Queued, attempts: 0, output: None, error: None };

impl Window {
    /// The tasks from `from` up to, not including, `to`, of which at most `most` bytes are held.
    pub fn new(from: u32, to: u32, most: usize) -> Self {
        Self { from, tasks: vec![FRESH; to.saturating_sub(from) as usize], bytes: 0, most }
    }

    /// The first index.
    pub fn from(&self) -> u32 {
        self.from
    }

    /// The index after the last one; lower than it was where too much is known of the others.
    pub fn to(&self) -> u32 {
        self.from + self.tasks.len() as u32
    }

    /// What is known of the task `index`.
    pub fn task(&self, index: u32) -> Option<&Progress> {
        self.tasks.get(index.checked_sub(self.from)? as usize)
    }

    /// Adds what was submitted.
    pub fn add_line(&mut self, kind: Kind, line: &TaskLine<'_>) {
        let Some(task) = line.index.checked_sub(self.from).and_then(|at| self.tasks.get_mut(at as usize)) else {
            return;
        };
        task.kind = Some(kind);
        task.reference = line.reference.as_deref().map(Into::into);
        self.bytes += line.reference.as_ref().map_or(0, |reference| reference.len());
        self.shrink();
    }

    /// Adds what was settled. Records come in the order they were made.
    pub fn add_settled(&mut self, record: SettlementRecord) {
        let (from, to, attempts) = (self.from, self.to(), record.attempt);
        let place = |index: u32| (from..to).contains(&index).then(|| (index - from) as usize);
        let errors: Vec<Rc<TaskError>> = record.errors.into_iter().map(Rc::new).collect();
        self.bytes += errors.iter().map(|error| error.class.len() + error.message.len()).sum::<usize>();
        let error = |at: u16| errors.get(usize::from(at)).cloned();
        for at in record.done.within(from, to).filter_map(place) {
            self.end(at, TaskState::Succeeded, attempts, None, None);
        }
        for (index, output) in record.outputs {
            let Some(at) = place(index) else { continue };
            self.bytes += output.get().len();
            self.end(at, TaskState::Succeeded, attempts, Some(output), None);
        }
        for (index, fault) in record.retried.iter().chain(&record.crashed) {
            let Some(at) = place(*index) else { continue };
            self.end(at, TaskState::Queued, attempts, None, error(*fault));
        }
        for (index, _, fault) in &record.dead {
            let Some(at) = place(*index) else { continue };
            self.end(at, TaskState::Dead, attempts, None, error(*fault));
        }
        for at in record.canceled.within(from, to).filter_map(place) {
            self.tasks[at].state = TaskState::Canceled;
        }
        self.shrink();
    }

    fn end(
        &mut self,
        at: usize,
        state: TaskState,
        attempts: u8,
        output: Option<Box<RawValue>>,
        error: Option<Rc<TaskError>>,
    ) {
        let task = &mut self.tasks[at];
        *task = Progress { kind: task.kind, reference: task.reference.take(), state, attempts, output, error };
    }

    /// Adds what is still on its way.
    pub fn add_underway(&mut self, ledger: &Ledger) {
        for (index, state, attempts) in ledger.underway(self.from, self.to()) {
            let task = &mut self.tasks[(index - self.from) as usize];
            (task.state, task.attempts) = (state, attempts);
        }
    }

    /// Gives up the second half until what is held fits.
    fn shrink(&mut self) {
        while self.bytes > self.most && self.tasks.len() > 1 {
            self.tasks.truncate(self.tasks.len() / 2);
            let (mut bytes, mut last) = (0, None);
            for task in &self.tasks {
                bytes += task.reference.as_ref().map_or(0, |reference| reference.len());
                bytes += task.output.as_ref().map_or(0, |output| output.get().len());
                // Many tasks of a pack fail alike, and share their error.
                let error = task.error.as_ref().filter(|error| last.is_none_or(|last| !Rc::ptr_eq(error, last)));
                bytes += error.map_or(0, |error| error.class.len() + error.message.len());
                last = task.error.as_ref().or(last);
            }
            self.bytes = bytes;
        }
    }

    /// Writes the lines that are asked for, as a [`ResultView`](crate::views::ResultView) each, until one of the limits is
    /// met or the window ends.
    pub fn write(&self, job: JobId, asked: &Asked, page: &mut Vec<u8>) -> Written {
        let mut lines = 0;
        let start = format!("{{\"task\":\"{job}-");
        for (index, task) in (self.from..).zip(&self.tasks) {
            if asked.state.is_some_and(|state| state != task.state) {
                continue;
            }
            if lines >= asked.lines || page.len() >= asked.bytes {
                return Written { lines, next: index };
            }
            let Some(kind) = task.kind else { continue };
            write_line(page, &start, index, kind, task);
            lines += 1;
        }
        Written { lines, next: self.to() }
    }
}

fn write_line(page: &mut Vec<u8>, start: &str, index: u32, kind: Kind, task: &Progress) {
    let mut number = itoa::Buffer::new();
    let index = number.format(index);
    page.extend_from_slice(start.as_bytes());
    page.extend_from_slice(index.as_bytes());
    page.extend_from_slice(b"\",\"index\":");
    page.extend_from_slice(index.as_bytes());
    page.extend_from_slice(b",\"ref\":");
    match &task.reference {
        // Writing to memory does not fail.
        Some(reference) => drop(serde_json::to_writer(&mut *page, &**reference)),
        None => page.extend_from_slice(b"null"),
    }
    page.extend_from_slice(b",\"kind\":\"");
    page.extend_from_slice(kind.name().as_bytes());
    page.extend_from_slice(b"\",\"status\":\"");
    page.extend_from_slice(task.state.name().as_bytes());
    page.extend_from_slice(b"\",\"attempts\":");
    let _ = write!(page, "{}", task.attempts);
    if task.state == TaskState::Succeeded {
        page.extend_from_slice(b",\"output\":");
        page.extend_from_slice(task.output.as_ref().map_or(b"null", |output| output.get().as_bytes()));
    }
    if let Some(error) = &task.error {
        page.extend_from_slice(b",\"error\":");
        drop(serde_json::to_writer(&mut *page, &**error));
    }
    page.extend_from_slice(b"}\n");
}

#[cfg(test)]
mod tests;
