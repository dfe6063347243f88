//! Which settings apply to this Worker.

use std::sync::OnceLock;

use config::{Environment, Settings, UnknownEnvironment};
use worker::Env;

/// Something of the platform is missing or set up wrongly: the operator must act.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// A binding is missing in the wrangler file.
    #[error("binding {name}: {source}")]
    Binding {
        /// Its name.
        name: String,
        /// What the runtime says.
        source: worker::Error,
    },
    /// The var ENVIRONMENT is wrong.
    #[error(transparent)]
    Environment(#[from] UnknownEnvironment),
    /// The runtime gives no randomness.
    #[error("randomness: {0}")]
    Randomness(getrandom::Error),
}

impl PlatformError {
    /// The binding `name` could not be had.
    pub fn binding(name: &str) -> impl FnOnce(worker::Error) -> Self + '_ {
        move |source| Self::Binding { name: name.to_owned(), source }
    }
}

/// Where this Worker runs, by its var `ENVIRONMENT`.
///
/// # Errors
/// [`PlatformError`].
pub fn environment(env: &Env) -> Result<Environment, PlatformError> {
    let name = env.var("ENVIRONMENT").map_err(PlatformError::binding("ENVIRONMENT"))?;
    Ok(name.to_string().parse()?)
}

/// The settings of this Worker's environment, read once per isolate.
///
/// # Errors
/// [`PlatformError`].
pub fn settings(env: &Env) -> Result<&'static Settings, PlatformError> {
    static SETTINGS: OnceLock<Settings> = OnceLock::new();
    if let Some(settings) = SETTINGS.get() {
        return Ok(settings);
    }
    let settings = environment(env)?.settings();
    Ok(SETTINGS.get_or_init(|| settings))
}
