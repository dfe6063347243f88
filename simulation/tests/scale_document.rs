//! `docs/scale.md` and its plots are what the simulation writes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

use std::fs;
use std::path::Path;

use simulation::document::{Results, document};
use simulation::plots;
use simulation::study::{Group, cases, run_all};

#[test]
fn the_document_and_its_plots_are_what_the_simulation_writes() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let ran = run_all(cases(), &|_| {}).unwrap();
    for one in &ran {
        let summary = &one.summary;
        assert_eq!(summary.accepted, summary.succeeded + summary.dead, "{:?} {}", one.case.group, one.case.label);
    }
    assert_eq!(ran.iter().filter(|one| one.case.group == Group::Scenario).count(), 9);
    let results = Results::of(ran);
    let mut files = vec![("../scale.md", document(&results))];
    files.extend(plots::all(&results).unwrap());
    for (name, written) in files {
        let found = fs::read_to_string(docs.join("scale").join(name)).unwrap_or_default();
        assert!(found == written, "docs/scale/{name} is not what the simulation writes: make scale");
    }
}

#[test]
fn every_setting_that_is_tried_could_be_deployed() {
    // To do without packs is no setting: it is there to show what they buy.
    for case in cases().into_iter().filter(|case| case.group != Group::NoPacks) {
        let errors = config::check(&case.plan.settings, &case.plan.queues);
        assert!(errors.is_empty(), "{:?} {}: {errors:?}", case.group, case.label);
    }
}

#[test]
fn the_document_shows_every_plot() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/scale.md")).unwrap();
    let shown: Vec<&str> = text.split("](scale/").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/scale")).unwrap();
    let mut files: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    let mut expected = shown.clone();
    expected.sort_unstable();
    assert_eq!(files, expected);
}
