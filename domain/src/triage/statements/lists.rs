//! Lists, page by page.

use serde::{Deserialize, Serialize};

use super::{Condition, Statement, TASKS, states};
use crate::fingerprint::Fingerprint;
use crate::kinds::Kind;
use crate::lane::Lane;
use crate::outcome::TaskError;
use crate::time::Timestamp;
use crate::triage::slot::slots;
use crate::triage::{Filter, Group, IndexedLetter, LetterState, ReplayOf};
use crate::verdict::Reason;

/// Where a page of dead letters begins: after the one that died then, and of those the one with this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListPlace(pub u64, pub u64);

/// A row of a page. An array, as all rows here: names would be read one by one, and be a third of the answer.
#[derive(Debug, Deserialize)]
pub struct Listed(
    u64,
    String,
    Option<String>,
    Option<Kind>,
    Option<Lane>,
    Reason,
    Fingerprint,
    String,
    String,
    u8,
    u64,
    LetterState,
    Vec<ReplayOf>,
    u8,
    String,
);

impl Listed {
    /// Where the page after this row begins.
    pub fn place(&self) -> ListPlace {
        ListPlace(self.10, self.0)
    }

    /// The letter that it is.
    pub fn into_letter(self) -> IndexedLetter {
        let Self(
            _,
            task,
            reference,
            kind,
            lane,
            reason,
            fingerprint,
            class,
            message,
            attempts,
            died_at,
            state,
            replays,
            late,
            bundle,
        ) = self;
        let job = task.split_once('-').and_then(|(job, _)| job.parse().ok());
        let index = task.parse().ok().map(|task: crate::id::TaskId| task.index);
        IndexedLetter {
            task,
            job,
            index,
            reference,
            kind,
            lane,
            reason,
            fingerprint,
            error: TaskError { class, message },
            attempts,
            died_at: Timestamp::from_millis(died_at),
            state,
            replays,
            late_success: late != 0,
            bundle,
        }
    }
}

const ROW: &str = "SELECT json_array(id, task, ref, kind, lane, reason, fingerprint, class, message, attempts, died_at, \
    state, json(replays), late_success, key) AS text FROM dead_letters JOIN bundles USING (bundle) WHERE ";

/// Dead letters, those that died last first: a [`Listed`] each.
pub fn list(filter: &Filter, after: Option<ListPlace>, limit: u32) -> Statement {
    let mut statement = Statement::new(ROW).and("id IN (");
    for (at, state) in states(filter).into_iter().enumerate() {
        let mut condition = Condition::of(filter, state);
        if let Some(ListPlace(died_at, id)) = after {
            condition =
                condition.and("(died_at, id) < (?, CAST(? AS INTEGER))", [died_at.into(), id.to_string().into()]);
        }
        let newest = match filter.is_of_few() || filter.fingerprint.is_some() {
            true => newest(condition.statement(), limit),
            false => newest_of_causes(state, condition.statement(), limit),
        };
        statement = statement
            .and(if at == 0 { "SELECT id FROM (" } else { " UNION ALL SELECT id FROM (" })
            .then(&newest)
            .and(")");
    }
    statement.and(") ORDER BY died_at DESC, id DESC LIMIT ?").bind(limit)
}

/// The ids of the newest that meet `condition`.
fn newest(condition: &Statement, limit: u32) -> Statement {
    Statement::new("SELECT id FROM dead_letters WHERE ")
        .then(condition)
        .and(" ORDER BY died_at DESC, id DESC LIMIT ?")
        .bind(limit)
}

/// The same where they are of many causes: the index has the letters of each cause together. So the causes of the state are
/// gone through, a look each, and the newest of each are taken.
fn newest_of_causes(state: LetterState, condition: &Statement, limit: u32) -> Statement {
    Statement::new(
        "WITH RECURSIVE causes(cause) AS (SELECT min(fingerprint) FROM dead_letters WHERE state = ? \
         UNION ALL SELECT (SELECT min(fingerprint) FROM dead_letters WHERE state = ? AND fingerprint > cause) \
         FROM causes WHERE cause IS NOT NULL) \
         SELECT d.id FROM causes CROSS JOIN dead_letters d ON d.id IN (",
    )
    .bind(state.name())
    .bind(state.name())
    .then(&newest(&Statement::new("fingerprint = cause AND ").then(condition), limit))
    .and(") ORDER BY d.died_at DESC, d.id DESC LIMIT ?")
    .bind(limit)
}

/// The rows of these tasks: a [`Listed`] each, in no order.
pub fn records(tasks: &[&str]) -> Statement {
    Statement::new(ROW).and(TASKS).bind(slots(tasks))
}

/// Where the archive has the letters of these tasks: `[[task, key of its bundle], …]`, in no order.
pub fn bundles_of<T: AsRef<str>>(tasks: &[T]) -> Statement {
    Statement::new(
        "SELECT json_group_array(json_array(task, key)) AS text FROM dead_letters JOIN bundles USING (bundle) WHERE ",
    )
    .and(TASKS)
    .bind(slots(tasks))
}

/// Where a page of groups begins: what had arrived when the first page was read, and the size and the fingerprint
/// of the last group shown. What arrives meanwhile changes no page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupPlace(pub u64, pub u32, pub Fingerprint);

/// A row of a page of groups.
#[derive(Debug, Deserialize)]
pub struct Groups(u64, Fingerprint, Option<Kind>, Reason, String, String, u32, u64, u64, String);

impl Groups {
    /// Where the page after this row begins.
    pub fn place(&self) -> GroupPlace {
        GroupPlace(self.0, self.6, self.1)
    }

    /// The group that it is.
    pub fn into_group(self) -> Group {
        let Self(_, fingerprint, kind, reason, class, message, count, first, last, sample_task) = self;
        Group {
            fingerprint,
            kind,
            reason,
            error: TaskError { class, message },
            count,
            first_died_at: Timestamp::from_millis(first),
            last_died_at: Timestamp::from_millis(last),
            sample_task,
        }
    }
}

/// Groups of dead letters of one cause, the largest first: a [`Groups`] each.
pub fn groups(filter: &Filter, after: Option<&GroupPlace>, limit: u32) -> Statement {
    let mut statement = Statement::new("SELECT json_array(");
    statement = match after {
        Some(GroupPlace(upto, ..)) => statement.and("CAST(? AS INTEGER)").bind(*upto),
        None => statement.and("(SELECT max(bundle) FROM bundles)"),
    };
    statement = statement.and(
        ", g.fingerprint, d.kind, d.reason, d.class, d.message, g.n, g.first, g.last, d.task) AS text FROM (SELECT fingerprint, sum(n) AS n, \
         min(first) AS first, max(last) AS last, max(sample) AS sample FROM (",
    );
    for (at, state) in states(filter).into_iter().enumerate() {
        let mut condition = Condition::of(filter, state);
        if let Some(GroupPlace(upto, ..)) = after {
            condition = condition.and("bundle <= ?", [(*upto).into()]);
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

/// Letters that an action is about: the last bundle that had arrived when the first of them were asked for, the id of the
/// last of these, the lanes that they travelled in (null where nobody knows), and their tasks.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Frozen(pub Option<u64>, pub Option<u64>, pub Vec<Option<Lane>>, pub Vec<String>);

/// Up to `limit` of the letters that an action is about, job by job in the order in which tasks of each first died, of those that had arrived when the first were asked
/// for: a [`Frozen`]. `after` is what that said first.
pub fn frozen(filter: &Filter, after: Option<(u64, u64)>, limit: u32) -> Statement {
    let mut condition = Condition::in_order(filter, filter.state.unwrap_or(LetterState::Open));
    let upto = match after {
        Some((upto, last)) => {
            condition =
                condition.and("bundle <= ? AND id > CAST(? AS INTEGER)", [upto.into(), last.to_string().into()]);
            Statement::new("CAST(? AS INTEGER)").bind(upto)
        }
        None => Statement::new("(SELECT max(bundle) FROM bundles)"),
    };
    Statement::new("SELECT json_array(")
        .then(&upto)
        .and(
            ", max(id), json_group_array(DISTINCT lane), json_group_array(task)) AS text \
             FROM (SELECT id, lane, task FROM dead_letters WHERE ",
        )
        .then(condition.statement())
        .and(" ORDER BY id LIMIT ?)")
        .bind(limit)
}
