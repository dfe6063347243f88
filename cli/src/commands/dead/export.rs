//! `monotask dead export`: whole dead letters, a line of JSON each.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::dry_run::letters;
use super::failure::TriageFailure;
use super::filter::Filter;
use super::whole_file::WholeFile;
use crate::commands::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::on_interrupt;
use crate::moment::now;
use crate::output::tell;
use crate::pages::{List, PAGE, Pages};
use crate::pretty::one_line;
use crate::server::Server;
use crate::shown::shown;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask dead export --output dead.ndjson
  monotask dead export --fingerprint FINGERPRINT | jq -c .payload
  monotask dead export --state any --since 7d --output week.ndjson

The output is NDJSON with and without --json. Without --state these are open letters. A FILE gets its name when it is
whole; a run that fails leaves what was there before.";

/// The arguments of `monotask dead export`.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// Where to write them; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    filter: Filter,
}

impl Export {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let path = "/v1/dead-letters/export".to_owned();
        let pages = Pages::new(server, List { path, entries: "dead_letters", filter: self.filter.query(now()) });
        let bar = bar(format);
        let exported =
            if self.output == Path::new("-") { to_stdout(pages, &bar) } else { to_file(pages, &bar, &self.output) };
        bar.finish_and_clear();
        tell(&format!("exported {}", letters(exported?)));
        Ok(Exit::Fine)
    }
}

fn to_stdout(pages: Pages<'_>, bar: &ProgressBar) -> Result<u64, Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let exported = copy(pages, bar, &mut out, Failure::Unwritable)?;
    out.flush().map_err(Failure::Unwritable)?;
    Ok(exported)
}

fn to_file(pages: Pages<'_>, bar: &ProgressBar, path: &Path) -> Result<u64, Failure> {
    let unwritable = |error| TriageFailure::Unwritable(path.to_owned(), error).into();
    let mut file = WholeFile::create(path).map_err(unwritable)?;
    let (part, cleared) = (file.part(), bar.clone());
    let last_words = format!("stopped: nothing was written to {}", path.display());
    on_interrupt(move || {
        cleared.finish_and_clear();
        if let Some(part) = part {
            let _ = fs::remove_file(part);
        }
        tell(&last_words);
    });
    let exported = copy(pages, bar, &mut file, unwritable)?;
    file.finish().map_err(unwritable)?;
    Ok(exported)
}

/// Copies all letters, a line each, and counts them.
fn copy(
    mut pages: Pages<'_>,
    bar: &ProgressBar,
    out: &mut impl Write,
    unwritable: impl Fn(io::Error) -> Failure,
) -> Result<u64, Failure> {
    let mut exported = 0;
    while let Some(page) = pages.next(PAGE)? {
        for letter in &page {
            writeln!(out, "{}", shown(&one_line(letter.get()))).map_err(&unwritable)?;
        }
        exported += page.len() as u64;
        bar.set_position(exported);
    }
    Ok(exported)
}

fn bar(format: Format) -> ProgressBar {
    let target = match format {
        Format::Text => ProgressDrawTarget::stderr(),
        Format::Json => ProgressDrawTarget::hidden(),
    };
    let bar = ProgressBar::with_draw_target(None, target);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} dead letters") {
        bar.set_style(style);
    }
    bar
}
