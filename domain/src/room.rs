//! Room: how much of an isolate's memory requests may hold at once.
//!
//! A hold ends when it is given back or when its time is over, whichever comes first: the platform may end a request
//! without running what would give it back. Nothing here waits: a request that finds no room is refused.

use std::collections::BTreeMap;

use crate::time::Timestamp;

/// Memory that requests share.
#[derive(Debug)]
pub struct Room {
    capacity: usize,
    next: u64,
    holds: BTreeMap<u64, Hold>,
}

/// What one request holds.
#[derive(Debug)]
struct Hold {
    bytes: usize,
    until: Timestamp,
}

/// Names a hold of a [`Room`].
#[derive(Debug, PartialEq, Eq)]
pub struct HoldId(u64);

/// Why nothing more may be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRoom {
    /// Other requests hold too much.
    #[error("{held} of {capacity} bytes are held; {wanted} more do not fit")]
    Full {
        /// Bytes that all requests hold.
        held: usize,
        /// Bytes that they may hold.
        capacity: usize,
        /// Bytes that were asked for.
        wanted: usize,
    },
    /// The time of the hold is over.
    #[error("the time of the hold is over")]
    Over,
}

impl Room {
    /// Room for `capacity` bytes.
    pub const fn new(capacity: usize) -> Self {
        Self { capacity, next: 0, holds: BTreeMap::new() }
    }

    /// Begins a hold of no bytes that ends at `until`.
    pub fn enter(&mut self, until: Timestamp) -> HoldId {
        let id = self.next;
        self.next += 1;
        self.holds.insert(id, Hold { bytes: 0, until });
        HoldId(id)
    }

    /// Adds `more` bytes to a hold.
    ///
    /// # Errors
    /// [`NoRoom`]; the hold is as it was before.
    pub fn grow(&mut self, now: Timestamp, id: &HoldId, more: usize) -> Result<(), NoRoom> {
        self.holds.retain(|_, hold| hold.until > now);
        let held: usize = self.holds.values().map(|hold| hold.bytes).sum();
        let capacity = self.capacity;
        let hold = self.holds.get_mut(&id.0).ok_or(NoRoom::Over)?;
        if held.saturating_add(more) > capacity {
            return Err(NoRoom::Full { held, capacity, wanted: more });
        }
        hold.bytes += more;
        Ok(())
    }

    /// Gives back what a hold has so far: a request that is refused must not keep others from being served.
    pub fn give_back(&mut self, id: &HoldId) {
        if let Some(hold) = self.holds.get_mut(&id.0) {
            hold.bytes = 0;
        }
    }

    /// Whether nobody holds any of it.
    pub fn is_empty(&self) -> bool {
        self.holds.is_empty()
    }

    /// Ends a hold.
    pub fn leave(&mut self, id: &HoldId) {
        self.holds.remove(&id.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_those_that_grow_side_by_side_as_many_fit_as_there_is_room_for() {
        let (now, mut room) = (Timestamp::from_millis(0), Room::new(64));
        let mut growing: Vec<HoldId> = (0..12).map(|_| room.enter(Timestamp::from_millis(1_000))).collect();
        for _ in 0..15 {
            growing.retain(|id| {
                let fits = room.grow(now, id, 1).is_ok();
                if !fits {
                    room.give_back(id);
                }
                fits
            });
        }
        assert_eq!(growing.len(), 4, "four of 15 are 60 of 64");
    }

    fn at(second: u64) -> Timestamp {
        Timestamp::from_millis(second * 1_000)
    }

    #[test]
    fn one_too_many_is_turned_away_until_another_is_done() {
        let mut room = Room::new(100);
        let holds: Vec<HoldId> = (0..4).map(|_| room.enter(at(60))).collect();
        for hold in &holds {
            room.grow(at(0), hold, 25).unwrap();
        }
        let late = room.enter(at(60));
        assert_eq!(room.grow(at(1), &late, 1), Err(NoRoom::Full { held: 100, capacity: 100, wanted: 1 }));
        room.leave(&holds[2]);
        assert_eq!(room.grow(at(1), &late, 25), Ok(()));
        assert!(room.grow(at(1), &late, 1).is_err());
    }

    #[test]
    fn a_hold_that_nobody_gives_back_ends_by_itself() {
        let mut room = Room::new(100);
        let abandoned = room.enter(at(60));
        room.grow(at(0), &abandoned, 100).unwrap();
        let later = room.enter(at(200));
        assert!(room.grow(at(59), &later, 1).is_err());
        assert_eq!(room.grow(at(60), &later, 100), Ok(()));
        assert_eq!(room.grow(at(61), &abandoned, 0), Err(NoRoom::Over), "its request learns of it");
        room.leave(&abandoned);
        assert!(room.grow(at(61), &later, 1).is_err(), "leaving twice gives nothing back twice");
    }

    #[test]
    fn only_what_has_arrived_is_held() {
        let mut room = Room::new(100);
        for _ in 0..50 {
            let slow = room.enter(at(60));
            room.grow(at(0), &slow, 1).unwrap();
        }
        let quick = room.enter(at(60));
        assert_eq!(room.grow(at(0), &quick, 50), Ok(()));
    }
}
