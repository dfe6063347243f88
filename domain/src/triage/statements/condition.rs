//! What the rows must be like that a filter means.

use super::{Statement, Value};
use crate::triage::{Filter, LetterState};

/// A search.
const FOUND: &str = "id IN (SELECT rowid FROM dead_letter_words WHERE dead_letter_words MATCH ?)";
/// The same where few letters are left to look at: not each that has the words.
const FOUND_AMONG_FEW: &str = "+id IN (SELECT rowid FROM dead_letter_words WHERE dead_letter_words MATCH ?)";

/// What a row must be like.
#[derive(Clone, Debug)]
pub(crate) struct Condition(Statement);

impl Condition {
    /// What `filter` asks for, in the state `state`: each state is looked through by itself, since the indexes of lists and
    /// groups begin with it.
    pub(crate) fn of(filter: &Filter, state: LetterState) -> Self {
        // The plus keeps SQLite from the indexes of states where few letters are found by another.
        let few = filter.tasks.is_some() || filter.journal.is_some();
        let mut all = Statement::new(if few { "+state = ?" } else { "state = ?" }).bind(state.name());
        let mut add = |sql: &str, value: Option<Value>| {
            if let Some(value) = value {
                all.sql += " AND ";
                all.sql += sql;
                all.values.push(value);
            }
        };
        let json = |tasks: &Vec<String>| serde_json::to_string(tasks).unwrap_or_default().into();
        add("fingerprint = ?", filter.fingerprint.as_ref().map(|found| found.to_string().into()));
        add("kind = ?", filter.kind.map(|kind| kind.name().into()));
        add("reason = ?", filter.reason.map(|reason| reason.name().into()));
        add("died_at >= ?", filter.since.map(|at| at.as_millis().into()));
        add("died_at < ?", filter.until.map(|at| at.as_millis().into()));
        add("journal = ?", filter.journal.map(Into::into));
        // The tasks of a job are those whose id begins with it: `.` is the character after the hyphen.
        add("task > ?", filter.job.map(|job| format!("{job}-").into()));
        add("task < ?", filter.job.map(|job| format!("{job}.").into()));
        add("task IN (SELECT value FROM json_each(?))", filter.tasks.as_ref().map(json));
        let search = filter.search.as_ref().map(|search| search.expression().into());
        add(if few { FOUND_AMONG_FEW } else { FOUND }, search);
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
