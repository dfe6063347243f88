//! `make bench`.

#![allow(clippy::disallowed_methods, reason = "this runs on the machine, where clocks work")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use bench::machine::Machine;
use bench::progress::Progress;
use bench::report::Report;
use bench::system::System;
use bench::work::Work;
use bench::{compare, cost, parse, readme, wasm};
use chrono::{SecondsFormat, Utc};
use clap::{Parser, ValueEnum};
use tests::root;

/// Measures MonoTask beside what its users would pick instead, and writes a table and JSON.
///
/// The whole takes about half an hour on two cores; nothing else should run meanwhile. A peer whose server is
/// not installed is said and left out.
#[derive(Parser)]
#[command(name = "bench", after_help = EXAMPLES)]
struct Args {
    /// Rounds of each measure.
    #[arg(long, default_value_t = ROUNDS, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Tasks of the jobs that are measured, of 116 bytes each.
    #[arg(long, value_delimiter = ',', default_values_t = SIZES,
        value_parser = clap::value_parser!(u32).range(1..=5_000_000))]
    sizes: Vec<u32>,
    /// What to measure; all of it if not said.
    #[arg(long, value_delimiter = ',', value_enum)]
    only: Vec<Measure>,
    /// The systems; all of them if not said.
    #[arg(long, value_delimiter = ',', value_parser = system)]
    systems: Vec<System>,
    /// Where to write the results: bench/results if all was measured, else target/bench.
    #[arg(long)]
    out: Option<PathBuf>,
}

impl Args {
    /// Whether nothing is left out, so that it may be published.
    fn is_whole(&self) -> bool {
        let everything = self.only.is_empty() && self.systems.is_empty() && self.sizes == SIZES;
        everything && self.rounds >= ROUNDS
    }
}

/// Rounds of what is published, at least.
const ROUNDS: u32 = 5;
/// Sizes of the jobs.
const SIZES: [u32; 3] = [10_000, 100_000, 1_000_000];
/// Where the results of a part go.
const TRIES: &str = "target/bench";
/// Where results are kept.
const RESULTS: &str = "bench/results";

const EXAMPLES: &str = "Examples:
  make bench                                        all of it
  make bench ARGS='--only parsing,wasm'             what needs no peer
  make bench ARGS='--sizes 10000 --rounds 1'     a first look";

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measure {
    /// Tiny tasks, by size of the job.
    Tiny,
    /// 100,000 tasks of 1 KB.
    Large,
    /// 10,000 HTTP requests.
    Http,
    /// Single tasks.
    Single,
    /// Dollars per million.
    Cost,
    /// Size, start-up and memory of the Workers.
    Wasm,
    /// Reading a submission.
    Parsing,
}

/// Single tasks of a round.
const SINGLES: u32 = 200;

fn system(name: &str) -> Result<System, String> {
    let known = || System::all().iter().map(|system| system.name()).collect::<Vec<_>>().join(", ");
    System::all().into_iter().find(|system| system.name() == name).ok_or_else(|| format!("known here: {}", known()))
}

fn main() -> io::Result<()> {
    let args = Args::parse();
    let (start, began) = (Instant::now(), Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true));
    let wanted = |measure| args.only.is_empty() || args.only.contains(&measure);
    let systems = if args.systems.is_empty() { System::all() } else { args.systems.clone() };
    let rounds = args.rounds as usize;

    let mut works = Vec::new();
    if wanted(Measure::Tiny) {
        works.extend(args.sizes.iter().map(|size| Work::tiny(*size)));
    }
    if wanted(Measure::Large) {
        works.push(Work::large(100_000));
    }
    if wanted(Measure::Http) {
        works.push(Work::http(10_000));
    }
    let single_rounds = if wanted(Measure::Single) { rounds } else { 0 };
    let progress = Progress::of((works.len() * rounds + single_rounds) * systems.len() + 3);

    let parsing = wanted(Measure::Parsing).then(|| {
        progress.begin("reading a submission");
        parse::measure(rounds * 4)
    });
    let single = compare::single_tasks(&systems, SINGLES, single_rounds, &progress)?;
    let bulk = compare::bulk(&systems, &works, rounds, &progress)?;
    let cost = if wanted(Measure::Cost) {
        progress.begin("cost");
        Some(cost::measure(|note| progress.note(note))?)
    } else {
        None
    };
    let wasm = if wanted(Measure::Wasm) {
        progress.begin("the Workers");
        Some(wasm::measure()?)
    } else {
        None
    };
    drop(progress);

    let report = Report {
        began,
        took_s: start.elapsed().as_secs(),
        machine: Machine::this(),
        rounds,
        bulk,
        single: if single_rounds > 0 { single } else { Vec::new() },
        cost,
        wasm,
        parsing: parsing.flatten(),
    };
    let publish = args.is_whole() && report.is_whole();
    let out = args.out.unwrap_or_else(|| PathBuf::from(if publish { RESULTS } else { TRIES }));
    for file in report.write(&out)? {
        println!("{}", file.display());
    }
    if publish && out == Path::new(RESULTS) {
        show_in_readme(&report)?;
    }
    Ok(())
}

/// The README shows what the last whole run found.
fn show_in_readme(report: &Report) -> io::Result<()> {
    let path = root().join("README.md");
    let summary = readme::summary(&serde_json::to_value(report)?);
    let text = readme::with_summary(&fs::read_to_string(&path)?, &summary);
    fs::write(&path, text.ok_or_else(|| io::Error::other("the README has lost the marks around its figures"))?)?;
    println!("{}", path.display());
    Ok(())
}
