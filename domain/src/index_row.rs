//! A row of the index of jobs, and how a listing goes through them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::id::JobId;
use crate::ledger::{JobState, Ledger, Source, Timing};
use crate::limits::TICK_JOBS;
use crate::statement::Statement;
use crate::time::Timestamp;
use crate::views::JobView;

/// What the index holds of a job.
#[derive(Clone, Debug)]
pub struct IndexRow {
    /// The job.
    pub job: JobId,
    /// What comes late never overwrites what has a higher one.
    pub version: u32,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// What created it.
    pub source: Source,
    /// The name of its state, or [`EXPIRED`].
    pub state: &'static str,
    /// Whether listings show it.
    pub listed: bool,
    /// When the second net looks after it, or, once it is deleted, when its id is forgotten.
    pub next_check: Timestamp,
    /// The job as callers read it.
    pub view: JobView,
}

/// The state of a job that is deleted.
pub const EXPIRED: &str = "expired";

impl IndexRow {
    /// The row of `ledger`'s job. `check` is how often the second net looks after a job that is under way; one that has
    /// ended it looks after when it should be deleted. `remember` is how long the id of a deleted job is remembered.
    pub fn of(ledger: &Ledger, now: Timestamp, check: Duration, remember: Duration, timing: &Timing) -> Self {
        let (job, indexed) = (ledger.job(), ledger.indexed_state());
        let next_check = match (job.expired_at, job.completed_at) {
            (Some(at), _) => at.after(remember),
            (None, Some(at)) if indexed.settled => at.after(timing.keep + check),
            _ => now.after(check),
        };
        Self {
            job: job.id,
            version: job.index.version,
            created_at: job.created_at,
            source: job.source,
            state: if indexed.expired { EXPIRED } else { indexed.state.name() },
            listed: !job.unlisted,
            next_check,
            view: JobView::of(ledger),
        }
    }
}

/// Jobs that the second net is to look after by `now`, longest overdue first, at most [`TICK_JOBS`]: the id of each. It is
/// looked after again at `next_check`.
pub fn take_overdue(now: Timestamp, next_check: Timestamp) -> Statement {
    Statement::new(
        "UPDATE jobs SET next_check = ? WHERE job IN (SELECT job FROM jobs \
         WHERE state <> 'expired' AND next_check <= ? ORDER BY next_check LIMIT ?) RETURNING job AS text",
    )
    .bind(next_check.as_millis())
    .bind(now.as_millis())
    .bind(TICK_JOBS)
}

/// Rows that one [`forget`] takes out at most.
pub const FORGOTTEN: u32 = 1_000;

/// Takes out deleted jobs whose ids are to be forgotten by `now`, at most [`FORGOTTEN`]: the id of each.
pub fn forget(now: Timestamp) -> Statement {
    Statement::new(
        "DELETE FROM jobs WHERE job IN (SELECT job FROM jobs WHERE state = 'expired' AND next_check <= ? \
         ORDER BY next_check LIMIT ?) RETURNING job AS text",
    )
    .bind(now.as_millis())
    .bind(FORGOTTEN)
}

/// Which jobs a listing shows, newest first.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those in this state.
    pub state: Option<JobState>,
    /// Only those that this created.
    pub source: Option<Source>,
    /// Only those after this one.
    pub after: Option<Cursor>,
}

/// Where a page of a listing begins: after this job. Text that callers hand back as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// When the job was accepted.
    pub created_at: Timestamp,
    /// The job.
    pub job: JobId,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{}", self.created_at.as_millis(), self.job)
    }
}

/// Text that no listing handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the cursor of a page: give what the page before said")]
pub struct UnreadableCursor;

impl FromStr for Cursor {
    type Err = UnreadableCursor;

    fn from_str(text: &str) -> Result<Self, UnreadableCursor> {
        let (millis, job) = text.split_once('.').ok_or(UnreadableCursor)?;
        let millis = u64::from_str_radix(millis, 16).map_err(|_| UnreadableCursor)?;
        let cursor =
            Self { created_at: Timestamp::from_millis(millis), job: job.parse().map_err(|_| UnreadableCursor)? };
        // One spelling each: no leading zeros, no sign, no capitals.
        if cursor.to_string() == text { Ok(cursor) } else { Err(UnreadableCursor) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_nothing_else_is() {
        let cursor = "19f0c2a0007.0199f0c2a0007abc8def0123456789ab";
        assert_eq!(cursor.parse::<Cursor>().unwrap().to_string(), cursor);
        for made_up in
            ["", "7", "x.y", "+1.0199f0c2a0007abc8def0123456789ab", "01.0199f0c2a0007abc8def0123456789ab", "."]
        {
            assert_eq!(made_up.parse::<Cursor>(), Err(UnreadableCursor), "{made_up}");
        }
    }
}
