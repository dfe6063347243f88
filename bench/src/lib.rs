//! Measures MonoTask, beside what its users would pick instead: `make bench`.
//!
//! [`compare`] has every [`system::System`] do the same [`work::Work`]; [`cost`] prices what the Workers counted;
//! [`wasm`] and [`parse`] look at the Workers and at reading a submission. [`report::Report`] is what comes of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a measurement stops at what it did not expect"
)]
#![allow(clippy::disallowed_methods, reason = "this runs on the machine, where clocks work")]

pub mod compare;
pub mod cost;
pub mod machine;
pub mod markdown;
pub mod memory;
pub mod monotask;
pub mod outcome;
pub mod parse;
pub mod peer;
pub mod progress;
pub mod readme;
pub mod report;
pub mod sink;
pub mod stats;
pub mod system;
pub mod tasks;
pub mod wasm;
pub mod work;
