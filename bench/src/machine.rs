//! The machine that was measured, and what ran on it.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::thread;

use ::tests::root;
use serde::Serialize;

/// The machine.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// Its processor, as it names itself.
    pub processor: String,
    /// Cores that we may use.
    pub cores: usize,
    /// Its memory in GiB.
    pub memory_gib: u64,
    /// Its kernel.
    pub kernel: String,
    /// Program → version.
    pub versions: BTreeMap<String, String>,
    /// The commit that was measured, and whether the tree was changed since.
    pub commit: String,
}

impl Machine {
    /// This one.
    pub fn this() -> Self {
        let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let kib = field(&memory, "MemTotal").trim_end_matches(" kB").parse::<u64>().unwrap_or(0);
        let versions = [
            ("rustc", said("rustc", &["--version"])),
            ("node", said("node", &["--version"])),
            ("wrangler", package("wrangler")),
            ("workerd", package("workerd")),
        ];
        let changes = if said("git", &["status", "--porcelain", "--untracked-files=no"]).is_empty() {
            ""
        } else {
            ", with changes"
        };
        Self {
            processor: field(&cpus, "model name").to_owned(),
            cores: thread::available_parallelism().map_or(1, usize::from),
            memory_gib: (kib + (1 << 19)) >> 20,
            kernel: said("uname", &["-sr"]),
            versions: versions.map(|(name, version)| (name.to_owned(), version)).into(),
            commit: format!("{}{changes}", said("git", &["rev-parse", "--short", "HEAD"])),
        }
    }
}

fn field<'t>(text: &'t str, name: &str) -> &'t str {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
    line.unwrap_or("unknown").trim()
}

/// What a program prints; "unknown" where it cannot be run.
fn said(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).current_dir(root()).output();
    output.map_or("unknown".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The version of an installed npm package.
fn package(name: &str) -> String {
    let text = fs::read_to_string(root().join("node_modules").join(name).join("package.json")).unwrap_or_default();
    let package = serde_json::from_str::<serde_json::Value>(&text).unwrap_or_default();
    package["version"].as_str().unwrap_or("unknown").to_owned()
}
