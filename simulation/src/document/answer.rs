//! The answer: a row for each scenario, and what follows from them.

use crate::limits::DOLLARS_PER_MILLION_OPERATIONS;
use crate::numbers::{digits, factor, millions, percent, time};
use crate::study::{FAILING, Group, RATES, Ran};
use crate::summary::Summary;
use crate::uses::Limit;

use super::Results;

/// The nine scenarios.
pub(super) fn answer(results: &Results) -> String {
    let mut rows = String::new();
    for tasks in RATES {
        for failing in FAILING {
            let found = results.failing(Group::Scenario, failing);
            let Some(ran) = found.into_iter().find(|ran| ran.case.plan.tasks_per_hour == tasks) else { continue };
            rows += &row(results, ran, failing);
        }
    }
    format!(
        "## The answer

| tasks/h | failing | ended/h | all ended after the hour by | job, median | reached | its wall | what moves it |
|---|---|---|---|---|---|---|---|
{rows}
*ended/h*: the pace while tasks are submitted, attempts turned into tasks. *reached*: limits, and when after the first submission. *its wall*: how many tasks an hour one lane can do of these, measured at twice that. What comes beyond waits, and nothing is lost: the queue keeps 25 GB and 4 days of it, and the ledgers send again what it refuses.
"
    )
}

fn row(results: &Results, ran: &Ran, failing: f64) -> String {
    let summary = &ran.summary;
    let walls: Vec<String> = summary.walls().iter().map(|used| reached(summary, used.limit)).collect();
    let busiest = summary.used(Limit::Invocations).map_or(0.0, |used| used.most);
    let walls = if walls.is_empty() {
        format!("nothing; {} of the consumer invocations", percent(busiest))
    } else {
        walls.join(", then ")
    };
    format!(
        "| {} M | {} | {} M | {} | {} | {walls} | {} M/h | {} |\n",
        millions(summary.tasks_per_hour),
        if failing == 0.0 { "0 %".to_owned() } else { percent(failing) },
        millions(summary.pace),
        time(summary.drained),
        time(summary.job_median),
        millions(results.capacity(failing)),
        moved(results, failing),
    )
}

fn reached(summary: &Summary, limit: Limit) -> String {
    let minute = summary.used(limit).and_then(|used| used.reached).unwrap_or(0);
    let after = time(std::time::Duration::from_secs(60 * (minute as u64 + 1)));
    format!("**{}** ({after})", limit.short())
}

/// What moves the wall of consumers, and how far.
fn moved(results: &Results, failing: f64) -> String {
    let base = results.capacity(failing);
    let by = |label: &str| factor(results.labelled(Group::Moves, label, failing).pace / base);
    let mut moved = format!(
        "`concurrency` 6: {}; 3 lanes: {}",
        by("`kinds.\"http.request\".concurrency` 4 → 6"),
        by("jobs spread over 3 lanes")
    );
    if failing == 1.0 {
        moved += &format!("; `max_attempts` 3: {}", by("`retry.max_attempts` 5 → 3"));
    }
    moved
}

/// What the runs say, in words.
pub(super) fn findings(results: &Results) -> String {
    let [all, tenth, none] = [0.0, 0.1, 1.0].map(|failing| results.capacity(failing));
    let batch = |size: &str| results.labelled(Group::Batches, size, 0.1);
    let (ten, two) = (batch("10"), batch("2"));
    let over = |label: &str, failing: f64| results.labelled(Group::Moves, label, failing);
    let larger = "`lanes.*.max_batch_size` 2 → 10";
    let single = |size: &str| results.labelled(Group::Singles, size, 0.0);
    let (dies, dies_in_ten) =
        (over("one attempt (what a 404 gets)", 1.0), over("one attempt, `max_batch_size` 10", 1.0));
    let patient = over("one attempt, `outbox.resend_ms` 2 min → 15 min", 1.0);
    let packs = |group, ms: &str| results.labelled(group, ms, 0.0);
    let (slow, full) = (packs(Group::Packs, "1000"), scenario(results, 100_000_000, 1.0));
    let [of_database, of_backlog] =
        [Limit::DatabaseBytes, Limit::Backlog].map(|limit| full.used(limit).map_or(0.0, |used| used.most));
    format!(
        "## What follows

1. **The first wall is always the consumers of a lane**: 250 invocations × 4 requests at once ÷ 0.2 s = 5,000 attempts a second. That is
   {} million tasks an hour, {} if a tenth of attempts fails, {} if all fail, since each task then takes five. Messages are nowhere near their limit: packs took care of that.
2. **To go further, spread jobs over queues.** Six queues do {} million an hour, enough for 100; no other setting gets there. `concurrency` 6 gives half as much
   again, and takes the connections that sends use.
3. **Small batches end a job of many tasks sooner.** The packs of a batch share four slots. With `max_batch_size` 2 a job of 100 packs gets fifty invocations, and at 1 million an hour half of the
   jobs end within {}; with batches of ten it gets ten, and they end within {}. Where a tenth fails, a pack takes {} messages instead of {} and {} ledger requests instead of {}. The wall is {} % lower for it. The price: jobs of one task have an invocation for every two of them, and a lane does {} million of those instead of {}.
4. **Slices would tear retries to pieces.** A batch of ten would take 50 s, and each of its packs would be settled in four slices (`claims.slice_ms`); what fails in each travels on as a pack of its own, and its
   letters in a pack of their own. Where all fails a pack becomes {} messages; in batches of ten it would become {}.
5. **When much dies, D1 has the work.** The letters of a batch of messages are one transaction, and the outbox tells a backlog from a loss:
   where every task dies at its first attempt, each letter is put into KV {} times ({} with batches of ten; {} with `outbox.resend_ms` at 15 min).
   100 million dead letters are {} of D1's 10 GB, and the last of them is archived {} after the last task has died.
   A backlog that ends fills it too: where a tenth fails, the jobs of 100 million tasks all end in its last minutes, and the index is told of 10,000 at once.
6. **A slow downstream costs pace, not messages.** A lease of 120 s has 75 s in which tasks may start: a batch of two packs, 200 tasks, fits up to 1.5 s a request; what does not fit is handed back and comes again. At 1 s
   a task is handed back {} times and a pack arrives {} times; the pace is what latency allows, {} million an hour.
7. **Packs buy {}** on a fast downstream (20 ms: {} instead of {} million an hour, the queue's 5,000 messages a second), and a hundredth of the
   cost of messages: ${:.3} instead of ${:.2} for a million tasks that succeed.
8. **At 100 million an hour all of which fail** the lane's 25 GB are full ({}) after {}. Sends are refused, {} million times in {}; the outboxes send again, and every task ends.
",
        digits(all / 1e6),
        digits(tenth / 1e6),
        digits(none / 1e6),
        millions(over("a lane sharded into 6 queues", 0.0).pace),
        time(results.labelled(Group::Batches, "2", 0.0).job_median),
        time(results.labelled(Group::Batches, "10", 0.0).job_median),
        digits(two.deliveries),
        digits(ten.deliveries),
        digits(two.ledger_requests),
        digits(ten.ledger_requests),
        digits((1.0 - tenth / over(larger, 0.1).pace) * 100.0),
        millions(single("2").pace),
        millions(single("10").pace),
        digits(over("production", 1.0).deliveries),
        digits(over(larger, 1.0).deliveries),
        digits(dies.puts),
        digits(dies_in_ten.puts),
        digits(patient.puts),
        percent(of_database),
        time(full.done.saturating_sub(full.ended)),
        digits(slow.handed_back),
        digits(slow.deliveries),
        millions(slow.pace),
        factor(packs(Group::Packs, "20").pace / packs(Group::NoPacks, "20").pace),
        millions(packs(Group::Packs, "20").pace),
        millions(packs(Group::NoPacks, "20").pace),
        3.0 * DOLLARS_PER_MILLION_OPERATIONS / 100.0,
        3.0 * DOLLARS_PER_MILLION_OPERATIONS,
        percent(of_backlog),
        full.used(Limit::Backlog).and_then(|used| used.reached).map_or("never".to_owned(), |minute| format!("{minute} min")),
        digits(full.refused as f64 / 1e6),
        time(full.ended),
    )
}

/// One of the nine.
fn scenario(results: &Results, tasks: u64, failing: f64) -> &Summary {
    let found = results.failing(Group::Scenario, failing);
    match found.into_iter().find(|ran| ran.case.plan.tasks_per_hour == tasks) {
        Some(ran) => &ran.summary,
        None => unreachable!("it was asked for"),
    }
}
