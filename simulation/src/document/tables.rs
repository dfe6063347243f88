//! What the answer stands on, in numbers.

use crate::numbers::{count, digits, factor, millions, percent, time};
use crate::study::{BATCHES, DOWNSTREAMS, FAILING, Group, RATES, Ran};
use crate::summary::Summary;
use crate::uses::Limit;

use super::Results;

/// What each setting moves.
pub(super) fn moves(results: &Results) -> String {
    let mut text = "## What moves the wall

One thing changed at a time, with twice as many tasks as production can do (with more lanes, as many times more).
*archived*: when the last letter was, after the first submission. *puts*: how often a letter is put into KV. Both are left out where next to nothing dies.
"
    .to_owned();
    for failing in FAILING {
        let name = if failing == 0.0 { "0 %".to_owned() } else { percent(failing) };
        text += &format!(
            "
| {name} failing | tasks/h | | messages a pack | ledger requests a pack | archived | puts |
|---|---|---|---|---|---|---|
"
        );
        for ran in results.failing(Group::Moves, failing) {
            text += &move_row(ran, results.capacity(failing));
        }
    }
    text
}

fn move_row(ran: &Ran, base: f64) -> String {
    let summary = &ran.summary;
    format!(
        "| {} | {} M | {} | {} | {} | {} | {} |\n",
        ran.case.label,
        millions(summary.pace),
        factor(summary.pace / base),
        digits(summary.deliveries),
        digits(summary.ledger_requests),
        if summary.dead > 1_000 { time(summary.done) } else { "–".to_owned() },
        if summary.dead > 1_000 { digits(summary.puts) } else { "–".to_owned() },
    )
}

/// The sizes of batches.
pub(super) fn batches(results: &Results) -> String {
    let mut text = "## Batches

1 million tasks an hour in jobs of 10,000; and jobs of one task, 15 million an hour.

| `max_batch_size` | job, median, none fails | job, median, 10 % fail | messages a pack, 10 % | ledger requests a pack, 10 % | handed back | jobs of one task, ended/h |
|---|---|---|---|---|---|---|
"
    .to_owned();
    for size in BATCHES {
        let of = |group, failing| results.labelled(group, &size.to_string(), failing);
        let (sound, jobs, single) = (of(Group::Batches, 0.0), of(Group::Batches, 0.1), of(Group::Singles, 0.0));
        text += &format!(
            "| {size} | {} | {} | {} | {} | {} | {} M |\n",
            time(sound.job_median),
            time(jobs.job_median),
            digits(jobs.deliveries),
            digits(jobs.ledger_requests),
            percent(jobs.handed_back),
            millions(single.pace)
        );
    }
    text + "
Jobs of one task meet another wall long before: the index of jobs is told twice of each, and D1 makes 100 writes a second. The index then lags by
hours; the tasks do not wait for it. Of tasks submitted alone, by `POST /v1/tasks`, it is told only where they take longer than a second.
"
}

/// What packs buy.
pub(super) fn packs(results: &Results) -> String {
    let mut text = "## Without packs

One task a message (`pack_tasks` 1, jobs of 500) against packs, by the downstream's latency. Each gets twice what consumers can do, one task a message at most 36 million an hour: twice what a queue takes.

| downstream | packs, ended/h | wall | one task a message, ended/h | wall | refused, of all sends | ledger requests a task |
|---|---|---|---|---|---|---|
"
    .to_owned();
    for ms in DOWNSTREAMS {
        let (with, without) = (
            results.labelled(Group::Packs, &ms.to_string(), 0.0),
            results.labelled(Group::NoPacks, &ms.to_string(), 0.0),
        );
        text += &format!(
            "| {ms} ms | {} M | {} | {} M | {} | {} | {} |\n",
            millions(with.pace),
            wall(with),
            millions(without.pace),
            wall(without),
            percent(without.refused as f64 / (without.refused as f64 + without.accepted as f64)),
            digits(without.ledger_requests),
        );
    }
    text
}

fn wall(summary: &Summary) -> String {
    let walls: Vec<&str> = summary.walls().iter().map(|used| used.limit.short()).collect();
    if walls.is_empty() { "none".to_owned() } else { walls.join(", ") }
}

/// What happens where the order is not kept, and where all tasks are one job's.
pub(super) fn order_and_one_job(results: &Results) -> String {
    let mut text = "## A queue that does not keep the order

A ledger takes what was sent 30 s before something that has arrived for lost (`recovery.grace_ms`), and Queues promises no order. 36 million an hour, a tenth failing,
each message overtaken by those sent up to so much later:

| overtaken by up to | ended/h | messages a pack | of these with nothing to do |
|---|---|---|---|
"
    .to_owned();
    for ran in results.group(Group::Order) {
        let summary = &ran.summary;
        text += &format!(
            "| {} min | {} M | {} | {} |\n",
            ran.case.label,
            millions(summary.pace),
            digits(summary.deliveries),
            percent(summary.idle)
        );
    }
    text += "
No storm: what is sent twice is claimed once, and costs a message.

## All tasks in one job

| downstream | failing | submitted/h | ended/h | busiest minute of its ledger | wall |
|---|---|---|---|---|---|
";
    for ran in results.group(Group::OneJob) {
        let summary = &ran.summary;
        text += &format!(
            "| {} ms | {} | {} M | {} M | {} of 1,000 requests/s | {} |\n",
            ran.case.label,
            if ran.case.plan.failing == 0.0 { "0 %".to_owned() } else { percent(ran.case.plan.failing) },
            millions(summary.tasks_per_hour),
            millions(summary.pace),
            percent(summary.used(Limit::Ledger).map_or(0.0, |used| used.most)),
            wall(summary),
        );
    }
    text + "
One ledger serves one lane on an ordinary downstream. On one that is ten times as fast its requests come in bursts that cost some of the pace, and with failures they fill its thousand a second: split such work into several jobs.
"
}

/// How much of each limit the nine scenarios use.
pub(super) fn uses(results: &Results) -> String {
    let mut scenarios: Vec<&Ran> = Vec::new();
    for tasks in RATES {
        for failing in FAILING {
            let found = results.failing(Group::Scenario, failing);
            scenarios.extend(found.into_iter().filter(|ran| ran.case.plan.tasks_per_hour == tasks));
        }
    }
    let heads = scenarios.iter().map(|ran| {
        let failing = if ran.case.plan.failing == 0.0 { "0 %".to_owned() } else { percent(ran.case.plan.failing) };
        format!(" {} M, {failing} |", millions(ran.summary.tasks_per_hour))
    });
    let mut text = format!(
        "## How much of each limit

In the busiest minute, of the nine scenarios.

| limit |{}
|---|{}
",
        heads.collect::<String>(),
        "---|".repeat(scenarios.len())
    );
    let mut row = |name: &str, cell: &dyn Fn(&Summary) -> String| {
        let cells = scenarios.iter().map(|ran| format!(" {} |", cell(&ran.summary)));
        text += &format!("| {name} |{}\n", cells.collect::<String>());
    };
    for limit in Limit::ALL {
        row(limit.name(), &|summary| percent(summary.used(limit).map_or(0.0, |used| used.most)));
    }
    row("all letters archived after", &|summary| {
        if summary.dead > 1_000 { time(summary.done) } else { "–".to_owned() }
    });
    row("attempts a task", &|summary| digits(summary.attempts));
    row("messages a pack", &|summary| digits(summary.deliveries));
    row("with nothing to do", &|summary| percent(summary.idle));
    row("dead letters", &|summary| count(summary.dead));
    row("puts a letter", &|summary| if summary.dead > 1_000 { digits(summary.puts) } else { "–".to_owned() });
    text
}
