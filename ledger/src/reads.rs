//! Reads: they write nothing, not even for a job that does not exist.

use domain::audit::audit;
use domain::calls::{PAGE_BYTES, PAGE_TASKS, WINDOW_TASKS};
use domain::id::TaskId;
use domain::ledger::TaskState;
use domain::outgoing::StoredChunk;
use domain::pack::read_lines;
use domain::replay::Outcomes;
use domain::results::{Progress, outcomes, progress};
use domain::task::TaskLine;
use domain::views::{JobView, ResultView, TaskView};
use serde_json::value::RawValue;
use worker::Result;

use crate::answer::Answer;
use crate::job_ledger_do::JobLedger;
use crate::place::Place;

impl JobLedger {
    /// Answers `/job`, `/audit`, `/outcomes`, `/results?from=&limit=&status=` and `/tasks/<index>`.
    pub(crate) fn read(&self, place: &Place) -> Result<Answer> {
        let path = place.path();
        let Some(job) = self.look(JobView::of)? else { return Ok(Answer::Unknown) };
        if path == "/job" {
            return Answer::json(&job);
        }
        if path == "/results" {
            return self.results(&job, &Window::of(place));
        }
        if path == "/audit" {
            return self.audit(&job);
        }
        if path == "/outcomes" {
            return self.outcomes();
        }
        match path.strip_prefix("/tasks/").and_then(|index| index.parse().ok()) {
            Some(index) if index < job.counts.accepted => self.task(&job, index),
            _ => Ok(Answer::Unknown),
        }
    }

    /// Recounts the job from its rows.
    fn audit(&self, job: &JobView) -> Result<Answer> {
        let store = self.store();
        let packs = store.packs()?;
        let callback = self.look(|ledger| ledger.callback())?.flatten();
        let stored = store.stored_tasks()?;
        let mut failure = None;
        let rows = store.each_settlement(None, 0, u32::MAX)?;
        let rows = rows.map_while(|row| row.map_err(|error| failure = Some(error)).ok());
        let audit = audit(job.counts, callback, &stored, packs.values(), rows);
        if let Some(error) = failure {
            return Err(error);
        }
        if !audit.clean {
            tracing::error!(job = %job.job, differences = audit.differences.len(), "the audit found differences");
        }
        Answer::json(&audit)
    }

    /// Which tasks have ended how, as sets: a replay waits for them.
    fn outcomes(&self) -> Result<Answer> {
        let mut outcomes = Outcomes::default();
        for record in self.store().each_settlement(None, 0, u32::MAX)? {
            outcomes.add(&record?);
        }
        Answer::json(&outcomes)
    }

    /// A page: window after window until it is long enough.
    fn results(&self, job: &JobView, window: &Window) -> Result<Answer> {
        let end = window.from.saturating_add(PAGE_TASKS).min(job.counts.accepted);
        let mut page = Page { text: String::new(), lines: 0 };
        let mut from = window.from;
        while from < end {
            let to = from.saturating_add(WINDOW_TASKS).min(end);
            if let Some(next) = self.add_window(job, window, from, to, &mut page)? {
                return Ok(Answer::Page(page.text, Some(next)));
            }
            from = to;
        }
        Ok(Answer::Page(page.text, (end < job.counts.accepted).then_some(end)))
    }

    /// Adds the tasks from `from` up to, not including, `to`; where the page is full before, the index it ends at.
    fn add_window(&self, job: &JobView, asked: &Window, from: u32, to: u32, page: &mut Page) -> Result<Option<u32>> {
        let chunks = self.store().chunks(&(from..to).collect())?;
        let settlements = self.store().settlements(None, from, to - 1)?;
        let found = self.look(|ledger| progress(ledger, &settlements, from, to))?.ok_or("the job is gone")?;
        for (chunk, task) in tasks(&chunks, from, to)? {
            let progress = &found[(task.index - from) as usize];
            if asked.status.is_some_and(|status| status != progress.state) {
                continue;
            }
            if page.lines >= asked.limit || page.text.len() >= PAGE_BYTES {
                return Ok(Some(task.index));
            }
            page.text.push_str(&serde_json::to_string(&result(job, chunk, &task, progress))?);
            page.text.push('\n');
            page.lines += 1;
        }
        Ok(None)
    }

    fn task(&self, job: &JobView, index: u32) -> Result<Answer> {
        let one = [index].into_iter().collect();
        let chunks = self.store().chunks(&one)?;
        let settlements = self.store().settlements(None, index, index)?;
        let found = self.look(|ledger| progress(ledger, &settlements, index, index + 1))?.ok_or("the job is gone")?;
        let listed = tasks(&chunks, index, index + 1)?;
        let (Some((chunk, task)), Some(progress)) = (listed.first(), found.first()) else {
            return Ok(Answer::Unknown);
        };
        let payload: &RawValue = serde_json::from_str(task.payload())?;
        let mut failures = outcomes(&settlements, &one).failures;
        let history = failures.remove(&index).unwrap_or_default();
        let replay_of = task.origin.as_ref().map(|origin| &*origin.task);
        Answer::json(&TaskView { result: result(job, chunk, task, progress), replay_of, payload, history })
    }
}

/// A page of results so far.
struct Page {
    text: String,
    lines: usize,
}

/// Which results are asked for.
struct Window {
    from: u32,
    limit: usize,
    status: Option<TaskState>,
}

impl Window {
    /// The front door has checked the query.
    fn of(place: &Place) -> Self {
        let mut window = Self { from: 0, limit: usize::MAX, status: None };
        for (name, value) in place.pairs() {
            match name {
                "from" => window.from = value.parse().unwrap_or(0),
                "limit" => window.limit = value.parse().unwrap_or(usize::MAX),
                "status" => window.status = TaskState::ALL.into_iter().find(|state| state.name() == value),
                _ => {}
            }
        }
        window
    }
}

/// The tasks of `chunks` from `from` up to, not including, `to`, in order.
fn tasks(chunks: &[StoredChunk], from: u32, to: u32) -> Result<Vec<(&StoredChunk, TaskLine<'_>)>> {
    let mut tasks = Vec::new();
    for chunk in chunks {
        let lines = read_lines(&chunk.lines, chunk.base)?;
        tasks.extend(lines.into_iter().filter(|task| (from..to).contains(&task.index)).map(|task| (chunk, task)));
    }
    tasks.sort_by_key(|(_, task)| task.index);
    Ok(tasks)
}

fn result<'a>(job: &JobView, chunk: &StoredChunk, task: &'a TaskLine<'_>, progress: &Progress<'a>) -> ResultView<'a> {
    let null = || (progress.state == TaskState::Succeeded).then_some(RawValue::NULL);
    ResultView {
        task: TaskId { job: job.job, index: task.index },
        index: task.index,
        reference: task.reference.as_deref(),
        kind: chunk.kind,
        status: progress.state,
        attempts: progress.attempts,
        output: progress.output.or_else(null),
        error: progress.error,
    }
}
