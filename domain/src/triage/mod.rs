//! Triage: what an operator does with dead letters. Which ones (filters, searches, pages), what with them (requests,
//! patches), and the statements that say so to the index.

mod filter;
mod journal;
mod letter;
mod merge_patch;
mod requests;
mod route;
mod search;
mod slot;
mod state;
pub mod statements;
mod words;

pub use filter::{EmptyFilter, Filter, PARAMETERS};
pub use journal::{Action, Entry, EntryRow, NewEntry};
pub use letter::{Group, IndexedLetter, ReplayOf, ReplayVerdict};
pub use merge_patch::merge_patch;
pub use requests::{Canary, ReplayRequest};
pub use route::Route;
pub use search::{NothingToSearch, Search};
pub use state::LetterState;
