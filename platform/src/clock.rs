//! The only clock of the Workers.

use domain::time::Timestamp;

/// The time. On Cloudflare it stands still while a Worker computes and moves on at I/O.
pub fn now() -> Timestamp {
    Timestamp::from_millis(js_sys::Date::now() as u64)
}
