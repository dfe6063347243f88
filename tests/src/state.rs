//! State folders: one for each pipeline, below `target/pipelines/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use crate::processes::is_alive;
use crate::root;

/// Where all of them are, from the root.
pub(crate) const HOME: &str = "target/pipelines";

/// Where all of them are. What a process that has ended left there is removed.
pub(crate) fn home() -> PathBuf {
    let home = root().join(HOME);
    sweep(&home);
    home
}

/// A state folder. Removed in the end, unless the test fails: then it stays for you to look at, until the next run.
#[derive(Debug)]
pub struct State {
    folder: PathBuf,
}

impl State {
    /// A new, empty one.
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let folder = home().join(format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir_all(&folder).unwrap();
        Self { folder }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the state of the pipeline and what it printed: {}", self.folder.display());
        } else {
            // What cannot be removed now is swept later.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Removes the folders of processes that have ended: a pipeline that a whole test binary shares has no end of its own.
fn sweep(home: &Path) {
    for entry in fs::read_dir(home).into_iter().flatten().flatten() {
        let name = entry.file_name().into_string().unwrap_or_default();
        let owner = name.split('-').next().and_then(|pid| pid.parse().ok());
        if owner.is_some_and(|pid| !is_alive(pid)) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
