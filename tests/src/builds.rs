//! The Workers as they were built when the tests began. The runtime starts a Worker again when its files change and
//! loses what is in the queues: somebody who builds meanwhile must not end a test.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, Once};

use crate::root;
use crate::state;

/// The Workers.
pub const WORKERS: [&str; 4] = ["producers", "consumers", "dlq", "ledger"];

/// Where the Workers are built that fail on demand.
pub const FAULTS: &str = "build-faults";

/// Builds the Workers that fail on demand; a no-op where nothing changed.
///
/// # Panics
/// If they cannot be built.
pub fn make_faults() {
    static MADE: Once = Once::new();
    MADE.call_once(|| {
        let status = Command::new(root().join("scripts/build.sh")).arg("--faults").status().unwrap();
        assert!(status.success(), "the Workers with faults could not be built");
    });
}

/// A copy of `<worker>/<folder>`, made once for this process, as a path from the Worker's folder.
pub(crate) fn copy_of(worker: &str, folder: &str) -> String {
    static MADE: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    let name = format!("{}-{worker}-{folder}", std::process::id());
    let mut made = MADE.lock().unwrap();
    made.entry(name.clone()).or_insert_with(|| {
        let (from, to) = (root().join(worker).join(folder), state::home().join(&name));
        assert!(from.join("index.js").exists(), "{} is missing; run: make build", from.display());
        copy(&from, &to);
        to
    });
    format!("../{}/{name}", state::HOME)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}
