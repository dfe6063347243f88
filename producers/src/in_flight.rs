//! How much of this isolate's memory submissions may hold at once.
//!
//! Many requests share an isolate and its 128 MiB. One too many is told to come back, before it takes the others down.

use platform::Problem;
use std::cell::Cell;

/// Bytes of bodies that may be held at once: four of the largest. Each is packed into about as many bytes, one after
/// the other, since packing awaits nothing.
const BYTES: usize = 4 * domain::limits::BODY_BYTES;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
}

/// The right to hold a body; given back when dropped.
pub(crate) struct InFlight(usize);

impl InFlight {
    /// Takes room for `bytes`.
    pub(crate) fn enter(bytes: usize) -> Result<Self, Problem> {
        let held = HELD.get() + bytes;
        if held > BYTES {
            return Err(Problem::Busy);
        }
        HELD.set(held);
        Ok(Self(bytes))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        HELD.set(HELD.get() - self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_too_many_is_turned_away_until_another_is_done() {
        let largest = domain::limits::BODY_BYTES;
        let mut held: Vec<InFlight> = (0..4).map(|_| InFlight::enter(largest).unwrap()).collect();
        assert!(InFlight::enter(1).is_err());
        held.pop();
        assert!(InFlight::enter(largest).is_ok());
    }
}
