//! Turns a compiled Worker into what wrangler runs: the JavaScript around the wasm, and an entry in front of it.
//!
//! `bundler WASM FOLDER` writes into FOLDER:
//!
//! - `worker_bg.wasm` and `worker.js`: the Worker and its glue, by wasm-bindgen;
//! - `index.js`: the entry, which gives the runtime its handlers and its Durable Objects (`entry.js`).
//!
//! `--keep-names` leaves the names of functions in, for the profiler.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

const USAGE: &str = "usage: bundler [--keep-names] WASM FOLDER";
const ENTRY: &str = include_str!("entry.js");

fn main() -> Result<()> {
    let (options, paths): (Vec<_>, Vec<_>) = env::args().skip(1).partition(|word| word.starts_with("--"));
    let keep_names = match &*options {
        [] => false,
        [option] if option == "--keep-names" => true,
        _ => bail!(USAGE),
    };
    let [wasm, folder] = <[String; 2]>::try_from(paths).map_err(|_| anyhow::anyhow!(USAGE))?.map(PathBuf::from);
    bundle(&wasm, &folder, keep_names).with_context(|| format!("cannot bundle {}", wasm.display()))
}

fn bundle(wasm: &Path, folder: &Path, keep_names: bool) -> Result<()> {
    fs::create_dir_all(folder)?;
    Bindgen::new()
        .input_path(wasm)
        .out_name("worker")
        .module(true)?
        .remove_name_section(!keep_names)
        .remove_producers_section(true)
        .generate(folder)?;
    let glue_file = folder.join("worker.js");
    let glue = fs::read_to_string(&glue_file)?;
    fs::write(folder.join("index.js"), entry(&glue))?;
    // Workers import a wasm file as a module by the plain word.
    fs::write(&glue_file, glue.replace("import source ", "import "))?;
    Ok(())
}

/// The entry, with an export for each class that takes requests: those are the Worker's Durable Objects.
fn entry(glue: &str) -> String {
    let classes = glue.split("\nexport class ").skip(1).filter_map(|class| {
        let (name, body) = class.split_once(' ')?;
        let body = body.split("\n}\n").next()?;
        body.contains("\n    fetch(").then_some(name)
    });
    let exports = classes.map(|class| format!("export const {class} = durableObject(worker.{class});\n"));
    format!("{ENTRY}\n{}", exports.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::{ENTRY, entry};

    #[test]
    fn each_class_that_takes_requests_is_exported_as_a_durable_object() {
        let glue = "\nexport class R2Range {\n    free() {\n    }\n}\nexport class JobLedger {\n    free() {\n    }\n    fetch(req) {\n    }\n}\nexport function fetch(req) {\n}\n";
        assert_eq!(entry(glue), format!("{ENTRY}\nexport const JobLedger = durableObject(worker.JobLedger);\n"));
    }
}
