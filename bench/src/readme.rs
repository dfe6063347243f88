//! The few figures that the README shows, out of a report.

use std::fmt::Write;

use serde_json::Value;

use crate::system::System;
use crate::work::{LARGE, TINY, thousands};

/// Where the figures stand in the README: between these lines.
pub const MARKS: [&str; 2] = ["<!-- measured: written by `make bench` -->", "<!-- /measured -->"];

/// The sizes of jobs that are shown.
const SIZES: [u64; 2] = [100_000, 1_000_000];

/// The figures of a report, as Markdown.
pub fn summary(report: &Value) -> String {
    let mut text = String::new();
    let day = report["began"].as_str().and_then(|began| began.split('T').next()).unwrap_or_default();
    let machine = &report["machine"];
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "Tasks per second on one machine ({} cores, {}), medians of {} rounds, tasks of {TINY} B that do nothing: until all are \
         *promised*, and until all are *done* and counted. More, with conditions and settings: \
         [bench/results/{day}.md](bench/results/{day}.md).\n",
        machine["cores"],
        machine["processor"].as_str().unwrap_or_default(),
        report["rounds"]
    );
    text.push_str("| system | 100,000: promised | done | 1,000,000: promised | done | a single task, p50 |\n");
    text.push_str("|---|---:|---:|---:|---:|---:|\n");
    for system in System::all() {
        let _ = write!(text, "| {} |", system.title());
        for size in SIZES {
            let column = column(report, system, size);
            for figure in ["accepted_per_s", "settled_per_s"] {
                let median = column.and_then(|column| column[figure]["median"].as_f64());
                let _ = write!(text, " {} |", median.map_or("–".to_owned(), |median| thousands(median.round() as u64)));
            }
        }
        let single = report["single"].as_array().into_iter().flatten().find(|found| found["system"] == system.name());
        let p50 = single.and_then(|found| found["p50_ms"]["median"].as_f64());
        let _ = writeln!(text, " {} |", p50.map_or("–".to_owned(), |ms| format!("{ms:.1} ms")));
    }
    if let Some(costs) = report["cost"]["costs"].as_array() {
        let of = |what: &str| {
            let found = costs.iter().find(|cost| cost["what"].as_str().is_some_and(|name| name.starts_with(what)));
            found.and_then(|cost| cost["total_per_million"].as_f64()).unwrap_or(f64::NAN)
        };
        let _ = writeln!(
            text,
            "\nA million such tasks cost ${:.3} on Cloudflare at list prices, a million of 1 KB ${:.2}; as a message each ${:.2}, with \
             QStash ${:.0}. A task that is submitted alone is a job of its own, and dear: ${:.0} a million. Tasks of 1 KB are done {:.1} times as \
             fast as by the best other, and HTTP requests on one machine {:.1} times: there a Node.js client is faster than `workerd`.",
            of("tiny tasks (116"),
            of("tasks of 1 KB"),
            report["cost"]["one_per_message"].as_f64().unwrap_or(f64::NAN),
            report["cost"]["qstash"].as_f64().unwrap_or(f64::NAN),
            of("tasks submitted alone"),
            against_the_best(report, LARGE, "nothing"),
            against_the_best(report, TINY, "http_request"),
        );
    }
    text
}

/// How many times as many tasks a second MonoTask does as the best other, of those of this size.
fn against_the_best(report: &Value, bytes: usize, does: &str) -> f64 {
    let columns = report["bulk"].as_array().into_iter().flatten();
    let (mut ours, mut best) = (f64::NAN, f64::NAN);
    for column in columns.filter(|column| column["work"]["bytes"] == bytes && column["work"]["does"] == does) {
        let Some(done) = column["settled_per_s"]["median"].as_f64() else { continue };
        match column["system"] == System::MonoTask.name() {
            true => ours = done,
            false => best = best.max(done),
        }
    }
    ours / best
}

fn column(report: &Value, system: System, size: u64) -> Option<&Value> {
    let mut columns = report["bulk"].as_array()?.iter();
    columns.find(|column| {
        let work = &column["work"];
        column["system"] == system.name() && work["tasks"] == size && work["bytes"] == TINY && work["does"] == "nothing"
    })
}

/// `readme` with `summary` between its marks; `None` if it has none.
pub fn with_summary(readme: &str, summary: &str) -> Option<String> {
    let (before, rest) = readme.split_once(MARKS[0])?;
    let (_, after) = rest.split_once(MARKS[1])?;
    Some(format!("{before}{}\n{summary}{}{after}", MARKS[0], MARKS[1]))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use ::tests::root;

    use super::*;

    #[test]
    fn the_readme_shows_what_the_newest_report_says_and_nothing_before_there_is_one() {
        let results =
            fs::read_dir(root().join("bench/results")).into_iter().flatten().flatten().map(|entry| entry.path());
        let newest = results.filter(|path| path.extension().is_some_and(|end| end == "json")).max();
        let shown = newest.map_or_else(String::new, |path| {
            summary(&serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
        });
        let readme = fs::read_to_string(root().join("README.md")).unwrap();
        let expected = with_summary(&readme, &shown).expect("the README has the marks");
        assert!(readme == expected, "the README shows other figures than the newest report; run: make bench");
    }

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let readme = format!("a\n{}\nold\n{}\nb\n", MARKS[0], MARKS[1]);
        let expected = format!("a\n{}\nnew\n{}\nb\n", MARKS[0], MARKS[1]);
        assert_eq!(with_summary(&readme, "new\n"), Some(expected));
        assert_eq!(with_summary("no marks", "new\n"), None);
    }
}
