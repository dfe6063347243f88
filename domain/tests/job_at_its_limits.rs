//! A job that holds as much as it may, within the memory of a Durable Object.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what it did not expect")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::time::Duration;

use domain::audit::audit;
use domain::id::{JobId, PackId};
use domain::indexes::Indexes;
use domain::kinds::Kind;
use domain::lane::Lane;
use domain::ledger::{Job, Ledger, NewChunk, NewPart, Source, Timing};
use domain::limits::{JOB_PACKS, JOB_TASKS, MAX_LEASE, REQUEST_PACKS};
use domain::results::{WINDOW_BYTES, Window};
use domain::time::Timestamp;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const WAIT: Duration = Duration::from_secs(60);
const TIMING: Timing = Timing {
    lease: WAIT,
    margin: WAIT,
    resend: WAIT,
    resend_max: WAIT,
    grace: WAIT,
    quiet: WAIT,
    quiet_max: MAX_LEASE,
    crash_wait: WAIT,
    open: WAIT,
    keep: WAIT,
    held_after: WAIT,
};

/// Bytes that an object has.
const OBJECT: usize = 128 << 20;

/// The most bytes of memory that this process ever had.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1_024
}

/// Parts of as many packs as a request may have, whose tasks lie across each other: no two neighbours share a pack, which is
/// what costs most.
fn part(number: u32) -> NewPart {
    let packs = REQUEST_PACKS as u32;
    let tasks = JOB_TASKS / (JOB_PACKS / packs) / packs;
    let of = |pack: u32| (0..tasks).map(|task| task * packs + pack).collect::<Indexes>();
    let chunk = |pack| NewChunk { kind: Kind::Simulate, due: Some(NOW.after(3 * WAIT)), indexes: of(pack), bytes: 1 };
    let chunks = (0..packs).map(chunk).collect();
    NewPart { key: number.to_string(), content: String::new(), chunks, seal: false, owner: Source::Api, at: None }
}

/// The ledger written to disk row by row, forgotten, and read again: a restart.
fn restarted(ledger: Ledger) -> Ledger {
    let job: Job = serde_json::from_str(&serde_json::to_string(ledger.job()).unwrap()).unwrap();
    let path = std::env::temp_dir().join(format!("monotask-rows-{}", std::process::id()));
    let mut file = BufWriter::new(File::create(&path).unwrap());
    for id in (0..job.packs).map(PackId) {
        let row = serde_json::to_string(ledger.pack(id).unwrap()).unwrap();
        writeln!(file, "{row}").unwrap();
    }
    file.flush().unwrap();
    drop(ledger);
    let rows = BufReader::new(File::open(&path).unwrap()).lines();
    let packs = (0..).map(PackId).zip(rows.map(|row| serde_json::from_str(&row.unwrap()).unwrap())).collect();
    fs::remove_file(&path).unwrap();
    Ledger::load(job, BTreeMap::new(), packs, BTreeMap::new())
}

#[test]
fn a_job_at_its_limits_is_held_read_audited_and_canceled_within_the_memory_of_an_object() {
    let before = peak();
    let id = JobId::random(NOW, [7; 10]);
    let mut ledger = Ledger::begin(Job::new(id, None, Lane::Bulk, Source::Api, NOW));
    for number in 0..JOB_PACKS / REQUEST_PACKS as u32 {
        ledger.append(NOW, part(number), &TIMING).unwrap();
        ledger.take_changes();
    }
    ledger.seal(NOW, JOB_TASKS, Source::Api).unwrap();
    let mut ledger = restarted(ledger);
    assert_eq!((ledger.counts().queued, ledger.job().packs), (JOB_TASKS, JOB_PACKS));

    let mut window = Window::new(1_000_000, 1_030_000, WINDOW_BYTES);
    window.add_underway(&ledger);
    assert_eq!(window.to(), 1_030_000);
    drop(window);

    let counters = ledger.counts();
    let mut stored = Indexes::new();
    stored.insert_range(0, JOB_TASKS);
    let packs = (0..JOB_PACKS).filter_map(|id| ledger.pack(PackId(id)));
    let counted = audit(counters, None, &stored, packs, []);
    assert!(counted.clean, "{:?}", counted.differences);

    let records = ledger.cancel(NOW).unwrap();
    let canceled: u32 = records.iter().map(|record| record.canceled.len()).sum();
    assert_eq!((canceled, ledger.counts().canceled), (JOB_TASKS, JOB_TASKS));
    for record in &records {
        assert!(serde_json::to_string(record).unwrap().len() < 1_000_000, "a row");
    }
    let held = peak() - before;
    assert!(held < OBJECT, "{held} bytes");
}
