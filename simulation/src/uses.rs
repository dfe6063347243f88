//! How much of each of the platform's limits a run used.

use std::time::Duration;

use domain::limits::{CONSUMER_WALL, KV_OPERATIONS, OPEN_CONNECTIONS};

use crate::assumptions::{LETTER_ROW_BYTES, TASK_CPU};
use crate::gauges::{Gauges, Minute};
use crate::limits::{
    BACKLOG_BYTES, CONSUMER_INVOCATIONS, DATABASE_BYTES, INVOCATION_CPU, OBJECT_REQUESTS_PER_SECOND,
    QUEUE_MESSAGES_PER_SECOND, RETENTION, SUBREQUESTS,
};
use crate::plan::Plan;
use crate::world::Finished;

/// A limit of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// Invocations of a lane's consumer.
    Invocations,
    /// Open connections of an invocation.
    Connections,
    /// Messages a second of a lane.
    Messages,
    /// Bytes that wait in a lane.
    Backlog,
    /// How long a message waits.
    Retention,
    /// How long an invocation runs.
    Wall,
    /// CPU time of an invocation.
    Cpu,
    /// Requests of an invocation.
    Subrequests,
    /// Requests a second of one ledger.
    Ledger,
    /// Messages a second of the dead-letters queue.
    LetterMessages,
    /// Invocations of dlq.
    Archivers,
    /// Operations on KV of an invocation.
    Puts,
    /// Time of D1.
    DatabaseTime,
    /// Bytes of D1.
    DatabaseBytes,
}

/// The share from which on a limit counts as reached: a queue that refuses what comes in bursts is never at all of it.
pub const FULL: f64 = 0.97;

/// How much of a limit was used.
#[derive(Clone, Copy, Debug)]
pub struct Use {
    /// The limit.
    pub limit: Limit,
    /// The share of it in the busiest minute, 1 being all of it.
    pub most: f64,
    /// The share on average while tasks are submitted, where it grows with their rate.
    pub steady: Option<f64>,
    /// The first minute with [`FULL`] of it.
    pub reached: Option<usize>,
}

impl Limit {
    /// Every limit, in the order of the tables. Causes come before what follows from them: consumers wait for a ledger that
    /// cannot keep up, and dlq for D1.
    pub const ALL: [Self; 14] = [
        Self::Messages,
        Self::Ledger,
        Self::Invocations,
        Self::Connections,
        Self::Wall,
        Self::Cpu,
        Self::Subrequests,
        Self::Backlog,
        Self::Retention,
        Self::DatabaseTime,
        Self::DatabaseBytes,
        Self::LetterMessages,
        Self::Archivers,
        Self::Puts,
    ];

    /// What it is called in the document, with the limit itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invocations => "consumer invocations (250 a queue)",
            Self::Connections => "connections of an invocation (6)",
            Self::Messages => "lane, messages (5,000/s)",
            Self::Backlog => "lane, backlog (25 GB)",
            Self::Retention => "lane, oldest message (4 d)",
            Self::Wall => "longest invocation (15 min)",
            Self::Cpu => "CPU of an invocation (30 s)",
            Self::Subrequests => "requests of an invocation (10,000)",
            Self::Ledger => "busiest ledger (1,000 requests/s)",
            Self::LetterMessages => "dead letters, messages (5,000/s)",
            Self::Archivers => "dlq invocations (250)",
            Self::Puts => "KV operations of an invocation (1,000)",
            Self::DatabaseTime => "D1, time (one query at a time)",
            Self::DatabaseBytes => "D1, size (10 GB)",
        }
    }

    /// The limit, without its number.
    pub fn short(self) -> &'static str {
        self.name().split(" (").next().unwrap_or_default()
    }

    /// Whether to reach it means that tasks wait, or are refused. The others are held by our own settings.
    pub fn is_wall(self) -> bool {
        !matches!(self, Self::Connections | Self::Wall | Self::Cpu | Self::Subrequests | Self::Puts)
    }
}

/// How much of each limit a run used.
pub fn of(plan: &Plan, finished: &Finished) -> Vec<Use> {
    Limit::ALL.into_iter().map(|limit| one(limit, plan, &finished.gauges)).collect()
}

fn one(limit: Limit, plan: &Plan, gauges: &Gauges) -> Use {
    let scale = plan.one_in as f64;
    let lanes = plan.lanes as f64;
    let minute_share = |time: Duration| time.as_secs_f64() / 60.0 * scale;
    let per_second = |count: u64| count as f64 / 60.0 * scale;
    let invocations = CONSUMER_INVOCATIONS as f64;
    let messages = QUEUE_MESSAGES_PER_SECOND as f64;
    match limit {
        Limit::Invocations => rate(plan, gauges, |m| minute_share(m.consumers) / invocations / lanes),
        Limit::Messages => rate(plan, gauges, |m| per_second(m.sent) / messages / lanes),
        Limit::LetterMessages => rate(plan, gauges, |m| per_second(m.letters_sent) / messages),
        Limit::Archivers => rate(plan, gauges, |m| minute_share(m.archivers) / invocations),
        // The database of the simulation is slower by the same share: its time needs no scaling.
        Limit::DatabaseTime => rate(plan, gauges, |m| m.database.as_secs_f64() / 60.0),
        Limit::DatabaseBytes => {
            // A letter that is written again takes no more room.
            let mut letters = 0;
            let full = DATABASE_BYTES as f64 / LETTER_ROW_BYTES as f64 / scale;
            let shares = gauges.minutes.iter().map(|m| {
                letters += m.dead;
                letters as f64 / full
            });
            level(shares)
        }
        Limit::Backlog => level(gauges.minutes.iter().map(|m| m.backlog_bytes as f64 * scale / BACKLOG_BYTES as f64)),
        Limit::Retention => level(gauges.minutes.iter().map(|m| m.age.as_secs_f64() / RETENTION.as_secs_f64())),
        // A ledger is simulated whole, or its limit is divided too: a share of it is a share.
        Limit::Ledger => {
            level(gauges.minutes.iter().map(|m| {
                m.busiest_ledger as f64 / 60.0 / OBJECT_REQUESTS_PER_SECOND as f64 * plan.ledger_share() as f64
            }))
        }
        Limit::Connections => level(gauges.minutes.iter().map(|m| {
            let open = OPEN_CONNECTIONS as f64 * m.consumers.as_secs_f64();
            if open > 0.0 { m.requests.as_secs_f64() / open } else { 0.0 }
        })),
        Limit::Wall => level([gauges.longest.as_secs_f64() / CONSUMER_WALL.as_secs_f64()].into_iter()),
        Limit::Cpu => {
            level([(TASK_CPU * gauges.most_tasks as u32).as_secs_f64() / INVOCATION_CPU.as_secs_f64()].into_iter())
        }
        Limit::Subrequests => level([gauges.most_requests as f64 / SUBREQUESTS as f64].into_iter()),
        Limit::Puts => level([gauges.most_puts as f64 / KV_OPERATIONS as f64].into_iter()),
    }
    .of(limit)
}

/// What is used at a rate: it grows with the rate of tasks.
fn rate(plan: &Plan, gauges: &Gauges, share: impl Fn(&Minute) -> f64) -> Shares {
    let steady: Vec<f64> = window(plan, gauges).iter().map(&share).collect();
    let mean = steady.iter().sum::<f64>() / steady.len().max(1) as f64;
    Shares { steady: Some(mean), ..level(gauges.minutes.iter().map(share)) }
}

/// What is used as a level.
fn level(shares: impl Iterator<Item = f64>) -> Shares {
    let (mut most, mut reached) = (0.0_f64, None);
    for (minute, share) in shares.enumerate() {
        most = most.max(share);
        if share >= FULL && reached.is_none() {
            reached = Some(minute);
        }
    }
    Shares { most, steady: None, reached }
}

/// The minutes in which tasks are submitted, without the first quarter: the pipeline is filled.
pub fn window<'g>(plan: &Plan, gauges: &'g Gauges) -> &'g [Minute] {
    let end = ((plan.submitting.as_secs() / 60) as usize).min(gauges.minutes.len());
    &gauges.minutes[end / 4..end]
}

struct Shares {
    most: f64,
    steady: Option<f64>,
    reached: Option<usize>,
}

impl Shares {
    fn of(self, limit: Limit) -> Use {
        Use { limit, most: self.most, steady: self.steady, reached: self.reached }
    }
}
