//! The archive of dead letters, read with wrangler's own command for KV.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::patience::eventually;
use crate::{node, root};

/// How long reading may fail.
const PATIENCE: Duration = Duration::from_secs(20);
/// The id of the namespace in `dlq/wrangler.toml`.
const NAMESPACE: &str = "00000000000000000000000000000000";

/// What wrangler lists at most of a local archive.
const LISTED: usize = 1_000;

/// The archive of the pipeline whose state is in a folder.
pub struct Archive<'p> {
    folder: &'p Path,
}

impl<'p> Archive<'p> {
    pub(crate) fn of(folder: &'p Path) -> Self {
        Self { folder }
    }

    /// The letters of a job, or of all owners whose name begins so, by their tasks.
    pub fn letters(&self, owner: impl Display) -> BTreeMap<String, Value> {
        let values = self.values(&self.keys(&format!("letters/{owner}")));
        let letters = values.iter().flat_map(|value| value.lines()).map(|line| serde_json::from_str(line).unwrap());
        letters.map(|letter: Value| (letter["task"].as_str().unwrap().to_owned(), letter)).collect()
    }

    /// The letter of one task; none if the archive does not have it.
    pub fn letter(&self, task: &str) -> Option<Value> {
        let owner = if task.starts_with("message-") { task } else { task.split('-').next().unwrap_or(task) };
        self.letters(owner).remove(task)
    }

    /// The keys that begin with `prefix`, and go on with anything.
    pub fn keys(&self, prefix: &str) -> Vec<String> {
        #[derive(Deserialize)]
        struct Listed {
            name: String,
        }
        let listed: Vec<Listed> = serde_json::from_str(&self.wrangler(&["key", "list", "--prefix", prefix])).unwrap();
        assert!(listed.len() < LISTED, "a local listing ends here: ask for fewer");
        listed.into_iter().map(|listed| listed.name).collect()
    }

    fn values(&self, keys: &[String]) -> Vec<String> {
        #[derive(Deserialize)]
        struct Found {
            value: Option<String>,
        }
        static NEXT: AtomicU32 = AtomicU32::new(0);
        if keys.is_empty() {
            return Vec::new();
        }
        let file = self.folder.join(format!("keys-{}.json", NEXT.fetch_add(1, Ordering::Relaxed)));
        fs::write(&file, serde_json::to_string(&keys).unwrap()).unwrap();
        let printed = self.wrangler(&["bulk", "get", file.to_str().unwrap()]);
        // Remarks follow the JSON.
        let json = &printed[printed.find('{').unwrap()..];
        let found = serde_json::Deserializer::from_str(json).into_iter::<BTreeMap<String, Option<Found>>>().next();
        found.unwrap().unwrap().into_values().filter_map(|found| found?.value).collect()
    }

    /// What the command prints. It opens the same files as the running pipeline, and fails while that writes.
    fn wrangler(&self, command: &[&str]) -> String {
        eventually("wrangler reads the archive", PATIENCE, || self.try_wrangler(command))
    }

    fn try_wrangler(&self, command: &[&str]) -> Option<String> {
        let output = node()
            .arg(root().join("node_modules/wrangler/wrangler-dist/cli.js"))
            .arg("kv")
            .args(command)
            .args(["--namespace-id", NAMESPACE, "--local", "--persist-to"])
            .arg(self.folder.join("data"))
            // Where there is no wrangler file that could say otherwise.
            .current_dir(self.folder)
            .env("WRANGLER_SEND_METRICS", "false")
            .env("WRANGLER_LOG_PATH", self.folder.join("logs"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        if !output.status.success() {
            eprintln!("{}", String::from_utf8_lossy(&output.stderr));
            return None;
        }
        Some(String::from_utf8(output.stdout).unwrap())
    }
}
