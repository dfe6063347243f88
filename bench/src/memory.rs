//! The memory of processes while they work.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ::tests::processes::descendants;

/// How often it is looked at.
const EVERY: Duration = Duration::from_millis(200);

/// Looks at the memory of processes, and all that they started, until it is asked for the most it saw.
pub struct MemoryWatch {
    stop: Arc<AtomicBool>,
    most: Arc<AtomicU64>,
    thread: JoinHandle<()>,
}

impl MemoryWatch {
    /// Begins to watch `roots`.
    pub fn of(roots: Vec<u32>) -> Self {
        let (stop, most) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let thread = thread::spawn({
            let (stop, most) = (Arc::clone(&stop), Arc::clone(&most));
            move || {
                while !stop.load(Ordering::Relaxed) {
                    most.fetch_max(in_use(&roots), Ordering::Relaxed);
                    thread::park_timeout(EVERY);
                }
                most.fetch_max(in_use(&roots), Ordering::Relaxed);
            }
        });
        Self { stop, most, thread }
    }

    /// The most that they had in use together, in bytes.
    pub fn most(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        // A watch that panicked has seen what it has seen.
        let _ = self.thread.join();
        self.most.load(Ordering::Relaxed)
    }
}

fn in_use(roots: &[u32]) -> u64 {
    let all = roots.iter().flat_map(|root| std::iter::once(*root).chain(descendants(*root).into_iter().map(|p| p.pid)));
    let mut all: Vec<u32> = all.collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter().map(share_of).sum()
}

/// A process's share of the memory it has in use: what several share is divided among them. 0 of one that has ended.
fn share_of(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_uses_is_seen() {
        let watch = MemoryWatch::of(vec![std::process::id()]);
        let held = vec![1_u8; 64 << 20];
        let most = watch.most();
        assert!(most >= held.len() as u64, "{most}");
    }
}
