//! Who may use whom, and what stands in two places and must agree.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what it did not expect")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use domain::kinds::Kind;
use serde_json::Value;
use tests::root;

const WORKERS: [&str; 4] = ["producers", "consumers", "dlq", "ledger"];

/// Our crates, each with the names of its dependencies: all of them, those for tests and for building too.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| (name(package), package["dependencies"].as_array().unwrap().iter().map(name).collect()))
        .collect()
}

/// Every file below `folder` with this extension, and what it says.
fn sources(folder: &Path, extension: &str) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.insert(path.clone(), fs::read_to_string(&path).unwrap());
        }
    }
    found
}

/// The files of our crates, tests of the pipeline aside, that contain `text`, from the root.
fn files_with(text: &str) -> BTreeSet<String> {
    let ours = dependencies().into_keys().filter(|name| name != "tests");
    let files = ours.flat_map(|name| sources(&root().join(name).join("src"), "rs"));
    let found = files.filter(|(_, source)| source.contains(text));
    found.map(|(path, _)| path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned()).collect()
}

fn set<'t>(names: impl IntoIterator<Item = &'t str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

#[test]
fn each_crate_uses_only_those_below_it() {
    let dependencies = dependencies();
    let ours: BTreeSet<String> = dependencies.keys().cloned().collect();
    let mut allowed = BTreeMap::from([
        ("bundler", set([])),
        ("domain", set([])),
        ("config", set(["domain"])),
        ("platform", set(["domain", "config"])),
        ("cli", set(["domain"])),
        ("model", set(["domain"])),
        ("simulation", set(["domain", "config"])),
        ("tests", set(["domain"])),
        ("bench", set(["domain", "config", "tests"])),
    ]);
    allowed.extend(WORKERS.map(|worker| (worker, set(["domain", "config", "platform"]))));
    assert_eq!(ours, set(allowed.keys().copied()), "a new crate: say here whom it may use");
    for (name, below) in allowed {
        let used: BTreeSet<String> = dependencies[name].intersection(&ours).cloned().collect();
        assert!(used.is_subset(&below), "{name} uses {used:?} and may use {below:?}");
    }
}

#[test]
fn only_the_workers_and_platform_know_the_runtime() {
    let may = set(WORKERS.into_iter().chain(["platform"]));
    for (name, used) in dependencies() {
        for runtime in ["worker", "wasm-bindgen", "wasm-bindgen-futures", "js-sys", "web-sys"] {
            assert!(!used.contains(runtime) || may.contains(&name), "{name} uses {runtime}");
        }
    }
}

#[test]
fn backoff_is_named_in_two_places() {
    let expected = set(["domain/src/retry.rs", "platform/src/retry.rs"]);
    assert_eq!(files_with("backoff::"), expected);
    assert_eq!(files_with("instant::"), set(["domain/src/retry.rs"]));
    let users: BTreeSet<String> =
        dependencies().into_iter().filter(|(_, used)| used.contains("backoff")).map(|(name, _)| name).collect();
    assert_eq!(users, set(["domain", "platform"]));
}

#[test]
fn domain_reads_no_clock_draws_no_randomness_and_does_no_io() {
    for text in [
        "std::time::Instant",
        "SystemTime",
        "Instant::now",
        "Utc::now",
        "Local::now",
        "rand::rng(",
        "rand::random",
        "thread_rng",
        "OsRng",
        "getrandom",
        "std::fs",
        "std::net",
        "std::env",
        "std::thread",
    ] {
        let found: Vec<_> = files_with(text).into_iter().filter(|file| file.starts_with("domain/")).collect();
        assert!(found.is_empty(), "{text} is in {found:?}");
    }
    assert!(!dependencies()["domain"].contains("getrandom"));
}

#[test]
fn every_kind_has_its_payload_its_handler_and_its_policy() {
    let file = |kind: &Kind| kind.name().replace('.', "_");
    let kinds: BTreeSet<String> = Kind::ALL.iter().map(file).collect();
    let names = file_names;
    // `http_response` judges the answers to `http_request`.
    assert_eq!(names("domain/src/kinds", &["mod", "http_response"]), kinds, "domain/src/kinds/<kind>.rs");
    assert_eq!(names("consumers/src/handlers", &["mod"]), kinds, "consumers/src/handlers/<kind>.rs");
    for environment in ["development", "production"] {
        let settings = fs::read_to_string(root().join(format!("config/settings/{environment}.toml"))).unwrap();
        for kind in Kind::ALL {
            let name = kind.name();
            let listed =
                [format!("[kinds.{name}]"), format!("[kinds.\"{name}\"]")].iter().any(|head| settings.contains(head));
            let expected = environment == "development" || kind != Kind::Simulate;
            assert_eq!(listed, expected, "{name} in config/settings/{environment}.toml");
        }
    }
}

/// The names of the files in `folder`, without `others`.
fn file_names(folder: &str, others: &[&str]) -> BTreeSet<String> {
    let files = sources(&root().join(folder), "rs").into_keys();
    let stems = files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned());
    stems.filter(|stem| !others.contains(&&**stem)).collect()
}

#[test]
fn every_generator_has_its_input_and_is_put_to_work() {
    let generators: BTreeSet<String> = domain::generators::NAMES.into_iter().map(str::to_owned).collect();
    // `placeholder` is filled in by two of them.
    let inputs = file_names("domain/src/generators", &["mod", "placeholder"]);
    assert_eq!(inputs, generators, "domain/src/generators/<generator>.rs");
    assert_eq!(file_names("producers/src/generators", &["mod"]), generators, "producers/src/generators/<generator>.rs");
}

/// `worker`'s macro leaves a caller hanging whose request panics or whose instance dies: `guard::request` does not.
#[test]
fn requests_that_are_served_are_on_the_list_of_the_guard() {
    // These two answer that there is nothing.
    assert_eq!(files_with("#[event(fetch)]"), set(["consumers/src/lib.rs", "ledger/src/lib.rs"]));
}

/// A request that waits for nothing but another request's wake-up is ended by the platform, and its place in a queue of
/// waiters is never given up. So what requests share is looked at, never waited for; and it ends by itself, since a request
/// that the platform ends drops nothing.
#[test]
fn requests_share_nothing_that_one_can_wait_for() {
    let shared = WORKERS.iter().chain(&["platform"]).flat_map(|name| sources(&root().join(name).join("src"), "rs"));
    let declares = |line: &str| {
        let (name, of) =
            line.trim_start().trim_start_matches("pub(crate) ").strip_prefix("static ")?.split_once(": ")?;
        Some((name.to_owned(), of.split(" =").next().unwrap_or(of).to_owned()))
    };
    let declared: BTreeSet<(String, String)> =
        shared.flat_map(|(_, source)| source.lines().filter_map(declares).collect::<Vec<_>>()).collect();
    let harmless = [
        ("ALLOCATOR", "GuardedAllocator"),
        ("ALLOCATOR", "platform::guard::GuardedAllocator"),
        // Set once, by whoever comes first, without waiting.
        ("KEYS", "OnceCell<ApiKeys>"),
        ("SETTINGS", "OnceLock<Settings>"),
        ("SET", "Once"),
        ("STARTED", "Once"),
        // Told when the instance dies.
        ("UNDER_WAY", "RefCell<Entries>"),
        // Bytes that are counted; a hold ends by itself (`domain::room`).
        ("BODIES", "RefCell<Room>"),
        ("GENERATED", "RefCell<Room>"),
        ("UNDER_WAY", "RefCell<BTreeMap<String, Room>>"),
    ];
    let harmless = harmless.map(|(name, of)| (name.to_owned(), of.to_owned())).into();
    assert_eq!(
        declared, harmless,
        "what is new here outlives a request: nothing may wait for it, and it must end by itself"
    );
}

#[test]
fn what_the_documents_tell_to_make_can_be_made() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let rule = |line: &str| {
        let (target, _) = line.split_once(": ").or_else(|| line.split_once(":\t"))?;
        target.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-').then(|| target.to_owned())
    };
    let targets: BTreeSet<String> = makefile.lines().filter_map(rule).collect();
    let documents = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"];
    let told: BTreeSet<String> =
        documents.iter().flat_map(|name| told(&fs::read_to_string(root().join(name)).expect(name))).collect();
    assert!(told.contains("demo") && told.contains("test"), "a new user needs them: {told:?}");
    let missing: Vec<_> = told.difference(&targets).collect();
    assert!(missing.is_empty(), "the documents tell to make {missing:?}; the Makefile has {targets:?}");
}

/// What a document tells to make: `make x` where code begins, in a line of its own or between backticks.
fn told(document: &str) -> BTreeSet<String> {
    let starts = document.lines().chain(document.split('`').skip(1).step_by(2)).map(str::trim_start);
    let words = starts.filter_map(|code| {
        code.trim_start_matches("$ ").strip_prefix("make ")?.split_whitespace().next().map(str::to_owned)
    });
    words.filter(|word| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')).collect()
}

#[test]
fn every_target_is_listed_by_make_alone() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    let phony = makefile.lines().find_map(|line| line.strip_prefix(".PHONY:")).unwrap();
    for target in phony.split_whitespace() {
        let line = makefile.lines().find(|line| line.starts_with(&format!("{target}:"))).expect(target);
        assert!(line.contains("## "), "{target} says nothing of itself");
    }
}
