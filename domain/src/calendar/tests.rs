//! What calendars promise, by example, and against an oracle.

mod changes;
mod days;
mod expressions;
mod oracle;
mod zones;

use super::{Calendar, Timestamp};

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn calendar(cron: &str, zone: &str) -> Calendar {
    Calendar::new(cron, zone).unwrap()
}

/// The first `count` fire times after `after`, as clocks there show them.
fn upcoming(cron: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
    let calendar = calendar(cron, zone);
    calendar.upcoming(at(after)).take(count).map(|time| calendar.local(time)).collect()
}
