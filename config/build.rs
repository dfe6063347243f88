//! Reads and checks the settings of every environment, so that a wrong one never gets as far as a deploy, and leaves
//! them as JSON, so that the Workers need no TOML.

#[path = "src/check.rs"]
mod check;
#[path = "src/settings.rs"]
mod settings;

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::var("OUT_DIR")?;
    for environment in ["development", "production"] {
        let path = format!("settings/{environment}.toml");
        println!("cargo::rerun-if-changed={path}");
        let text = std::fs::read_to_string(&path)?;
        let settings: settings::Settings = toml::from_str(&text).map_err(|error| format!("config/{path}: {error}"))?;
        for error in check::check(&settings) {
            println!("cargo::error=config/{path}: {error}");
        }
        let json = serde_json::to_string(&settings)?;
        std::fs::write(Path::new(&out).join(format!("{environment}.json")), json)?;
    }
    println!("cargo::rerun-if-changed=src");
    Ok(())
}
