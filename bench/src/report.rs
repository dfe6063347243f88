//! All that one run of the benchmark found.

use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;

use crate::compare::{Column, SingleTasks};
use crate::cost::Costs;
use crate::machine::Machine;
use crate::markdown;
use crate::parse::Parsing;
use crate::system::System;
use crate::wasm::Worker;

/// The report. What was not asked for is missing.
#[derive(Debug, Serialize)]
pub struct Report {
    /// When it began, in UTC.
    pub began: String,
    /// How long it took, in seconds.
    pub took_s: u64,
    /// Where.
    pub machine: Machine,
    /// Rounds of each measure.
    pub rounds: usize,
    /// Many tasks at once.
    pub bulk: Vec<Column>,
    /// Single tasks.
    pub single: Vec<SingleTasks>,
    /// Dollars.
    pub cost: Option<Costs>,
    /// The Workers.
    pub wasm: Option<Vec<Worker>>,
    /// Reading a submission.
    pub parsing: Option<Parsing>,
}

impl Report {
    /// Whether MonoTask did all of its rounds. Another system may be missing or break: that is told in its place.
    pub fn is_whole(&self) -> bool {
        let ours = |name: &str| name == System::MonoTask.name();
        let bulk = self.bulk.iter().filter(|column| ours(column.system)).all(|column| column.accepted_per_s.is_some());
        let single = self.single.iter().filter(|found| ours(found.system)).all(|found| found.p50_ms.is_some());
        bulk && single && self.cost.is_some() && self.wasm.is_some() && self.parsing.is_some()
    }

    /// Writes `<day>.json` and `<day>.md` into `folder`.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<[std::path::PathBuf; 2]> {
        fs::create_dir_all(folder)?;
        let name = self.began.split('T').next().unwrap_or("report");
        let (json, md) = (folder.join(format!("{name}.json")), folder.join(format!("{name}.md")));
        fs::write(&json, serde_json::to_string_pretty(self)? + "\n")?;
        fs::write(&md, markdown::of(self))?;
        Ok([json, md])
    }
}
