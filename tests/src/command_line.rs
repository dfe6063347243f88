//! The command line, `monotask`, built where the tests are.

use std::process::{Command, Stdio};
use std::sync::Once;

use crate::pipeline::{DEVELOPMENT_KEY, Pipeline};
use crate::root;

/// `monotask`, that speaks to `pipeline` and asks nobody.
///
/// # Panics
/// If it cannot be built.
pub fn monotask(pipeline: &Pipeline) -> Command {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let args = ["build", "--quiet", "--package", "cli"];
        let built = Command::new(env!("CARGO")).args(args).current_dir(root()).status();
        assert!(built.unwrap().success(), "the command line could not be built");
    });
    let folder = std::env::current_exe().unwrap().parent().and_then(|deps| deps.parent()).unwrap().to_owned();
    let mut command = Command::new(folder.join("monotask"));
    command.env("MONOTASK_URL", format!("http://127.0.0.1:{}", pipeline.port())).env("MONOTASK_KEY", DEVELOPMENT_KEY);
    command.stdin(Stdio::null());
    command
}
