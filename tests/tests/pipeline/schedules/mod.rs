//! Schedules: one file a subject. The clock is that of the ticks: each test has a day of the future for itself, and no other
//! tick comes near it meanwhile, but for those of the present.

mod backfill;
mod bodies;
mod by_hand;
mod catch_up;
mod command_line;
mod config_file;
mod failing;
mod firing;
mod http;
mod http_answers;
mod jitter;
mod killed;
mod lists;
mod many;
mod once;
mod overlap;
mod pausing;
mod refusals;
mod retention;
mod scopes;
mod template;
mod versions;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::time::Timestamp;
use tests::client::Client;
use tests::pipeline::{Pipeline, Setup};

/// Of milliseconds.
const MINUTE: u64 = 60_000;
const DAY: u64 = 1_440 * MINUTE;

/// The pipeline that the tests here share: a tick of the future plans for every schedule there is.
fn pipeline() -> &'static Pipeline {
    static PIPELINE: OnceLock<Pipeline> = OnceLock::new();
    PIPELINE.get_or_init(|| Setup::new().probed().env("LOG_LEVEL", "debug").start())
}

/// A day of the future. Schedules of other tests have no fire time in it, and what they missed was too long ago. Whoever runs
/// one by hand takes a day, too: to a tick of the future, a run of the present is one that somebody has left behind.
struct Day {
    begin: Timestamp,
    _alone: MutexGuard<'static, ()>,
}

impl Day {
    /// The next one; it is nobody else's as long as it is held.
    fn begin() -> Self {
        static ALONE: Mutex<()> = Mutex::new(());
        static NEXT: AtomicU64 = AtomicU64::new(3);
        // What a failed test leaves behind bothers nobody.
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        // Three apart: a day is not the same everywhere.
        let begin = today().as_millis() + NEXT.fetch_add(3, Ordering::Relaxed) * DAY;
        Self { begin: Timestamp::from_millis(begin), _alone: alone }
    }

    /// A time of this day, `12:00`, in UTC.
    fn at(&self, time: &str) -> Timestamp {
        let (hours, minutes) = time.split_once(':').unwrap();
        let minutes = hours.parse::<u64>().unwrap() * 60 + minutes.parse::<u64>().unwrap();
        Timestamp::from_millis(self.begin.as_millis() + minutes * MINUTE)
    }

    /// A cron of this day only, once a year, from its minute and hour.
    fn cron(&self, minute_and_hour: &str) -> String {
        let date = self.date();
        let number = |digits: &str| digits.parse::<u8>().unwrap();
        format!("{minute_and_hour} {} {} *", number(&date[8..10]), number(&date[5..7]))
    }

    /// Its date.
    fn date(&self) -> String {
        self.begin.to_string()[..10].to_owned()
    }
}

fn now() -> Timestamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_millis(u64::try_from(now.as_millis()).unwrap())
}

/// Its first moment, in UTC.
fn today() -> Timestamp {
    Timestamp::from_millis(now().as_millis() / DAY * DAY)
}

fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// Whoever holds the development key.
fn client() -> Client {
    pipeline().client()
}
