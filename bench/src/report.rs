//! All that one run of the benchmark found.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;

use crate::compare::{Column, SingleTasks};
use crate::cost::Costs;
use crate::machine::Machine;
use crate::markdown;
use crate::outcome::About;
use crate::parse::Parsing;
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
    /// What the systems are made of, by their names.
    pub systems: BTreeMap<&'static str, About>,
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
