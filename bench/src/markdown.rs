//! The report for people.

use std::fmt::Write;

use crate::compare::Column;
use crate::report::Report;
use crate::stats::Spread;
use crate::system::System;
use crate::work::{Does, TINY, Work, thousands};

/// The report as Markdown.
pub fn of(report: &Report) -> String {
    let mut text = String::new();
    conditions(report, &mut text);
    targets(report, &mut text);
    bulk(report, &mut text);
    single(report, &mut text);
    growth(report, &mut text);
    cost(report, &mut text);
    wasm(report, &mut text);
    parsing(report, &mut text);
    systems(report, &mut text);
    text
}

/// Appends a line. Writing to a String cannot fail.
macro_rules! line {
    ($text:expr) => { $text.push('\n') };
    ($text:expr, $($part:tt)*) => {{ let _ = writeln!($text, $($part)*); }};
}

fn conditions(report: &Report, text: &mut String) {
    let machine = &report.machine;
    line!(text, "# Measured on {}", report.began.split('T').next().unwrap_or_default());
    line!(text);
    line!(
        text,
        "Written by `make bench` in {} minutes: commit {}, {} ({} cores, {} GiB), {}; {}.",
        report.took_s.div_ceil(60),
        machine.commit,
        machine.processor,
        machine.cores,
        machine.memory_gib,
        machine.kernel,
        machine.versions.iter().map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join(", ")
    );
    line!(text);
    line!(
        text,
        "Medians of {} rounds; in brackets the least and the most. All systems run on this machine, one at a time, in another \
         order each round; servers, workers and the program that submits share its cores. Every run starts from empty \
         storage, warms up with 50,000 tasks (1,000 requests), and is checked: every task ran. Nothing is drawn by chance: task `i` is the \
         same in every round, and as long in every system. Tasks are made before the clock starts, in the form in which a \
         caller has them: lines for what is spoken to over HTTP, objects for the libraries. What \"promised\" is worth differs: \
         see durability under Settings; the local broker of Cloudflare Queues keeps messages in memory, and fails past 10,000 \
         (workers-sdk#15670), where the TypeScript Worker's caller sends again what was refused.",
        report.rounds
    );
}

fn title(name: &str) -> &'static str {
    System::all().into_iter().find(|system| system.name() == name).map_or("?", System::title)
}

fn works(report: &Report) -> Vec<Work> {
    let mut works: Vec<Work> = Vec::new();
    for column in &report.bulk {
        if !works.contains(&column.work) {
            works.push(column.work);
        }
    }
    works
}

fn per_s(spread: Option<Spread>) -> String {
    spread.map_or("–".to_owned(), |found| {
        let rounded = |figure: f64| thousands(figure.round() as u64);
        format!("{} ({}–{})", rounded(found.median), rounded(found.min), rounded(found.max))
    })
}

fn bulk(report: &Report, text: &mut String) {
    for work in works(report) {
        let columns: Vec<&Column> = report.bulk.iter().filter(|column| column.work == work).collect();
        line!(text);
        line!(text, "## {}", work.name());
        line!(text);
        if work.does == Does::HttpRequest {
            line!(
                text,
                "Each task posts to a local server that answers after 20 ms. In production an invocation has six connections; \
                 local runs have no such limit."
            );
            line!(text);
        }
        line!(text, "| system | promised, tasks/s | done and counted, tasks/s | memory, MB | ran more than once |");
        line!(text, "|---|---:|---:|---:|---:|");
        for column in &columns {
            let memory = column.memory.map_or("–".to_owned(), |found| format!("{:.0}", found.median / 1e6));
            match column.why_not() {
                Some(why) => line!(text, "| {} | {} | – | – | – |", title(column.system), why.replace('|', "/")),
                None => line!(
                    text,
                    "| {} | {} | {} | {memory} | {} |",
                    title(column.system),
                    per_s(column.accepted_per_s),
                    per_s(column.settled_per_s),
                    column.repeated.map_or("–".to_owned(), |found| thousands(found.median as u64))
                ),
            }
        }
        if let Some((promised, done)) = ratios(&columns) {
            line!(text);
            line!(text, "Against the best other in each column: promised {promised:.1}×, done {done:.1}×.");
        }
    }
}

/// MonoTask's medians against the best of the others.
fn ratios(columns: &[&Column]) -> Option<(f64, f64)> {
    let ours = columns.iter().find(|column| column.system == System::MonoTask.name())?;
    let best = |figure: fn(&Column) -> Option<Spread>| {
        let others = columns.iter().filter(|column| column.system != ours.system);
        others.filter_map(|column| figure(column)).map(|found| found.median).reduce(f64::max)
    };
    let accepted = ours.accepted_per_s?.median / best(|column| column.accepted_per_s)?;
    let settled = ours.settled_per_s?.median / best(|column| column.settled_per_s)?;
    Some((accepted, settled))
}

fn single(report: &Report, text: &mut String) {
    if report.single.is_empty() {
        return;
    }
    line!(text);
    line!(text, "## Single tasks, one after the other");
    line!(text);
    line!(text, "From submission until seen to be done. MonoTask: lane `high`, asked by HTTP without pause.");
    line!(text);
    line!(text, "| system | p50, ms | p99, ms |");
    line!(text, "|---|---:|---:|");
    for found in &report.single {
        let ms = |spread: Option<Spread>| {
            spread.map_or("–".to_owned(), |found| format!("{:.1} ({:.1}–{:.1})", found.median, found.min, found.max))
        };
        line!(text, "| {} | {} | {} |", title(found.system), ms(found.p50_ms), ms(found.p99_ms));
    }
}

fn growth(report: &Report, text: &mut String) {
    let of_ours = |column: &&Column| column.system == System::MonoTask.name() && column.ledger_bytes.is_some();
    let tiny = |column: &&Column| column.work.does == Does::Nothing && column.work.bytes == TINY;
    let columns: Vec<&Column> = report.bulk.iter().filter(of_ours).filter(tiny).collect();
    if columns.is_empty() {
        return;
    }
    line!(text);
    line!(text, "## Growth");
    line!(text);
    line!(text, "| tasks of a job | µs a task, end to end | ledger, bytes a task | `GET /v1/jobs/{{job}}`, ms |");
    line!(text, "|---:|---:|---:|---:|");
    for column in columns {
        let median = |spread: Option<Spread>| spread.map_or(f64::NAN, |found| found.median);
        line!(
            text,
            "| {} | {:.1} | {:.0} | {:.1} |",
            thousands(column.work.tasks.into()),
            1e6 / median(column.settled_per_s),
            median(column.ledger_bytes) / f64::from(column.work.tasks),
            median(column.status_ms)
        );
    }
}

fn cost(report: &Report, text: &mut String) {
    let Some(costs) = &report.cost else { return };
    line!(text);
    line!(text, "## Cost on Cloudflare");
    line!(text);
    line!(
        text,
        "Dollars per million tasks: every billed operation of a real run, counted by the Workers themselves, at the list \
         prices of {} (`bench/prices/`), beyond what a plan includes. Queues are set as in production, the waits as in \
         development; tasks are of kind `simulate`, and `http.request` has a row of its own. CPU is that of the whole runtime, \
         storage and queues included, more than what is billed. A ledger is taken to work for as long as its job runs. Rows \
         that ledgers read, storage, and the tick are not in it.",
        costs.prices_of
    );
    line!(text);
    line!(text, "| tasks | in all | queues | Workers | ledgers | KV | D1 |");
    line!(text, "|---|---:|---:|---:|---:|---:|---:|");
    for cost in &costs.costs {
        let by = &cost.dollars_per_million;
        line!(
            text,
            "| {} | **${:.4}** | {:.4} | {:.4} | {:.4} | {:.4} | {:.4} |",
            cost.what,
            by.total(),
            by.queues,
            by.workers,
            by.ledgers,
            by.kv,
            by.d1
        );
    }
    line!(text, "| one task per message, nothing kept | **${:.4}** | | | | | |", costs.one_per_message);
    line!(text, "| QStash, list price | **${:.2}** | | | | | |", costs.qstash);
    line!(text);
    line!(text, "Operations per 100,000 tasks:");
    line!(text);
    line!(
        text,
        "| tasks | queue writes, reads, deletes | ledger requests, rows | KV writes | D1 rows written | batches | CPU, ms |"
    );
    line!(text, "|---|---:|---:|---:|---:|---:|---:|");
    for cost in &costs.costs {
        let (found, per) = (&cost.operations, 1e5 / f64::from(cost.tasks));
        let number = |amount: f64| thousands((amount * per).round() as u64);
        line!(
            text,
            "| {} | {}, {}, {} | {}, {} | {} | {} | {} | {} |",
            cost.what,
            number(found.queue_writes),
            number(found.queue_reads),
            number(found.queue_deletes),
            number(found.ledger_requests),
            number(found.ledger_rows),
            number(found.kv_writes),
            number(found.d1_rows_written),
            number(found.batches),
            number(found.cpu_ms)
        );
    }
    line!(text);
    if let Some(free) = &costs.free {
        line!(
            text,
            "The free plan carries {} tiny tasks a day, as requests of {} tasks, a pack each ({} are used up first): more in a request \
             would take over {} ms of CPU or a second pack. Each request has two subrequests, each batch of one pack as many (`max_batch_size` \
             1), of {} that are allowed. What an invocation takes besides its tasks is not in it, so it is the most that may be hoped for. A pack \
             of dead letters takes more: tasks that die need the paid plan.",
            thousands(free.tasks_a_day as u64),
            thousands(free.tasks_of_a_request as u64),
            free.used_up_first,
            costs.prices.free.cpu_ms_per_invocation,
            costs.prices.free.subrequests_per_invocation
        );
    }
}

fn wasm(report: &Report, text: &mut String) {
    let Some(workers) = &report.wasm else { return };
    line!(text);
    line!(text, "## The Workers");
    line!(text);
    line!(text, "Linear memory is that after a request of 16 MiB, of which dlq hears nothing.");
    line!(text);
    line!(text, "| Worker | gzipped, bytes | start-up, ms | linear memory after a request of 16 MiB, MiB |");
    line!(text, "|---|---:|---:|---:|");
    for found in workers {
        let memory = found.memory.map_or("–".to_owned(), |bytes| format!("{:.1}", bytes as f64 / f64::from(1 << 20)));
        line!(text, "| {} | {} | {:.0} | {memory} |", found.worker, thousands(found.gzipped), found.start_up_ms);
    }
}

fn parsing(report: &Report, text: &mut String) {
    let Some(found) = &report.parsing else { return };
    line!(text);
    line!(text, "## Reading a submission");
    line!(text);
    line!(
        text,
        "100,000 tasks of {TINY} B, natively, on one core: checked and packed at {:.0} MB/s, which is {:.0} % of the speed at \
         which serde_json skips the same lines (`IgnoredAny`, {:.0} MB/s), and {:.0} % of that at which it skips them as one \
         stream ({:.0} MB/s).",
        found.packed_bytes_per_s.median / 1e6,
        found.share_of_skimming.median * 100.0,
        found.skimmed_bytes_per_s.median / 1e6,
        found.share_of_streaming.median * 100.0,
        found.streamed_bytes_per_s.median / 1e6
    );
}

/// How each system was set, and for which work where that differs.
fn systems(report: &Report, text: &mut String) {
    line!(text);
    line!(text, "## Settings");
    for system in System::all() {
        let columns: Vec<&Column> = report.bulk.iter().filter(|column| column.system == system.name()).collect();
        let Some(last) = columns.last() else { continue };
        let versions = last.about.versions.iter().map(|(name, version)| format!("{name} {version}"));
        let versions = versions.collect::<Vec<_>>().join(", ");
        line!(text);
        line!(text, "**{}**{}", system.title(), if versions.is_empty() { versions } else { format!(" ({versions})") });
        line!(text);
        for setting in last.about.settings.keys() {
            let mut values: Vec<(&str, Vec<String>)> = Vec::new();
            for column in &columns {
                let Some(value) = column.about.settings.get(setting) else { continue };
                match values.iter_mut().find(|(known, _)| known == value) {
                    Some((_, works)) => works.push(column.work.name()),
                    None => values.push((value, vec![column.work.name()])),
                }
            }
            let said = match &*values {
                [(value, _)] => (*value).to_owned(),
                several => {
                    let each = several.iter().map(|(value, works)| format!("{value} ({})", works.join(", ")));
                    each.collect::<Vec<_>>().join("; ")
                }
            };
            line!(text, "- {setting}: {said}");
        }
    }
}

/// What was to be reached, and by how much it was missed.
fn targets(report: &Report, text: &mut String) {
    let mut rows: Vec<(String, f64, f64, bool)> = Vec::new();
    for size in [100_000, 1_000_000] {
        let columns: Vec<&Column> = report.bulk.iter().filter(|column| column.work == Work::tiny(size)).collect();
        if let Some((promised, done)) = ratios(&columns) {
            let size = thousands(size.into());
            rows.push((format!("{size} tasks promised, × the best other (aim 8)"), 5.0, promised, true));
            rows.push((format!("{size} tasks done, × the best other (aim 10)"), 5.0, done, true));
        }
    }
    if let Some(found) = &report.parsing {
        rows.push((
            "reading and packing, share of skimming the same line by line".to_owned(),
            0.6,
            found.share_of_skimming.median,
            true,
        ));
    }
    if let Some(tiny) = report.cost.as_ref().and_then(|costs| costs.costs.first()) {
        rows.push(("a million tiny tasks, dollars".to_owned(), 0.05, tiny.total_per_million, false));
    }
    let ours = report.single.iter().find(|found| found.system == System::MonoTask.name());
    if let Some(p50) = ours.and_then(|found| found.p50_ms) {
        rows.push(("a single task on lane `high`, p50, ms".to_owned(), 30.0, p50.median, false));
    }
    let memory = report.wasm.iter().flatten().filter_map(|worker| worker.memory).max();
    if let Some(most) = memory {
        rows.push(("most linear memory after 16 MiB, MiB".to_owned(), 64.0, most as f64 / f64::from(1 << 20), false));
    }
    line!(text);
    line!(text, "## Targets");
    line!(text);
    line!(text, "| what | target | found | |");
    line!(text, "|---|---:|---:|---|");
    for (what, target, found, at_least) in rows {
        let met = if at_least { found >= target } else { found <= target };
        let by = (found / target - 1.0).abs() * 100.0;
        let said = if met { "met".to_owned() } else { format!("missed by {by:.0} %") };
        let bound = if at_least { "≥" } else { "≤" };
        line!(text, "| {what} | {bound} {target} | {found:.2} | {said} |");
    }
}
