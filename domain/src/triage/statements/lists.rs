//! Lists, page by page.

use serde::{Deserialize, Serialize};

use super::{Condition, Statement, states};
use crate::fingerprint::Fingerprint;
use crate::outcome::TaskError;
use crate::time::Timestamp;
use crate::triage::{Filter, Group, IndexedLetter, LetterState, ReplayOf};

/// Where a page of dead letters begins: after the one that died then, and of those the one with this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListPlace(pub u64, pub u64);

/// A row of a page.
#[derive(Debug, Deserialize)]
pub struct Listed {
    id: u64,
    class: String,
    message: String,
    task: String,
    #[serde(rename = "ref")]
    reference: Option<String>,
    kind: Option<crate::kinds::Kind>,
    lane: Option<crate::lane::Lane>,
    reason: crate::verdict::Reason,
    fingerprint: Fingerprint,
    attempts: u8,
    died_at: u64,
    state: LetterState,
    replays: Vec<ReplayOf>,
    late: u8,
}

impl Listed {
    /// Where the page after this row begins.
    pub fn place(&self) -> ListPlace {
        ListPlace(self.died_at, self.id)
    }

    /// The letter that it is.
    pub fn into_letter(self) -> IndexedLetter {
        let job = self.task.split_once('-').and_then(|(job, _)| job.parse().ok());
        let index = self.task.parse().ok().map(|task: crate::id::TaskId| task.index);
        IndexedLetter {
            task: self.task,
            job,
            index,
            reference: self.reference,
            kind: self.kind,
            lane: self.lane,
            reason: self.reason,
            fingerprint: self.fingerprint,
            error: TaskError { class: self.class, message: self.message },
            attempts: self.attempts,
            died_at: Timestamp::from_millis(self.died_at),
            state: self.state,
            replays: self.replays,
            late_success: self.late != 0,
        }
    }
}

const ROW: &str = "SELECT json_object('id', id, 'task', task, 'ref', ref, 'kind', kind, 'lane', lane, 'reason', reason, \
    'fingerprint', fingerprint, 'class', class, 'message', message, 'attempts', attempts, 'died_at', died_at, \
    'state', state, 'replays', json(replays), 'late', late_success) AS text FROM dead_letters WHERE ";

/// Dead letters, those that died last first: a [`Listed`] each.
pub fn list(filter: &Filter, after: Option<ListPlace>, limit: u32) -> Statement {
    let mut statement = Statement::new(ROW).and("id IN (");
    for (at, state) in states(filter).into_iter().enumerate() {
        let mut condition = Condition::of(filter, state);
        if let Some(ListPlace(died_at, id)) = after {
            condition = condition.and("(died_at, id) < (?, ?)", [died_at.into(), id.into()]);
        }
        statement = statement
            .and(if at == 0 { "SELECT id FROM (" } else { " UNION ALL SELECT id FROM (" })
            .and("SELECT id FROM dead_letters WHERE ")
            .then(condition.statement())
            .and(" ORDER BY died_at DESC, id DESC LIMIT ?)")
            .bind(limit);
    }
    statement.and(") ORDER BY died_at DESC, id DESC LIMIT ?").bind(limit)
}

/// The rows of these tasks: a [`Listed`] each, in no order.
pub fn records(tasks: &[&str]) -> Statement {
    let json = serde_json::to_string(tasks).unwrap_or_default();
    Statement::new(ROW).and("task IN (SELECT value FROM json_each(?))").bind(json)
}

/// Where a page of groups begins: what had arrived when the first page was read, and the size and the fingerprint
/// of the last group shown. What arrives meanwhile changes no page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupPlace(pub u64, pub u32, pub Fingerprint);

/// A row of a page of groups.
#[derive(Debug, Deserialize)]
pub struct Groups {
    upto: u64,
    fingerprint: Fingerprint,
    kind: Option<crate::kinds::Kind>,
    reason: crate::verdict::Reason,
    class: String,
    message: String,
    n: u32,
    first: u64,
    last: u64,
    task: String,
}

impl Groups {
    /// Where the page after this row begins.
    pub fn place(&self) -> GroupPlace {
        GroupPlace(self.upto, self.n, self.fingerprint)
    }

    /// The group that it is.
    pub fn into_group(self) -> Group {
        Group {
            fingerprint: self.fingerprint,
            kind: self.kind,
            reason: self.reason,
            error: TaskError { class: self.class, message: self.message },
            count: self.n,
            first_died_at: Timestamp::from_millis(self.first),
            last_died_at: Timestamp::from_millis(self.last),
            sample_task: self.task,
        }
    }
}

/// Groups of dead letters of one cause, the largest first: a [`Groups`] each.
pub fn groups(filter: &Filter, after: Option<&GroupPlace>, limit: u32) -> Statement {
    let mut statement = Statement::new("SELECT json_object('upto', ");
    statement = match after {
        Some(GroupPlace(upto, ..)) => statement.and("CAST(? AS INTEGER)").bind(*upto),
        None => statement.and("(SELECT max(id) FROM dead_letters)"),
    };
    statement = statement.and(
        ", 'fingerprint', g.fingerprint, 'kind', d.kind, 'reason', d.reason, 'class', d.class, 'message', d.message, \
         'n', g.n, 'first', g.first, 'last', g.last, 'task', d.task) AS text FROM (SELECT fingerprint, sum(n) AS n, \
         min(first) AS first, max(last) AS last, max(sample) AS sample FROM (",
    );
    for (at, state) in states(filter).into_iter().enumerate() {
        let mut condition = Condition::of(filter, state);
        if let Some(GroupPlace(upto, ..)) = after {
            condition = condition.and("id <= ?", [(*upto).into()]);
        }
        statement = statement
            .and(if at == 0 { "" } else { " UNION ALL " })
            .and(
                "SELECT fingerprint, count(*) AS n, min(died_at) AS first, max(died_at) AS last, max(id) AS sample \
                 FROM dead_letters WHERE ",
            )
            .then(condition.statement())
            .and(" GROUP BY fingerprint");
    }
    statement = statement.and(") GROUP BY fingerprint");
    if let Some(GroupPlace(_, count, fingerprint)) = after {
        statement = statement.and(" HAVING (sum(n), fingerprint) < (?, ?)").bind(*count).bind(fingerprint.to_string());
    }
    statement
        .and(" ORDER BY n DESC, fingerprint DESC LIMIT ?) g JOIN dead_letters d ON d.id = g.sample ORDER BY g.n DESC, g.fingerprint DESC")
        .bind(limit)
}

/// How many letters `filter` means: a number.
pub fn count(filter: &Filter) -> Statement {
    let mut statement = Statement::new("SELECT CAST(sum(n) AS TEXT) AS text FROM (");
    for (at, state) in states(filter).into_iter().enumerate() {
        statement = statement
            .and(if at == 0 { "" } else { " UNION ALL " })
            .and("SELECT count(*) AS n FROM dead_letters WHERE ")
            .then(Condition::of(filter, state).statement());
    }
    statement.and(")")
}

/// Letters that an action is about.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Frozen {
    /// The last letter that had arrived when the first of them were asked for.
    pub upto: Option<u64>,
    /// The last of these.
    pub last: Option<u64>,
    /// The lanes that they travelled in; null where nobody knows.
    pub lanes: Vec<Option<crate::lane::Lane>>,
    /// Their tasks.
    pub tasks: Vec<String>,
}

/// Up to `limit` of the letters that an action is about, oldest first, of those that had arrived when the first were asked
/// for: a [`Frozen`]. `after` is what that said of `upto` and `last`.
pub fn frozen(filter: &Filter, after: Option<(u64, u64)>, limit: u32) -> Statement {
    let mut condition = Condition::of(filter, filter.state.unwrap_or(LetterState::Open));
    let upto = match after {
        Some((upto, last)) => {
            condition = condition.and("id <= ? AND id > ?", [upto.into(), last.into()]);
            Statement::new("CAST(? AS INTEGER)").bind(upto)
        }
        None => Statement::new("(SELECT max(id) FROM dead_letters)"),
    };
    Statement::new("SELECT json_object('upto', ")
        .then(&upto)
        .and(
            ", 'last', max(id), 'lanes', json_group_array(DISTINCT lane), 'tasks', json_group_array(task)) AS text \
             FROM (SELECT id, lane, task FROM dead_letters WHERE ",
        )
        .then(condition.statement())
        .and(" ORDER BY id LIMIT ?)")
        .bind(limit)
}
