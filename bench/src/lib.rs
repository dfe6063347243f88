//! What MonoTask is measured by.

pub mod tasks;
