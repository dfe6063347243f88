//! Reads: they write nothing, not even for a job that does not exist.

use domain::audit::Recount;
use domain::calls::{OUTCOMES_BYTES, OUTCOMES_ROWS, PAGE_BYTES, PAGE_TASKS};
use domain::indexes::Indexes;
use domain::ledger::{SettlementRecord, TaskState};
use domain::pack::each_line;
use domain::replay::OutcomesPage;
use domain::results::{Asked, Outcomes, WINDOW_BYTES, Window, Written};
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
            return self.results(&job, &Query::of(place));
        }
        if path == "/audit" {
            return self.audit(&job);
        }
        if path == "/outcomes" {
            return self.outcomes(Query::of(place).from);
        }
        match path.strip_prefix("/tasks/").and_then(|index| index.parse().ok()) {
            Some(index) if index < job.counts.accepted => self.task(&job, index),
            _ => Ok(Answer::Unknown),
        }
    }

    /// Recounts the job from its rows, one by one.
    fn audit(&self, job: &JobView) -> Result<Answer> {
        let store = self.store();
        let mut recount = Recount::new(self.look(|ledger| ledger.callback())?.flatten());
        for tasks in store.each_stored()? {
            recount.stored(&tasks?);
        }
        for record in store.each_settlement(None, 0, u32::MAX)? {
            recount.settled(&record?);
        }
        for pack in store.each_pack()? {
            recount.pack(&pack?);
        }
        let audit = recount.finish(job.counts);
        if !audit.clean {
            tracing::error!(job = %job.job, differences = audit.differences.len(), "the audit found differences");
        }
        Answer::json(&audit)
    }

    /// Which tasks have ended how, as sets, by a page of settlements from row `from` on: a replay waits for them.
    fn outcomes(&self, from: u32) -> Result<Answer> {
        let (mut page, mut bytes) = (OutcomesPage::default(), 0);
        for row in self.store().settlements_from(from, OUTCOMES_ROWS)? {
            let (row, record, size) = row?;
            page.outcomes.add(&record);
            page.next = Some(row + 1);
            bytes += size;
            if bytes >= OUTCOMES_BYTES {
                return Answer::json(&page);
            }
        }
        // A page that is not full is the last one.
        if page.next.is_none_or(|next| next < from.saturating_add(OUTCOMES_ROWS)) {
            page.next = None;
        }
        Answer::json(&page)
    }

    /// A page: one window, or as much of it as is asked for.
    fn results(&self, job: &JobView, query: &Query) -> Result<Answer> {
        let to = query.from.saturating_add(PAGE_TASKS).min(job.counts.accepted);
        if query.from >= to {
            return Ok(Answer::Page { lines: Vec::new(), count: 0, next: None });
        }
        let window = self.window(query.from, to, WINDOW_BYTES, |_| {})?;
        let mut lines = Vec::with_capacity(PAGE_BYTES);
        let asked = Asked { state: query.status, lines: query.limit, bytes: PAGE_BYTES };
        let Written { lines: count, next } = window.write(job.job, &asked, &mut lines);
        Ok(Answer::Page { lines, count, next: (next < job.counts.accepted).then_some(next) })
    }

    /// What is known of the tasks from `from` up to, not including, `to`, or of the first of them. `look` sees every
    /// settlement that may touch them.
    fn window(&self, from: u32, to: u32, bytes: usize, mut look: impl FnMut(&SettlementRecord)) -> Result<Window> {
        let (store, mut window) = (self.store(), Window::new(from, to, bytes));
        for record in store.each_settlement(None, from, to - 1)? {
            let record = record?;
            look(&record);
            window.add_settled(record);
        }
        let to = window.to();
        let among = self.look(|ledger| ledger.chunks_of(from, to))?.unwrap_or_default();
        for id in store.chunks_with(among, &(from..to).collect())? {
            let chunk = store.chunk(id)?;
            for line in each_line(&chunk.lines, chunk.base) {
                window.add_line(chunk.kind, &line?);
            }
        }
        self.look(|ledger| window.add_underway(ledger))?.ok_or("the job is gone")?;
        Ok(window)
    }

    fn task(&self, job: &JobView, index: u32) -> Result<Answer> {
        let (one, mut outcomes) = (Indexes::from_iter([index]), Outcomes::default());
        let window = self.window(index, index + 1, usize::MAX, |record| outcomes.add(record, &one))?;
        let among = self.look(|ledger| ledger.chunks_of(index, index + 1))?.unwrap_or_default();
        let store = self.store();
        let (Some(chunk), Some(progress)) = (store.chunks_with(among, &one)?.first().copied(), window.task(index))
        else {
            return Ok(Answer::Unknown);
        };
        let chunk = store.chunk(chunk)?;
        for line in each_line(&chunk.lines, chunk.base) {
            let line = line?;
            if line.index == index {
                let payload: &RawValue = serde_json::from_str(line.payload())?;
                let history = outcomes.failures.remove(&index).unwrap_or_default();
                let result = ResultView::of(job.job, index, chunk.kind, progress);
                let replay_of = line.origin.as_ref().map(|origin| &*origin.task);
                return Answer::json(&TaskView { result, replay_of, payload, history });
            }
        }
        Ok(Answer::Unknown)
    }
}

/// Which results are asked for.
struct Query {
    from: u32,
    limit: usize,
    status: Option<TaskState>,
}

impl Query {
    /// The front door has checked the query.
    fn of(place: &Place) -> Self {
        let mut query = Self { from: 0, limit: usize::MAX, status: None };
        for (name, value) in place.pairs() {
            match name {
                "from" => query.from = value.parse().unwrap_or(0),
                "limit" => query.limit = value.parse().unwrap_or(usize::MAX),
                "status" => query.status = TaskState::ALL.into_iter().find(|state| state.name() == value),
                _ => {}
            }
        }
        query
    }
}
