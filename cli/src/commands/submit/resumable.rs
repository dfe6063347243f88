//! A large file as a job in parts that goes on where it was cut off.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex};

use domain::id::JobId;
use domain::views::JobView;

use super::acknowledged::{Acknowledged, FullJob};
use super::bar::Bar;
use super::failure::{Again, Left, PartsFailure};
use super::parts::{self, Load, Upload, job_key, lock};
use super::record::{Identity, Record, RecordFile, Stamp, folder};
use super::source::{Source, SourceFile};
use super::split::{PART_BYTES, Split};
use super::{Accepted, BodyFormat, Submit, check};
use crate::commands::Format;
use crate::failure::Failure;
use crate::interrupt::on_interrupt;
use crate::output::tell;
use crate::server::Server;
use crate::table::grouped;

/// Submits `source`, or the rest of it.
pub(super) fn submit(
    server: &Server,
    submit: &Submit,
    query: &[(&'static str, String)],
    mut source: SourceFile,
    format: Format,
) -> Result<(String, Accepted), Failure> {
    let key = submit.idempotency_key.clone().map(|key| ("key", key));
    let options: Vec<_> = query.iter().cloned().chain(key).collect();
    let identity = Identity { server: server.address().to_string(), file: &source.path, options: &options };
    let is_small = source.stamp.bytes <= PART_BYTES as u64;
    if is_small && !RecordFile::exists(&identity) {
        let source = Source::begin(&submit.file, source.file, BodyFormat::Ndjson)?;
        return submit.once(server, query, source, format);
    }
    let unkept = |error| unkept(folder().ok().as_deref(), error);
    let file = RecordFile::take(&identity).map_err(unkept)?;
    let file = file.ok_or_else(|| PartsFailure::Underway(submit.file.clone()))?;
    let run = Run { server, submit, query, file };

    let known = run.known(&source)?;
    if is_small && known.is_none() {
        run.forget();
        let source = Source::begin(&submit.file, source.file, BodyFormat::Ndjson)?;
        return submit.once(server, query, source, format);
    }
    let bar = Bar::begin(Some(source.stamp.bytes), format);
    let resumes = known.is_some();
    let mut record = match known {
        Some(record) => record,
        None => {
            let shown = bar.clone();
            on_interrupt(move || {
                shown.end();
                tell("stopped while the file was checked: nothing was sent.");
            });
            check::check(&submit.file, &mut source.file, PART_BYTES, submit.kind, &bar).inspect_err(|_| bar.end())?;
            let record = identity.record(server.key_digest(), submit.key()?, source.stamp, PART_BYTES);
            run.file.save(&record).map_err(|error| run.unkept(error))?;
            record
        }
    };
    let job = run.open(&mut record, &bar).inspect_err(|_| bar.end())?;
    let sent = run.send(&source, &record, job, &bar);
    bar.end();
    let (sealed, full, added) = sent?;
    run.forget();
    Ok(Accepted::sealed(&sealed, &full, !resumes && !added))
}

fn unkept(path: Option<&Path>, error: std::io::Error) -> Failure {
    PartsFailure::NoRecord(path.unwrap_or(Path::new("~/.local/state/monotask")).to_owned(), error).into()
}

/// One run of the command.
struct Run<'a> {
    server: &'a Server,
    submit: &'a Submit,
    query: &'a [(&'static str, String)],
    file: RecordFile,
}

impl Run<'_> {
    /// The job to go on with, if there is one.
    fn known(&self, source: &SourceFile) -> Result<Option<Record>, Failure> {
        let loaded = self.file.load();
        if self.submit.restart {
            if let Some(left) = loaded.ok().flatten().and_then(|record| self.left(&record)) {
                tell(&format!("{left}\n`{}` cancels what still waits of it; this is a new job", left.cancel()));
            }
            return Ok(None);
        }
        let Some(record) = loaded.map_err(|error| self.unkept(error))? else { return Ok(None) };
        let same = record.stamp == source.stamp && record.api_key == self.server.key_digest();
        // A job that was never opened binds nobody; if it was after all, its key finds it.
        let Some(left) = self.left(&record) else { return Ok(same.then_some(record)) };
        if record.stamp != source.stamp {
            return Err(PartsFailure::Changed(self.submit.file.clone(), left).into());
        }
        if record.api_key != self.server.key_digest() {
            return Err(PartsFailure::OtherKey(self.submit.file.clone(), left).into());
        }
        let acknowledged = &record.acknowledged;
        let percent = acknowledged.bytes() * 100 / record.stamp.bytes.max(1);
        let tasks = grouped(acknowledged.accepted());
        tell(&format!(
            "resuming job {}: {tasks} tasks in {} parts are there, {percent} % of the file",
            left.job,
            acknowledged.parts()
        ));
        Ok(Some(record))
    }

    /// The job, opened now unless it was.
    fn open(&self, record: &mut Record, bar: &Bar) -> Result<JobId, Failure> {
        if let Some(job) = record.job {
            return Ok(job);
        }
        let shown = bar.clone();
        on_interrupt(move || {
            shown.end();
            tell("stopped before any task was sent. Running the same command again begins.");
        });
        let key = job_key(&record.idempotency_key, record.acknowledged.full().len());
        let opened = parts::open(self.server, self.query, &key, bar);
        let job = opened.inspect_err(|failure| {
            if let Failure::Refused(..) = failure {
                self.forget();
            }
        })?;
        record.job = Some(job);
        self.file.save(record).map_err(|error| self.unkept(error))?;
        Ok(job)
    }

    /// Sends what is missing and seals the job. Tells whether anything was added.
    fn send(
        &self,
        source: &SourceFile,
        record: &Record,
        job: JobId,
        bar: &Bar,
    ) -> Result<(JobView, Vec<FullJob>, bool), Failure> {
        let left = Arc::new(Mutex::new(self.left_at(job, record.acknowledged.accepted_by_last())));
        let until = record.acknowledged.until();
        let unreadable = |error| Failure::Unreadable(self.submit.file.clone(), error);
        let mut file = source.file.try_clone().map_err(unreadable)?;
        file.seek(SeekFrom::Start(until.bytes)).map_err(unreadable)?;
        let rest: Box<dyn Read + Send> = Box::new(file.take(record.stamp.bytes - until.bytes));
        let keep = |acknowledged: &Acknowledged| {
            let mut record = record.clone();
            // The next job is found by its key.
            record.job = record.job.filter(|_| acknowledged.full().len() == record.acknowledged.full().len());
            record.acknowledged = acknowledged.clone();
            self.file.save(&record).map_err(|error| self.unkept(error))
        };
        let load = Load {
            path: &self.submit.file,
            parts: Split::new(rest, record.part_bytes, until),
            acknowledged: record.acknowledged.clone(),
            keep: &keep,
            open: &|number| parts::open(self.server, self.query, &job_key(&record.idempotency_key, number), bar),
        };
        let upload = Upload::new(self.server, &left, self.submit.kind, &record.idempotency_key, bar, load);
        let (sealed, full) = upload.run(|| match source.file.metadata().map_err(unreadable)? {
            now if Stamp::of(&now) == source.stamp => Ok(()),
            _ => Err(PartsFailure::Changed(self.submit.file.clone(), lock(&left).clone()).into()),
        })?;
        Ok((sealed, full, upload.has_added()))
    }

    fn left(&self, record: &Record) -> Option<Left> {
        let full = record.acknowledged.full().last().map(|full| full.job);
        record.job.or(full).map(|job| self.left_at(job, record.acknowledged.accepted()))
    }

    fn left_at(&self, job: JobId, accepted: u64) -> Left {
        let again = if self.submit.idempotency_key.is_some() { Again::OtherKey } else { Again::Restart };
        Left { job, accepted, server: self.server.address().clone(), again }
    }

    /// Forgets the job: it is sealed, or was never opened.
    fn forget(&self) {
        if let Err(error) = self.file.forget() {
            tell(&format!(
                "{} cannot be removed: {error}\nRemove it, or add --restart to the next run.",
                self.file.path().display()
            ));
        }
    }

    fn unkept(&self, error: std::io::Error) -> Failure {
        unkept(Some(self.file.path()), error)
    }
}
