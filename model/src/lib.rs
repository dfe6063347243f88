//! The model check: every history of a small job, on the real state machine of `domain`.
//!
//! [`domain::ledger::Ledger`] is part of the model's state, and every call to it is the one that the Workers make. Around it
//! are a producer that appends until it knows, queues, two consumers, the archive, the ledger's alarm and a caller who
//! cancels. `stateright` visits every state that they can reach within these bounds:
//!
//! - **Job.** One job of one part, two packs and three tasks (six where a pack is to be halved). What becomes of a task is
//!   its [`Nature`].
//! - **Faults.** [`Fault`] lists the sorts. Any three in one history, of whatever sorts, with slices, with a cancel, with
//!   poison, with letters; any two, and each sort alone, around what else consumers may do. `tests/holds.rs` has the settings.
//! - **Order.** Whatever may happen at one instant happens in every order. Time passes when nobody has anything to do:
//!   to be slower than that is a fault, and then every moment from at once to [`Setting`]'s longest delay is tried, as far
//!   as something else happens in it. Time is the ledger's own, so that what is counted in it is bounded too.
//! - **Crashes.** The ledger in the state is what its store holds. If it dies before it writes, nothing has happened; if
//!   after, the caller does not hear of it. Whoever sends dies before each send, or after the last. What runs and is not
//!   settled has left no trace, so a consumer that dies while it runs is one that dies after its claim.
//! - **Ends.** A state in which nobody will ever have anything to do must be a good one: all tasks ended, all letters
//!   archived, the outbox empty. That there always is such an end follows from the bounds on time and messages, and from
//!   there being no circle of states (`tests/ends.rs`).
//!
//! [`Rule`] lists what is checked. `tests/fails.rs` has the machines that must fail ([`Variant`]), each with the rule that it
//! breaks.
//!
//! Left out: the callback, tasks due in the future, the index of jobs (told of everything at once), expiry, more than one
//! part, the rows of the store (`domain/src/ledger/histories.rs` has those). Once all has ended and is archived no
//! more faults happen. A fault that strikes a claim in quarantine may charge who ran there a crash: a consumer that died for
//! another reason cannot be told from poison, nor can one that takes over from its twin.

mod actions;
mod alarm;
mod archive;
mod bounds;
mod checked;
mod checks;
mod choices;
mod claiming;
mod facts;
mod message;
mod origins;
mod property;
mod run;
mod setting;
mod settling;
mod step;
mod submission;
mod variant;
mod world;

pub use actions::{Action, Call};
pub use checked::Checked;
pub use origins::{Change, LET_GO, ONE_AT_A_TIME, Origins, RESOLVED};
pub use property::Rule;
pub use setting::{Cancel, Fault, Nature, START, Setting, Slices};
pub use variant::Variant;
