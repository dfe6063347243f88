//! Prints how triage does with 100,000 open dead letters: `cargo run --release -p tests --bin triage`. Fails if it is not
//! as promised. Some of it only: name `pages`, `archiving`, `replay`, `night`; `million` is done only where it is named.

use std::process::ExitCode;

use domain::limits::{D1_QUERIES, KV_OPERATIONS};
use domain::time::Timestamp;
use serde_json::Value;
use tests::pipeline::Pipeline;
use tests::triage_load::archiving::{archive_in_parts, bare_puts, letters_a_second};
use tests::triage_load::figure::Target::{AtLeast, AtMost, Exactly, None};
use tests::triage_load::figure::{Figure, Report, percentile};
use tests::triage_load::letters::{CAUSES, LETTERS, letters};
use tests::triage_load::operations::Operations;
use tests::triage_load::{index, night, now, pages, pipeline, replay};

/// Deaths of each run of archiving, and puts of each run of KV alone.
const ARCHIVED: usize = 8_000;
/// Runs of each, in turns.
const ROUNDS: usize = 3;
/// Letters of the replay, and of a night.
const REPLAYED: usize = 40_000;
/// Letters of a very bad night.
const MILLION: usize = 1_000_000;

fn main() -> ExitCode {
    let (pipeline, mut report) = (pipeline(), Report::default());
    let now = now();
    // Last night, from twelve hours ago until now.
    let night = Timestamp::from_millis(now.as_millis() - 12 * 3_600_000);
    let letters = letters(night, 7);

    println!("The D1 index alone: the statement of the dlq Worker, 200 letters a transaction; HTTP included");
    let took = index::seed(&pipeline.client(), &letters, now);
    report.add(Figure::new(
        format!("{LETTERS} letters of {CAUSES} causes"),
        LETTERS as f64 / took.as_secs_f64(),
        "rows/s",
        AtLeast(10_000.0),
    ));
    let named: Vec<String> = std::env::args().skip(1).collect();
    let asked = |part: &str| named.is_empty() || named.iter().any(|name| name == part);
    if asked("pages") {
        show_pages(&pipeline, night, &mut report);
    }
    if asked("archiving") {
        show_archiving(&pipeline, &letters[0], &mut report);
    }
    if asked("replay") {
        show_replay(&pipeline, &mut report);
    }
    if asked("night") {
        show_night(&pipeline, &mut report);
    }
    // Half an hour on two cores: only where it is asked for by name.
    if named.iter().any(|name| name == "million") {
        show_million(&pipeline, &mut report);
    }
    if report.conclude() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn show_pages(pipeline: &Pipeline, night: Timestamp, report: &mut Report) {
    let client = pipeline.client();
    let groups = client.get("/v1/dead-letters/groups?limit=200").expect(200).json()["groups"].clone();
    let groups = groups.as_array().map_or(&[][..], Vec::as_slice);
    let counted: u64 = groups.iter().filter_map(|group| group["count"].as_u64()).sum();
    report.add(Figure::new("  groups that they are found in", groups.len() as f64, "groups", Exactly(CAUSES as f64)));
    report.add(Figure::new("  letters in these", counted as f64, "letters", Exactly(LETTERS as f64)));
    for (title, path) in [("Groups", "/v1/dead-letters/groups"), ("Lists", "/v1/dead-letters")] {
        println!("\n{title}, in ms, at the caller                                 rows      p50      p95      max");
        let mut slowest: f64 = 0.0;
        let mut show = |times: pages::Times| {
            println!("{times}{}", if times.p95 > 100.0 { " MISSED" } else { "" });
            slowest = slowest.max(times.p95);
        };
        for (name, query) in pages::queries(night, groups) {
            show(pages::of_query(&client, name, &format!("{path}?{query}")));
        }
        if title == "Lists" {
            show(pages::of_query(&client, "no filter, 200 a page", &format!("{path}?limit=200")));
            show(pages::of_walks(&client, "20 pages, no filter", &format!("{path}?limit=200")));
            show(pages::of_walks(&client, "20 pages, state open", &format!("{path}?state=open&limit=200")));
            show(pages::of_walks(&client, "20 pages, q common", &format!("{path}?q=answered&limit=200")));
        } else {
            show(pages::of_walks(&client, "all pages of 5, no filter", &format!("{path}?limit=5")));
        }
        report.add(Figure::new(format!("{title}: the highest p95"), slowest, "ms", AtMost(100.0)));
    }
}

fn show_archiving(pipeline: &Pipeline, letter: &domain::dead_letter::DeadLetter<'_>, report: &mut Report) {
    println!(
        "\nArchiving {ARCHIVED} deaths, into KV and the index and confirmed; in turns with as many puts to KV alone"
    );
    let first = pipeline.logs.count();
    let (mut bare, mut real) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(bare_puts(&pipeline.client(), letter, ARCHIVED));
        real.push(letters_a_second(pipeline, ARCHIVED));
        println!("  bare puts {:6.0}/s, letters {:6.0}/s", bare[bare.len() - 1], real[real.len() - 1]);
    }
    let (bare, real) = (percentile(&bare, 0.5), percentile(&real, 0.5));
    report.add(Figure::new("bare puts, median", bare, "puts/s", None));
    report.add(Figure::new("letters archived, median", real, "letters/s", None));
    report.add(Figure::new("letters to bare puts, one a letter", real / bare, "", AtLeast(2.0)));

    println!("\nOperations for 1,000 of these letters");
    show_operations(&Operations::since(&pipeline.logs, first), report);
}

fn show_operations(made: &Operations, report: &mut Report) {
    let per_thousand = |count: u64| count as f64 * 1_000.0 / made.letters as f64;
    report.add(Figure::new("operations on KV", per_thousand(made.batches.kv), "operations", None));
    report.add(Figure::new("queries on D1", per_thousand(made.batches.queries), "queries", None));
    report.add(Figure::new("confirmations at ledgers", per_thousand(made.confirms.requests), "requests", None));
    report.add(Figure::new("rows that these wrote", per_thousand(made.confirms.rows), "rows", None));
    report.add(Figure::new("rows on D1", per_thousand(made.rows), "rows", None));
    report.add(Figure::new("chunks of messages", per_thousand(made.chunks), "chunks", None));
    report.add(Figure::new("a million of these cost", made.dollars_a_million(), "dollars", AtMost(3.0)));
    let (kv, queries) = made.most();
    report.add(Figure::new(
        "most operations on KV of one invocation",
        kv as f64,
        "operations",
        AtMost(KV_OPERATIONS as f64),
    ));
    report.add(Figure::new(
        "most queries on D1 of one invocation",
        queries as f64,
        "queries",
        AtMost(D1_QUERIES as f64),
    ));
}

fn show_replay(pipeline: &Pipeline, report: &mut Report) {
    println!("\nA replay of {REPLAYED} letters that then succeed");
    let job = archive_in_parts(pipeline, REPLAYED, ARCHIVED);
    let replayed = replay::run(pipeline, job, &serde_json::json!({ "fail": null }));
    let (counts, made) = (replayed.view.counts, replayed.operations);
    let per_thousand = |count: u64| count as f64 * 1_000.0 / REPLAYED as f64;
    report.add(Figure::new("accepted after", replayed.accepted.as_secs_f64(), "s", AtMost(5.0)));
    report.add(Figure::new("completed after", replayed.completed.as_secs_f64(), "s", None));
    report.add(Figure::new("succeeded", f64::from(counts.succeeded), "items", Exactly(REPLAYED as f64)));
    report.add(Figure::new(
        "its operations on KV, for 1,000",
        per_thousand(made.replays.kv),
        "operations",
        AtMost(11.0),
    ));
    report.add(Figure::new("its queries on D1, for 1,000", per_thousand(made.replays.queries), "queries", None));
    report.add(Figure::new("invocations", made.replays.count as f64, "", None));
    let (kv, queries) = made.most();
    report.add(Figure::new("most operations on KV of one", kv as f64, "operations", AtMost(KV_OPERATIONS as f64)));
    report.add(Figure::new("most queries on D1 of one", queries as f64, "queries", AtMost(D1_QUERIES as f64)));
    let open = pipeline.client().get(&format!("/v1/dead-letters?job={job}&state=open")).expect(200).json();
    let open = open["dead_letters"].as_array().map_or(0, Vec::<Value>::len);
    report.add(Figure::new("letters still open on its first page", open as f64, "letters", Exactly(0.0)));
}

/// A job dies while an operator looks at the groups, and replays another that died before.
fn show_night(pipeline: &Pipeline, report: &mut Report) {
    println!("\n{REPLAYED} tasks die while all groups are looked at");
    let (first, ()) = night::run(pipeline, REPLAYED, || ());
    show_one_night(&first, REPLAYED, report);
    println!("\n{REPLAYED} more die, and the first ones are replayed in the middle of it");
    let (second, replayed) = night::run(pipeline, REPLAYED, || night::replay_of(pipeline, first.job));
    report.add(Figure::new("from the last death until all are listed", second.last_to_listed.as_secs_f64(), "s", None));
    report.add(Figure::new("the replay is completed after", replayed.completed.as_secs_f64(), "s", None));
    let succeeded = f64::from(replayed.view.counts.succeeded);
    report.add(Figure::new("its items that succeeded", succeeded, "items", Exactly(REPLAYED as f64)));
}

fn show_one_night(night: &night::Night, count: usize, report: &mut Report) {
    let rate = count as f64 / night.archiving.as_secs_f64();
    report.add(Figure::new("letters listed, from the first to the last", rate, "letters/s", None));
    let last = night.last_to_listed.as_secs_f64();
    report.add(Figure::new("from the last death until all are listed", last, "s", AtMost(10.0)));
    let made = &night.operations;
    report.add(Figure::new("letters put into the archive", made.letters as f64, "letters", Exactly(count as f64)));
    let (p50, p95) = (percentile(&night.groups, 0.5), percentile(&night.groups, 0.95));
    report.add(Figure::new("groups meanwhile: p50", p50, "ms", None));
    report.add(Figure::new("groups meanwhile: p95", p95, "ms", AtMost(150.0)));
    report.add(Figure::new("looks at the groups", night.groups.len() as f64, "", None));
    show_operations(made, report);
}

fn show_million(pipeline: &Pipeline, report: &mut Report) {
    println!("\n{MILLION} tasks of one job die");
    let (night, ()) = night::run(pipeline, MILLION, || ());
    let rate = MILLION as f64 / night.archiving.as_secs_f64();
    report.add(Figure::new("letters listed, from the first to the last", rate, "letters/s", None));
    report.add(Figure::new("from the last death until all are listed", night.last_to_listed.as_secs_f64(), "s", None));
    report.add(Figure::new(
        "letters put into the archive",
        night.operations.letters as f64,
        "letters",
        Exactly(MILLION as f64),
    ));
    let memory = pipeline.logs.events(|event| event["message"] == "ledger call");
    let most = memory.iter().filter_map(|event| event["memory"].as_u64()).max().unwrap_or(0);
    report.add(Figure::new("most memory of the ledgers", most as f64 / 1_048_576.0, "MiB", AtMost(100.0)));
    show_operations(&night.operations, report);
}
