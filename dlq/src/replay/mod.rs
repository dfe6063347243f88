//! What the object of a replay performs, one file a step.

pub(crate) mod decide;
pub(crate) mod freeze;
pub(crate) mod poll;
pub(crate) mod reads;
pub(crate) mod send;
pub(crate) mod store;
pub(crate) mod tell;
pub(crate) mod work;
