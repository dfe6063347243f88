//! Results: what became of tasks, put together row by row from what was settled and what is still on its way.

mod outcomes;
mod window;

pub use outcomes::{Death, Outcomes};
pub use window::{Asked, Progress, WINDOW_BYTES, Window, Written};
