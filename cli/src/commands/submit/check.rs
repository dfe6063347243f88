//! What can be known of a file before any of it is accepted: parts are not all or nothing, but a file that is wrong
//! should be refused as a whole.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::Path;
use std::time::SystemTime;

use domain::kinds::Kind;
use domain::kinds::http_request::HostRule;
use domain::limits::PROBLEM_ERRORS;
use domain::submission::{JobOptions, Refusal, Rules, ndjson_job};
use domain::time::Timestamp;

use super::bar::Bar;
use super::failure::PartsFailure;
use super::split::{Place, Split};
use crate::failure::Failure;
use crate::problem::Problem;

/// Reads `file` once and checks each line as the server will. Only what the server's settings say, such as the hosts
/// that tasks may call, is left to the server.
pub(super) fn check(
    path: &Path,
    file: &mut File,
    part_bytes: usize,
    kind: Option<Kind>,
    bar: &Bar,
) -> Result<(), Failure> {
    let unreadable = |error| Failure::Unreadable(path.to_owned(), error);
    let rules = Rules { now: now(), start: None, kinds: &Kind::ALL, hosts: &HostRule::Any, cap: &|_| usize::MAX };
    let options = JobOptions { kind, ..JobOptions::default() };
    let mut wrong = Problem::default();
    let mut parts = Split::new(&mut *file, part_bytes, Place::default());
    while let Some(part) = parts.next().map_err(|uncut| uncut.failure(path))? {
        if let Err(Refusal::Unreadable(faults) | Refusal::Wrong(faults)) =
            ndjson_job(&part.body, options.clone(), &rules)
        {
            wrong.errors.extend(Problem::of(faults).after(part.begin.lines).errors);
        }
        if wrong.errors.len() >= PROBLEM_ERRORS {
            break;
        }
        bar.checked(part.end.bytes);
    }
    if !wrong.errors.is_empty() {
        return Err(PartsFailure::WrongLines(path.to_owned(), wrong).into());
    }
    if parts.place().parts == 0 {
        return Err(PartsFailure::NoTasks(path.to_owned()).into());
    }
    file.seek(SeekFrom::Start(0)).map(|_| ()).map_err(unreadable)
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
