//! Faults on demand, for the tests: built with the feature `faults` only. The var `FAULTS` says how many messages in a
//! thousand are lost, and how many come twice; a task whose `ref` is [`DIE`] takes its isolate down, as one does that
//! uses up its memory or its time.

use domain::calls::{Destination, OutgoingMessage};
use domain::pack::PackHeader;
use domain::task::TaskLine;
use platform::messages::{Body, Disposal};
use rand::RngExt;
use worker::Env;

use crate::batch::Arrival;

/// The `ref` of a task that takes its isolate down.
pub(crate) const DIE: &str = "die-in-its-isolate";

/// How many messages in a thousand.
#[derive(Clone, Copy, Debug, Default)]
struct Rates {
    lost: u32,
    twice: u32,
}

impl Rates {
    /// `<lost>,<twice>`.
    fn of(env: &Env) -> Self {
        let text = env.var("FAULTS").map(|var| var.to_string()).unwrap_or_default();
        let mut rates = text.split(',').map(|rate| rate.trim().parse().unwrap_or_default());
        Self { lost: rates.next().unwrap_or_default(), twice: rates.next().unwrap_or_default() }
    }
}

/// Loses some of the messages, and sends some again.
pub(crate) async fn lose_and_repeat<'b>(env: &Env, arrivals: Vec<Arrival<'b>>, bodies: &[Body]) -> Vec<Arrival<'b>> {
    let (rates, Ok(mut rng)) = (Rates::of(env), platform::rng()) else { return arrivals };
    let (mut kept, mut again) = (Vec::new(), Vec::new());
    for arrival in arrivals {
        if rng.random_range(0..1_000) < rates.lost {
            tracing::info!(job = %arrival.pack.header.job, pack = %arrival.pack.header.pack, "a fault: lost");
            arrival.message.settle(Disposal::Ack);
            continue;
        }
        if rng.random_range(0..1_000) < rates.twice {
            again.extend(bodies.iter().find_map(|body| copy(body, &arrival.pack.header)));
        }
        kept.push(arrival);
    }
    if let Err(error) = platform::send(env, again).await {
        tracing::warn!(%error, "a fault that was to be is not");
    }
    kept
}

fn copy(body: &Body, header: &PackHeader) -> Option<OutgoingMessage> {
    let Body::Text(text) = body else { return None };
    let found = domain::pack::read_header(text.split_once('\n')?.0).ok()?;
    (found == *header).then(|| {
        tracing::info!(job = %header.job, pack = %header.pack, "a fault: twice");
        OutgoingMessage { to: Destination::Lane(header.lane), delay_seconds: 0, body: text.clone() }
    })
}

/// Takes the isolate down, if the task asks for it.
pub(crate) fn die_if_asked(task: &TaskLine<'_>) {
    if task.reference.as_deref() == Some(DIE) {
        // No panic, which could be caught: more than the linear memory may grow to.
        std::hint::black_box(vec![1_u8; 256 << 20]);
    }
}
