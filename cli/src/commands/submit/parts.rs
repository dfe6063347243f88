//! A job in parts: open it, append its parts two at a time, seal it.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use domain::id::JobId;
use domain::kinds::Kind;
use domain::views::JobView;
use serde::Deserialize;

use super::acknowledged::{Acknowledged, FullJob};
use super::bar::Bar;
use super::failure::{Left, PartsFailure};
use super::split::{Part, Split};
use crate::failure::Failure;
use crate::interrupt::on_interrupt;
use crate::output::tell;
use crate::server::{Post, Server};

/// Parts under way at a time: while one is stored the next one travels.
const IN_FLIGHT: usize = 2;

/// Letters of the job's key that its parts' keys begin with: with a number behind them they stay within 255.
const KEY_PREFIX: usize = 240;

const NDJSON: &str = "application/x-ndjson";

/// The key of the submission's job number `number`, from 0: a file that is too much for one job becomes several.
pub(super) fn job_key(key: &str, number: usize) -> String {
    match number {
        0 => key.to_owned(),
        _ => format!("{}~{}", prefix(key), number + 1),
    }
}

fn prefix(key: &str) -> &str {
    &key[..key.len().min(KEY_PREFIX)]
}

/// Opens a job; the same key again is the same job.
pub(super) fn open(server: &Server, query: &[(&str, String)], key: &str, bar: &Bar) -> Result<JobId, Failure> {
    #[derive(Deserialize)]
    struct Opened {
        job: JobId,
    }
    let of_the_job = query.iter().filter(|(name, _)| *name != "kind").cloned();
    let query: Vec<_> = std::iter::once(("open", "true".to_owned())).chain(of_the_job).collect();
    let url = server.address().join("/v1/jobs", &query);
    let post = Post { url, content_type: NDJSON, idempotency_key: Some(key), body: &[] };
    let opened: Opened = server.parse(&server.post(&post, &|text| bar.note(text))?)?;
    Ok(opened.job)
}

/// What keeps the record of what was acknowledged.
pub(super) type Keep<'a> = &'a (dyn Fn(&Acknowledged) -> Result<(), Failure> + Sync);

/// A job whose parts are on their way.
pub(super) struct Upload<'a> {
    server: &'a Server,
    left: Arc<Mutex<Left>>,
    kind: Option<Kind>,
    key: &'a str,
    bar: &'a Bar,
    parts: Mutex<Split<Box<dyn Read + Send>>>,
    path: &'a Path,
    /// Parts that were not accepted, to be sent first.
    returned: Mutex<BTreeMap<u32, Part>>,
    acknowledged: Mutex<Acknowledged>,
    keep: Keep<'a>,
    open: Open<'a>,
    failed: AtomicBool,
    /// Whether a part was accepted that the server did not know.
    added: AtomicBool,
}

/// The answer to a part.
#[derive(Deserialize)]
struct Accepted {
    accepted: u64,
    #[serde(default)]
    duplicate: bool,
}

/// What goes into an [`Upload`].
pub(super) struct Load<'a> {
    /// What they are read from.
    pub(super) path: &'a Path,
    /// The parts; those that were acknowledged are skipped.
    pub(super) parts: Split<Box<dyn Read + Send>>,
    /// What was acknowledged before.
    pub(super) acknowledged: Acknowledged,
    /// Keeps what is acknowledged from now on.
    pub(super) keep: Keep<'a>,
    /// Opens the next job, should this one take no more.
    pub(super) open: Open<'a>,
}

/// Opens the submission's job of this number, from 0.
pub(super) type Open<'a> = &'a (dyn Fn(usize) -> Result<JobId, Failure> + Sync);

impl<'a> Upload<'a> {
    /// `left` is the job, kept up to date for who has to tell where it was left.
    pub(super) fn new(
        server: &'a Server,
        left: &Arc<Mutex<Left>>,
        kind: Option<Kind>,
        key: &'a str,
        bar: &'a Bar,
        load: Load<'a>,
    ) -> Self {
        let (shown, words) = (bar.clone(), Arc::clone(left));
        on_interrupt(move || {
            shown.end();
            tell(&lock(&words).last_words());
        });
        Self {
            server,
            left: Arc::clone(left),
            kind,
            key,
            bar,
            parts: Mutex::new(load.parts),
            path: load.path,
            returned: Mutex::new(BTreeMap::new()),
            acknowledged: Mutex::new(load.acknowledged),
            keep: load.keep,
            open: load.open,
            failed: AtomicBool::new(false),
            added: AtomicBool::new(false),
        }
    }

    /// Sends all parts and seals the job; `check` may object in between. The last job, and those before it that are full.
    pub(super) fn run(&self, check: impl FnOnce() -> Result<(), Failure>) -> Result<(JobView, Vec<FullJob>), Failure> {
        let sealed = self.send_to_jobs().and_then(|()| check()).and_then(|()| self.seal());
        let sealed = sealed.map(|job| (job, lock(&self.acknowledged).full().to_vec()));
        sealed.map_err(|cause| match cause {
            Failure::Parts(parts) if parts.names_the_job() => Failure::Parts(parts),
            cause => PartsFailure::CutOff(cause, lock(&self.left).clone()).into(),
        })
    }

    /// Sends all parts, to as many jobs as it takes.
    fn send_to_jobs(&self) -> Result<(), Failure> {
        loop {
            match self.send_all() {
                Err(failure) if failure.is_job_full() && lock(&self.acknowledged).accepted_by_last() > 0 => {}
                sent => return sent,
            }
            // Nobody sends now: what the full job has is known.
            let full = self.seal()?;
            self.bar.note(&format!("job {} is full: the rest goes to another job", full.job));
            let mut acknowledged = lock(&self.acknowledged);
            acknowledged.note_full(full.job);
            (self.keep)(&acknowledged)?;
            let job = (self.open)(acknowledged.full().len())?;
            let mut left = lock(&self.left);
            (left.job, left.accepted) = (job, 0);
            self.failed.store(false, Ordering::Relaxed);
        }
    }

    /// Sends all parts. Each that was acknowledged is kept before the next one is taken.
    fn send_all(&self) -> Result<(), Failure> {
        self.bar.accepted(&lock(&self.acknowledged));
        thread::scope(|scope| {
            let senders: Vec<_> = (0..IN_FLIGHT).map(|_| scope.spawn(|| self.send_till_end())).collect();
            let ends = senders.into_iter().map(|sender| sender.join().unwrap_or_else(|e| std::panic::resume_unwind(e)));
            // All are heard. That a job is full is told only where nothing worse is.
            let mut failures: Vec<Failure> = ends.filter_map(Result::err).collect();
            failures.sort_by_key(Failure::is_job_full);
            failures.into_iter().next().map_or(Ok(()), Err)
        })
    }

    /// Seals the job. It is complete as soon as all of its tasks have ended.
    fn seal(&self) -> Result<JobView, Failure> {
        let Left { job, accepted, .. } = lock(&self.left).clone();
        if accepted == 0 {
            return Err(PartsFailure::NoTasks(self.path.to_owned()).into());
        }
        let url = self.server.address().join(&format!("/v1/jobs/{job}/seal"), &[]);
        let body = serde_json::json!({ "accepted": accepted }).to_string();
        let post = Post { url, content_type: "application/json", idempotency_key: None, body: body.as_bytes() };
        self.server.parse(&self.server.post(&post, &|text| self.bar.note(text))?)
    }

    /// Whether a part was accepted that the server did not know.
    pub(super) fn has_added(&self) -> bool {
        self.added.load(Ordering::Relaxed)
    }

    fn send_till_end(&self) -> Result<(), Failure> {
        let sent = (|| {
            while let Some(part) = self.next()? {
                if let Err(failure) = self.send(&part) {
                    lock(&self.returned).insert(part.begin.parts, part);
                    return Err(failure);
                }
            }
            Ok(())
        })();
        if sent.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        sent
    }

    /// The next part that was not acknowledged, unless another one failed.
    fn next(&self) -> Result<Option<Part>, Failure> {
        let mut parts = lock(&self.parts);
        while !self.failed.load(Ordering::Relaxed) {
            if let Some((_, returned)) = lock(&self.returned).pop_first() {
                return Ok(Some(returned));
            }
            match parts.next().map_err(|uncut| uncut.failure(self.path))? {
                Some(part) if lock(&self.acknowledged).has(&part) => {}
                next => return Ok(next),
            }
        }
        Ok(None)
    }

    fn send(&self, part: &Part) -> Result<(), Failure> {
        let key = format!("{}/{}", prefix(self.key), part.begin.parts + 1);
        let query: Vec<_> = self.kind.map(|kind| ("kind", kind.to_string())).into_iter().collect();
        let url = self.server.address().join(&format!("/v1/jobs/{}/tasks", lock(&self.left).job), &query);
        let post = Post { url, content_type: NDJSON, idempotency_key: Some(&key), body: &part.body };
        let answer = self.server.post(&post, &|text| self.bar.note(text));
        let answer = answer.map_err(|failure| failure.after_lines(part.begin.lines))?;
        let Accepted { accepted, duplicate } = self.server.parse(&answer)?;
        self.added.fetch_or(!duplicate, Ordering::Relaxed);
        let mut acknowledged = lock(&self.acknowledged);
        acknowledged.note(part, accepted);
        lock(&self.left).accepted = acknowledged.accepted_by_last();
        self.bar.accepted(&acknowledged);
        (self.keep)(&acknowledged)
    }
}

/// A panic elsewhere leaves nothing half done here.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
