//! A claim in the hands of a consumer.

use domain::id::{ClaimNumber, PackId};
use domain::indexes::Indexes;
use domain::lane::Lane;
use domain::ledger::{Report, Rest, RetryGroup};
use domain::outcome::TaskError;
use domain::time::Timestamp;
use domain::verdict::Reason;

use crate::message::Message;
use crate::setting::RETRY_WAIT;

/// A claim in the hands of a consumer that has not reported of `left`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Run {
    /// What brought it; none if the queue has taken it back.
    pub message: Option<Message>,
    /// The pack.
    pub pack: PackId,
    /// The lane it came by.
    pub lane: Lane,
    /// The attempt of its tasks.
    pub attempt: u8,
    /// The claim.
    pub claim: ClaimNumber,
    /// Tasks not reported of.
    pub left: Indexes,
    /// The number of its next settlement.
    pub slice: u32,
    /// The settlement whose answer it has not heard.
    pub unanswered: Option<Slice>,
    /// It does nothing before.
    pub from: Timestamp,
    /// Time does not pass beyond before it has done something.
    pub by: Timestamp,
}

/// What a consumer settles at once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slice {
    /// Each task's verdict.
    pub verdicts: Vec<(u32, Ruling)>,
    /// What becomes of the others.
    pub rest: Remaining,
}

/// What becomes of a task that ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ruling {
    /// It succeeded.
    Done,
    /// It is tried again.
    Retry,
    /// It is not tried again.
    Dead,
    /// Its handler panicked.
    Crashed,
}

/// As [`Rest`], with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Remaining {
    /// The consumer still works on them.
    Running,
    /// The consumer hands them back.
    HandedBack,
}

impl Slice {
    /// The report, in the ledger's words.
    pub fn report(&self) -> Report {
        let mut report = Report { errors: vec![TaskError::new("boom", "it broke")], ..Report::default() };
        let mut again = Vec::new();
        for (index, ruling) in &self.verdicts {
            match ruling {
                Ruling::Done => report.done.insert(*index),
                Ruling::Retry => again.push((*index, 0)),
                Ruling::Dead => report.dead.push((*index, Reason::Permanent, 0)),
                Ruling::Crashed => report.crashed.push((*index, 0)),
            }
        }
        if !again.is_empty() {
            report.retries.push(RetryGroup { wait: RETRY_WAIT, tasks: again });
        }
        report
    }

    /// What becomes of the others, in the ledger's words.
    pub fn rest(&self) -> Rest {
        match self.rest {
            Remaining::Running => Rest::Running,
            Remaining::HandedBack => Rest::HandedBack,
        }
    }
}
