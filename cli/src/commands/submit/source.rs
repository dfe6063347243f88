//! Where tasks come from.

use std::fs::File;
use std::io::{self, Cursor, IsTerminal, Read};
use std::path::{Path, PathBuf};

use domain::limits::BODY_BYTES;

use super::BodyFormat;
use super::record::Stamp;
use super::split::PART_BYTES;
use crate::failure::Failure;
use crate::output::tell;

/// Tasks as they can be had.
pub(super) enum Source {
    /// All of them, few enough for one request.
    Whole(Vec<u8>),
    /// NDJSON in a file, to be read from anywhere and again.
    File(SourceFile),
    /// More NDJSON than fits a part, to be read once.
    Stream(Box<dyn Read + Send>),
}

/// A file that stays where it is.
pub(super) struct SourceFile {
    /// The file.
    pub(super) file: File,
    /// Where it is, wherever the command was typed.
    pub(super) path: PathBuf,
    /// What it was when it was opened.
    pub(super) stamp: Stamp,
}

impl Source {
    /// Opens `path`; `-` is standard input.
    pub(super) fn open(path: &Path, format: BodyFormat) -> Result<Self, Failure> {
        let unreadable = |error| Failure::Unreadable(path.to_owned(), error);
        if path == Path::new("-") {
            if io::stdin().is_terminal() {
                tell("reading tasks from the terminal, one per line; Ctrl-D ends");
            }
            return Self::begin(path, io::stdin(), format);
        }
        let file = File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if format == BodyFormat::Ndjson && metadata.is_file() {
            let path = path.canonicalize().map_err(unreadable)?;
            return Ok(Self::File(SourceFile { file, path, stamp: Stamp::of(&metadata) }));
        }
        Self::begin(path, file, format)
    }

    /// Reads `from` until it is known whether one request can take all of it.
    pub(super) fn begin(
        path: &Path,
        mut from: impl Read + Send + 'static,
        format: BodyFormat,
    ) -> Result<Self, Failure> {
        let limit = match format {
            BodyFormat::Ndjson => PART_BYTES,
            BodyFormat::Json => BODY_BYTES,
        };
        let mut body = Vec::new();
        let read = from.by_ref().take(limit as u64 + 1).read_to_end(&mut body);
        read.map_err(|error| Failure::Unreadable(path.to_owned(), error))?;
        match format {
            _ if body.len() <= limit => Ok(Self::Whole(body)),
            BodyFormat::Ndjson => Ok(Self::Stream(Box::new(Cursor::new(body).chain(from)))),
            BodyFormat::Json => Err(Failure::TooLarge(path.to_owned())),
        }
    }
}
