//! What is read from a file for a schedule.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use serde_json::value::RawValue;

use super::failure::ScheduleFailure;
use crate::failure::Failure;
use crate::output::tell;

/// The most that the definition of a schedule may have, in bytes: the server answers 413 to more.
pub(super) const DEFINITION_BYTES: usize = 128 << 10;

/// The JSON in `path`, as it was written; `-` is standard input.
pub(super) fn json(path: &Path) -> Result<Box<RawValue>, Failure> {
    let text = text(path)?;
    serde_json::from_str(&text).map_err(|error| ScheduleFailure::NotJson(path.to_owned(), error).into())
}

/// The JSON in each line of `path` that is not blank.
pub(super) fn ndjson(path: &Path) -> Result<Vec<Box<RawValue>>, Failure> {
    let text = text(path)?;
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let read = lines.map(|(at, line)| {
        serde_json::from_str(line).map_err(|error| ScheduleFailure::NotJsonLine(path.to_owned(), at, error).into())
    });
    read.collect()
}

fn text(path: &Path) -> Result<String, Failure> {
    let unreadable = |error| Failure::Unreadable(path.to_owned(), error);
    let mut text = Vec::new();
    // One byte more than is allowed tells that there is too much, however much that is.
    let limit = DEFINITION_BYTES as u64 + 1;
    if path == Path::new("-") {
        if io::stdin().is_terminal() {
            tell("reading from the terminal; Ctrl-D ends");
        }
        io::stdin().take(limit).read_to_end(&mut text).map_err(unreadable)?;
    } else {
        File::open(path).map_err(unreadable)?.take(limit).read_to_end(&mut text).map_err(unreadable)?;
    }
    if text.len() > DEFINITION_BYTES {
        return Err(ScheduleFailure::TooLarge(path.to_owned()).into());
    }
    String::from_utf8(text).map_err(|error| unreadable(io::Error::new(io::ErrorKind::InvalidData, error)))
}
