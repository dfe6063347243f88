//! A pack on the wire: a JSON header line, then a task per line. Sent as Text.

use std::borrow::Cow;

use serde::de::Error;
use serde::{Deserialize, Serialize};

use crate::id::{JobId, PackId};
use crate::indexes::Indexes;
use crate::kinds::Kind;
use crate::lane::Lane;
use crate::task::TaskLine;
use crate::time::Timestamp;

/// The version of the wire format that is written.
pub const VERSION: u8 = 1;

/// The header line of a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackHeader {
    /// [`VERSION`].
    pub v: u8,
    /// The job of its tasks.
    pub job: JobId,
    /// Its number within the job.
    pub pack: PackId,
    /// The kind of its tasks.
    pub kind: Kind,
    /// The lane it travels in.
    pub lane: Lane,
    /// Which attempt of its tasks this is; the first is 1.
    pub attempt: u8,
    /// Whether it is its job's callback.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub callback: bool,
    /// The index of the first task of the part that its tasks came in; their lines count from there.
    pub base: u32,
    /// When its tasks were accepted.
    pub accepted_at: Timestamp,
    /// When it was sent, or its due time if it was delayed.
    pub sent_at: Timestamp,
}

impl PackHeader {
    /// The message: this header and `lines`, each of which ends with a line break.
    pub fn message(&self, lines: &str) -> String {
        let header = serde_json::to_string(self).unwrap_or_default();
        let mut text = String::with_capacity(header.len() + 1 + lines.len());
        text.push_str(&header);
        text.push('\n');
        text.push_str(lines);
        text
    }
}

/// A pack as decoded.
#[derive(Clone, Debug)]
pub struct Pack<'a> {
    /// Its header.
    pub header: PackHeader,
    /// Its tasks in order.
    pub tasks: Vec<TaskLine<'a>>,
}

/// Why a message is no pack to us.
#[derive(Debug, thiserror::Error)]
pub enum Undecodable {
    /// A later release wrote it: to be tried again until that release runs here.
    #[error("written by a later version: {0}")]
    Later(serde_json::Error),
    /// Nobody can decode it.
    #[error("not a pack: {0}")]
    Malformed(serde_json::Error),
}

impl<'a> Pack<'a> {
    /// Decodes a message.
    ///
    /// # Errors
    /// [`Undecodable`].
    pub fn decode(text: &'a str) -> Result<Self, Undecodable> {
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        let header = read_header(first)?;
        let tasks = read_lines(rest, header.base).map_err(Undecodable::Malformed)?;
        Ok(Self { header, tasks })
    }
}

/// Reads the lines of a pack or a chunk, whose indexes count from `base`.
///
/// # Errors
/// A line that is no task, or an index beyond what a job can have.
pub fn read_lines(lines: &str, base: u32) -> Result<Vec<TaskLine<'_>>, serde_json::Error> {
    each_line(lines, base).collect()
}

/// The same, one by one.
pub fn each_line(lines: &str, base: u32) -> impl Iterator<Item = Result<TaskLine<'_>, serde_json::Error>> {
    lines.lines().map(move |line| {
        let mut task = TaskLine::usual(line).map_or_else(|| serde_json::from_str(line), Ok)?;
        task.index = task.index.checked_add(base).ok_or_else(|| serde_json::Error::custom("index out of range"))?;
        Ok(task)
    })
}

/// Those of `lines`, counted from `base`, that belong to `wanted`.
///
/// # Errors
/// A line that is no task.
pub fn select_lines<'l>(lines: &'l str, base: u32, wanted: &Indexes) -> Result<Cow<'l, str>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Index {
        i: u32,
    }
    let whole = lines.bytes().filter(|byte| *byte == b'\n').count();
    if whole == wanted.len() as usize {
        return Ok(Cow::Borrowed(lines));
    }
    let mut selected = String::new();
    for line in lines.split_inclusive('\n') {
        let Index { i } = serde_json::from_str(line)?;
        if i.checked_add(base).is_some_and(|index| wanted.contains(index)) {
            selected.push_str(line);
        }
    }
    Ok(Cow::Owned(selected))
}

/// Reads the header line of a message without looking at its tasks.
///
/// # Errors
/// [`Undecodable`].
pub fn read_header(line: &str) -> Result<PackHeader, Undecodable> {
    #[derive(Deserialize)]
    struct Version {
        v: u8,
    }
    serde_json::from_str::<PackHeader>(line).map_err(|error| match serde_json::from_str::<Version>(line) {
        Ok(Version { v }) if v > VERSION => Undecodable::Later(error),
        _ => Undecodable::Malformed(error),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::limits::PACK_HEADER_BYTES;

    fn header() -> PackHeader {
        PackHeader {
            v: VERSION,
            job: "0199f0c2a0007abc8def0123456789ab".parse().unwrap(),
            pack: PackId(3),
            kind: Kind::HttpRequest,
            lane: Lane::Bulk,
            attempt: 2,
            callback: false,
            base: 100,
            accepted_at: Timestamp::from_millis(1_792_000_000_000),
            sent_at: Timestamp::from_millis(1_792_000_001_000),
        }
    }

    #[test]
    fn the_golden_message_of_version_1_is_still_understood() {
        let golden = include_str!("../golden/pack-v1.ndjson");
        let pack = Pack::decode(golden).unwrap();
        assert_eq!(pack.header, header());
        let indexes: Vec<u32> = pack.tasks.iter().map(|task| task.index).collect();
        assert_eq!(indexes, [105, 106]);
        assert_eq!(pack.tasks[0].payload(), r#"{"url":"https://example.com/a"}"#);
        assert_eq!(pack.tasks[0].max_attempts, Some(3));
        assert_eq!(pack.tasks[1].reference.as_deref(), Some("order-7"));
        assert_eq!(pack.tasks[1].timeout().as_secs(), 10);
    }

    #[test]
    fn what_is_written_today_is_the_golden_message() {
        let golden = include_str!("../golden/pack-v1.ndjson");
        let (_, lines) = golden.split_once('\n').unwrap();
        assert_eq!(header().message(lines), golden);
    }

    #[test]
    fn the_longest_header_fits_its_room() {
        let longest = PackHeader {
            pack: PackId(u32::MAX),
            lane: Lane::Quarantine,
            attempt: u8::MAX,
            callback: true,
            base: u32::MAX,
            accepted_at: Timestamp::from_millis(u64::MAX),
            sent_at: Timestamp::from_millis(u64::MAX),
            ..header()
        };
        assert!(longest.message("").len() <= PACK_HEADER_BYTES);
    }

    #[test]
    fn lines_are_selected_by_their_index_in_the_job() {
        let lines = "{\"i\":0}\n{\"i\":1,\"p\":{}}\n{\"i\":2}\n";
        let some = [11, 12].into_iter().collect();
        assert_eq!(select_lines(lines, 10, &some).unwrap(), "{\"i\":1,\"p\":{}}\n{\"i\":2}\n");
        assert_eq!(select_lines(lines, 10, &(10..13).collect()).unwrap(), lines);
        assert_eq!(select_lines(lines, 10, &Indexes::new()).unwrap(), "");
    }

    #[test]
    fn a_later_version_is_not_taken_for_rubbish() {
        let later = r#"{"v":2,"job":"?"}"#;
        assert!(matches!(Pack::decode(later), Err(Undecodable::Later(_))));
        for rubbish in ["", "null", "{}", "{\"v\":1}", "hello", "{\"v\":\"2\"}"] {
            assert!(matches!(Pack::decode(rubbish), Err(Undecodable::Malformed(_))), "{rubbish}");
        }
        let torn = header().message("{\"i\":1");
        assert!(matches!(Pack::decode(&torn), Err(Undecodable::Malformed(_))));
    }

    proptest! {
        #[test]
        fn decoding_never_panics(text in ".*") {
            let _ = Pack::decode(&text);
        }
    }
}
