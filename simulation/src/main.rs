//! Writes `docs/scale.md` and its plots: `cargo run --release -p simulation`, or `make scale`.

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::{fs, io};

use simulation::document::{Results, document};
use simulation::plots;
use simulation::study::{cases, run_all};

fn main() -> Result<(), Box<dyn Error>> {
    let cases = cases();
    let all = cases.len();
    let ran = run_all(cases, &|done| {
        if done % 10 == 0 {
            // Progress is no result: whether it can be shown does not matter.
            let _ = writeln!(io::stderr(), "scale: {done} of {all} runs");
        }
    })?;
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let results = Results::of(ran);
    fs::create_dir_all(docs.join("scale"))?;
    for (name, plot) in plots::all(&results)? {
        fs::write(docs.join("scale").join(name), plot)?;
    }
    fs::write(docs.join("scale.md"), document(&results))?;
    writeln!(io::stderr(), "scale: docs/scale.md is written")?;
    Ok(())
}
