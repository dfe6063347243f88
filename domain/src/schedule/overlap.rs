//! What if the job before is not done.

use serde::{Deserialize, Serialize};

/// What a firing does while the schedule's last job is not done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// It fires all the same.
    #[default]
    Allow,
    /// It is skipped.
    Skip,
    /// One waits until that job is done; further ones are skipped.
    BufferOne,
}

/// Whether it is a firing's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It fires.
    Fire,
    /// It waits for a later tick.
    Wait,
    /// It is skipped.
    Skip,
}

impl Overlap {
    /// Whether it is asked at all what became of the last job.
    pub fn asks(self) -> bool {
        self != Self::Allow
    }

    /// Whether it is the turn of a firing: `running`, the last job is not done; `waiting`, another one waits for it already.
    pub fn turn(self, running: bool, waiting: bool) -> Turn {
        match self {
            Self::Skip if running => Turn::Skip,
            Self::BufferOne if running && waiting => Turn::Skip,
            Self::BufferOne if running => Turn::Wait,
            _ => Turn::Fire,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_is_not_done_is_overlapped_waited_for_or_skipped() {
        for (overlap, alone, behind_another) in [
            (Overlap::Allow, Turn::Fire, Turn::Fire),
            (Overlap::Skip, Turn::Skip, Turn::Skip),
            (Overlap::BufferOne, Turn::Wait, Turn::Skip),
        ] {
            assert_eq!(overlap.turn(true, false), alone);
            assert_eq!(overlap.turn(true, true), behind_another);
            assert_eq!(overlap.turn(false, false), Turn::Fire);
        }
    }
}
