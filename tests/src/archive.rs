//! The archive of dead letters, read with wrangler's own command for KV.

use std::collections::BTreeMap;
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

/// A key as a listing shows it.
#[derive(Debug, Deserialize)]
pub struct Listed {
    /// The key.
    pub name: String,
    /// What is to be read of it without opening it.
    pub metadata: Value,
}

impl<'p> Archive<'p> {
    pub(crate) fn of(folder: &'p Path) -> Self {
        Self { folder }
    }

    /// The letters whose key begins with `prefix`, and goes on with digits.
    pub fn list(&self, prefix: &str) -> Vec<Listed> {
        let listed: Vec<Listed> = serde_json::from_str(&self.wrangler(&["key", "list", "--prefix", prefix])).unwrap();
        if listed.len() < LISTED {
            return listed;
        }
        // The local listing ends here, so it is asked for less at a time.
        let exact = listed.into_iter().filter(|listed| listed.name == prefix);
        exact.chain((0..10).flat_map(|digit| self.list(&format!("{prefix}{digit}")))).collect()
    }

    /// The letters of these keys; those that are missing are left out.
    pub fn get_all<'k>(&self, keys: impl IntoIterator<Item = &'k str>) -> BTreeMap<String, Value> {
        #[derive(Deserialize)]
        struct Found {
            value: Option<String>,
        }
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let file = self.folder.join(format!("keys-{}.json", NEXT.fetch_add(1, Ordering::Relaxed)));
        let keys: Vec<&str> = keys.into_iter().collect();
        fs::write(&file, serde_json::to_string(&keys).unwrap()).unwrap();
        let printed = self.wrangler(&["bulk", "get", file.to_str().unwrap()]);
        // Remarks follow the JSON.
        let json = &printed[printed.find('{').unwrap()..];
        let found = serde_json::Deserializer::from_str(json).into_iter::<BTreeMap<String, Option<Found>>>().next();
        let letters = found.unwrap().unwrap().into_iter();
        letters.filter_map(|(key, found)| Some((key, serde_json::from_str(&found?.value?).unwrap()))).collect()
    }

    /// The letter of one key.
    ///
    /// # Panics
    /// If it is missing.
    pub fn get(&self, key: &str) -> Value {
        self.get_all([key]).remove(key).unwrap_or_else(|| panic!("no {key}"))
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
