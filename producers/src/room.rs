//! How much of this isolate's memory requests may hold at once. Many of them share an isolate and its 128 MiB: one too
//! many is told to come back, before it takes the others down. What is decided is `domain::room`'s.

use std::cell::RefCell;
use std::thread::LocalKey;
use std::time::Duration;

use domain::limits::{BODY_BYTES, BODY_TIME};
use domain::room::{HoldId, NoRoom, Room};

thread_local! {
    /// Bodies of requests: four of the largest. Each is packed into about as many bytes, one after the other, since packing
    /// awaits nothing.
    static BODIES: RefCell<Room> = const { RefCell::new(Room::new(4 * BODY_BYTES)) };
    /// Tasks that generators made: two of the largest firings.
    static GENERATED: RefCell<Room> = const { RefCell::new(Room::new(2 * BODY_BYTES)) };
}

/// How long what was read, or made, is held at most: until it is appended and sent.
const APPEND_TIME: Duration = Duration::from_secs(60);

/// The right to hold memory of this isolate. Given back when dropped, and by itself when its time is over: the platform
/// ends the request of a caller who hangs up without dropping anything.
#[derive(Debug)]
pub(crate) struct Hold {
    room: &'static LocalKey<RefCell<Room>>,
    id: HoldId,
}

impl Hold {
    /// A hold of no bytes yet, for a body that arrives.
    pub(crate) fn body() -> Self {
        Self::enter(&BODIES)
    }

    /// The same for what a generator makes.
    pub(crate) fn generated() -> Self {
        Self::enter(&GENERATED)
    }

    fn enter(room: &'static LocalKey<RefCell<Room>>) -> Self {
        let until = platform::now().after(BODY_TIME + APPEND_TIME);
        Self { room, id: room.with_borrow_mut(|room| room.enter(until)) }
    }

    /// Holds nothing any more.
    pub(crate) fn give_back(&self) {
        self.room.with_borrow_mut(|room| room.give_back(&self.id));
    }

    /// Holds `more` bytes.
    pub(crate) fn grow(&self, more: usize) -> Result<(), NoRoom> {
        self.room.with_borrow_mut(|room| room.grow(platform::now(), &self.id, more))
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.room.with_borrow_mut(|room| room.leave(&self.id));
    }
}
