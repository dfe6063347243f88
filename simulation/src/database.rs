//! D1: one query at a time.

use std::time::Duration;

use crate::assumptions::{LETTER_IN_TRANSACTION, PATIENCE, TRANSACTION};
use crate::gauges::Gauges;
use crate::moment::Moment;

/// The database.
#[derive(Debug)]
pub(crate) struct Database {
    share: u32,
    free_at: Moment,
}

/// The answer to a transaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered {
    /// When it comes.
    pub(crate) at: Moment,
    /// What it says.
    pub(crate) written: Written,
}

/// Whether a transaction was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// It was.
    Yes,
    /// It would have waited too long.
    No,
}

impl Database {
    /// One that `share` equal simulations share.
    pub(crate) fn new(share: u32) -> Self {
        Self { share, free_at: Moment::default() }
    }

    /// When a transaction is answered that arrives at `at` and writes so many letters.
    pub(crate) fn transact(&mut self, at: Moment, letters: u32, gauges: &mut Gauges) -> Answered {
        let time: Duration = TRANSACTION + LETTER_IN_TRANSACTION * letters;
        let begins = self.free_at.max(at);
        if begins.since(at) > PATIENCE {
            return Answered { at: at.after(PATIENCE), written: Written::No };
        }
        // Others have their turns before the next of ours; the answer does not wait for those.
        self.free_at = begins.after(time * self.share);
        gauges.spread(begins, self.free_at, |minute| &mut minute.database);
        Answered { at: begins.after(time), written: Written::Yes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transactions_wait_for_each_other() {
        let (mut database, mut gauges) = (Database::new(1), Gauges::default());
        let first = database.transact(Moment::default(), 0, &mut gauges).at;
        let second = database.transact(Moment::default(), 100, &mut gauges).at;
        assert_eq!(first.since(Moment::default()), TRANSACTION);
        assert_eq!(second.since(first), TRANSACTION + LETTER_IN_TRANSACTION * 100);
    }

    #[test]
    fn what_would_wait_too_long_is_not_written() {
        let (mut database, mut gauges) = (Database::new(1), Gauges::default());
        let mut ask = || database.transact(Moment::default(), 0, &mut gauges);
        let written = (0..100_000).take_while(|_| ask().written == Written::Yes).count() as u128;
        assert_eq!(written, PATIENCE.as_millis() / TRANSACTION.as_millis() + 1);
        assert_eq!(ask().at, Moment::default().after(PATIENCE));
    }
}
