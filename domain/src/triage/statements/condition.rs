//! What the rows must be like that a filter means.

use super::{Statement, Value};
use crate::triage::slot::slots;
use crate::triage::{Filter, LetterState, Search};

/// The letters of these slots ([`slots`]).
pub(super) const TASKS: &str = "id IN (SELECT (o.number << 32) + (t.value->>1) FROM json_each(?) t \
    CROSS JOIN letter_owners o ON o.owner = t.value->>0)";

/// The letters of a job, found in the order of their ids.
const JOB: &str = "id BETWEEN (SELECT number << 32 FROM letter_owners WHERE owner = ?) \
    AND (SELECT (number << 32) + 4294967295 FROM letter_owners WHERE owner = ?)";
/// The same, where the index of states has another order: the plus keeps SQLite to that.
const JOB_AMONG_ALL: &str = "+id BETWEEN (SELECT number << 32 FROM letter_owners WHERE owner = ?) \
    AND (SELECT (number << 32) + 4294967295 FROM letter_owners WHERE owner = ?)";

/// What a row must be like.
#[derive(Clone, Debug)]
pub(crate) struct Condition(Statement);

impl Condition {
    /// What `filter` asks for, in the state `state`: each state is looked through by itself, since the indexes of lists and
    /// groups begin with it.
    pub(crate) fn of(filter: &Filter, state: LetterState) -> Self {
        Self::of_job(filter, state, JOB_AMONG_ALL)
    }

    /// The same, where letters are gone through in the order of their ids: of a job only its own are looked at.
    pub(super) fn in_order(filter: &Filter, state: LetterState) -> Self {
        Self::of_job(filter, state, JOB)
    }

    fn of_job(filter: &Filter, state: LetterState, job: &str) -> Self {
        // The plus keeps SQLite from the indexes of states where few letters are found by another.
        let few = filter.is_of_few();
        let mut all = Statement::new(if few { "+state = ?" } else { "state = ?" }).bind(state.name());
        let mut add = |sql: &str, value: Option<Value>| {
            if let Some(value) = value {
                all.sql += " AND ";
                all.sql += sql;
                all.values.extend(std::iter::repeat_n(value, sql.matches('?').count()));
            }
        };
        add("fingerprint = ?", filter.fingerprint.as_ref().map(|found| found.to_string().into()));
        add("kind = ?", filter.kind.map(|kind| kind.name().into()));
        add("reason = ?", filter.reason.map(|reason| reason.name().into()));
        add("died_at >= ?", filter.since.map(|at| at.as_millis().into()));
        add("died_at < ?", filter.until.map(|at| at.as_millis().into()));
        add("journal = ?", filter.journal.map(Into::into));
        add(job, filter.job.map(|job| job.to_string().into()));
        add(TASKS, filter.tasks.as_ref().map(|tasks| slots(tasks).into()));
        // Said in the statement itself, which may have 100 values: it has letters, digits and blanks only.
        for piece in filter.search.iter().flat_map(Search::pieces) {
            all.sql += &format!(" AND instr(words, '{piece}') > 0");
        }
        Self(all)
    }

    /// And this.
    #[must_use]
    pub(crate) fn and(self, sql: &str, values: impl IntoIterator<Item = Value>) -> Self {
        let mut statement = self.0.and(" AND ").and(sql);
        statement.values.extend(values);
        Self(statement)
    }

    /// As it stands after `WHERE`.
    pub(crate) fn statement(&self) -> &Statement {
        &self.0
    }
}

/// The states that `filter` may mean.
pub(super) fn states(filter: &Filter) -> Vec<LetterState> {
    filter.state.map_or_else(|| LetterState::ALL.to_vec(), |state| vec![state])
}
